import { randomUUID } from 'node:crypto';
import { refusal } from '../support/expectations.js';
import { addNotes, guestWithNotes, NO_RETRY, notesOf } from '../support/links.js';
import {
  askForLink,
  askForVerification,
  Mailbox,
  mailedToken,
  redeem,
  verify,
} from '../support/mailbox.js';
import { expectCleanDatabase } from '../support/checker.js';
import type { HttpClient } from '../support/http-client.js';
import { anotherBrowser, bearer, newAccount } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

/** An attacker has been at the victim's address first. Whatever they have prepared is worth nothing afterwards. */
const attackers = 'the password of the attacker';
const victims = 'the password of the victim';
const newEmail = () => `victim-${randomUUID()}@example.com`;
const modes = ['optional', 'required'] as const;

describe.each(modes)('an account that was prepared for somebody, verification %s', (mode) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({
      extras: { mailer: Mailbox },
      options: { linking: NO_RETRY, emailVerification: mode },
    });
  });
  afterAll(async () => {
    await expectCleanDatabase(host.databaseUrl);
    await host.close();
  });

  const upgrade = (client: HttpClient, email: string, password: string) =>
    client.post('/auth/anonymous/upgrade', { email, password });
  const signIn = (email: string, password: string) =>
    host.browser().post('/auth/sign-in/email', { email, password });

  /** A guest of the attacker that has rows and has taken, or asked for, the address; every credential that it had. */
  async function prepare(email: string) {
    const guest = await guestWithNotes(host, 'bait');
    const { body } = await upgrade(guest.client, email, attackers);
    const cookies = host.browser();
    guest.client.cookies.copyTo(cookies.cookies);
    const tokens = [guest.token, body.token].filter((token): token is string => token !== null);
    return { ...guest, cookies, tokens };
  }
  type Prepared = Awaited<ReturnType<typeof prepare>>;

  /** Whoever still holds what the attacker held is at most the guest that they were. */
  async function expectNoAccount({ client, cookies, tokens }: Prepared, email: string) {
    const holders = [client, cookies, ...tokens.map((token) => bearer(host, token))];
    for (const holder of holders) {
      expect((await holder.get('/access/account')).status).not.toBe(200);
    }
    expect(await signIn(email, attackers)).toMatchObject(refusal(401, 'INVALID_EMAIL_OR_PASSWORD'));
  }

  it('keeps no way in when the owner comes by a magic link', async () => {
    const email = newEmail();
    const attacker = await prepare(email);
    const owner = host.browser();
    await addNotes(owner, 'of the owner');
    const { body } = await redeem(owner, await askForLink(host, owner, email));
    await expectNoAccount(attacker, email);
    expect((await owner.get('/access/account')).body.userId).toBe(body.user.id);
    // Without a proof the row is a guest's still; a row that had the address is the owner's, if they were honest.
    expect(await notesOf(host, body.user.id)).toEqual(
      mode === 'required' ? ['of the owner'] : ['bait', 'of the owner'],
    );
    expect(body.user.id === attacker.userId).toBe(mode === 'optional');
  });

  it('keeps no way in when the owner signs up, and asks for the mail again', async () => {
    const email = newEmail();
    const attacker = await prepare(email);
    const owner = host.browser();
    await owner.post('/auth/sign-up/email', { email, password: victims });
    const token = await askForVerification(host, owner, email);
    const { body } = await verify(owner, token);
    expect(body.user).toMatchObject({ email, emailVerified: true });
    await expectNoAccount(attacker, email);
    expect((await owner.get('/access/account')).body.userId).toBe(body.user.id);
  });

  it('keeps no way in when the owner opens the mail that the attacker has caused', async () => {
    const email = newEmail();
    const token = await mailedToken(host, email, 'verify-email', async () => {
      const attacker = await guestWithNotes(host, 'bait');
      await upgrade(attacker.client, email, attackers);
    });
    const owner = await guestWithNotes(host, 'private');
    const { body } = await verify(owner.client, token);
    expect(body.user.email).toBe(email);
    expect(await signIn(email, attackers)).toMatchObject({ status: 401 });
    // Nobody has shown that the guest of the owner belongs there.
    expect(await notesOf(host, owner.userId)).toEqual(['private']);
  });

  it('keeps no session over the proof', async () => {
    const email = newEmail();
    const attacker = await prepare(email);
    const owner = host.browser();
    await redeem(owner, await askForLink(host, owner, email));
    for (const token of attacker.tokens) {
      const client = bearer(host, token);
      expect((await client.get('/access/account')).status).not.toBe(200);
      expect((await client.get('/auth/list-accounts')).status).not.toBe(200);
    }
    expect(
      await host.sql(
        'SELECT 1 FROM sessions s JOIN users u ON u.id = s.user_id WHERE u.email = $1',
        [email],
      ),
    ).toHaveLength(1);
  });

  it('gets no second way in: a guest attaches nothing, and a merge moves no identity', async () => {
    const guest = await guestWithNotes(host, 'mine');
    for (const [path, body] of [
      ['/auth/change-email', { newEmail: newEmail() }],
      ['/auth/set-password', { newPassword: attackers }],
      ['/auth/change-password', { currentPassword: attackers, newPassword: attackers }],
      ['/auth/update-user', { name: 'x' }],
    ] as const) {
      expect(await guest.client.post(path, body)).toMatchObject(refusal(403, 'UPGRADE_REQUIRED'));
    }
    expect(await host.sql('SELECT 1 FROM identities WHERE user_id = $1', [guest.userId])).toEqual(
      [],
    );
    expect(await guest.client.get('/auth/get-session')).toMatchObject({
      body: { user: { isAnonymous: true, email: null } },
    });
  });
});

describe('what was under way in an account', () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ extras: { mailer: Mailbox }, options: { linking: NO_RETRY } });
  });
  afterAll(() => host.close());

  it('is void after the first proof: links that the attacker has asked for and may have read', async () => {
    const attacker = await newAccount(host);
    const stolen = await askForVerification(host, attacker.client, attacker.email);
    const owner = host.browser();
    const { body } = await redeem(owner, await askForLink(host, owner, attacker.email));
    expect(body.user.id).toBe(attacker.userId);
    for (const more of [{}, { password: attacker.password }]) {
      expect(await verify(attacker.client, stolen, more)).toMatchObject(
        refusal(400, 'INVALID_OR_EXPIRED'),
      );
    }
    expect((await owner.get('/access/account')).status).toBe(200);
  });

  it('is void when the owner comes back before a thief confirms another address', async () => {
    const owner = await newAccount(host);
    const thief = await anotherBrowser(host, owner);
    const newEmail = `thief-${randomUUID()}@example.com`;
    const token = await mailedToken(host, newEmail, 'verify-email', () =>
      thief.client.post('/auth/change-email', { newEmail }),
    );
    // The first proof, from a browser that is not signed in, takes every older way in.
    const back = host.browser();
    await redeem(back, await askForLink(host, back, owner.email));
    expect(await verify(thief.client, token)).toMatchObject(refusal(400, 'INVALID_OR_EXPIRED'));
    expect((await back.get('/auth/get-session')).body.user).toMatchObject({
      id: owner.userId,
      email: owner.email,
    });
  });

  it('takes nothing from a guest that opens the mail of somebody else', async () => {
    const attacker = await newAccount(host);
    const token = await askForVerification(host, attacker.client, attacker.email);
    const victim = await guestWithNotes(host, 'private');
    const { body } = await verify(victim.client, token, { password: attacker.password });
    expect(body.user.id).toBe(attacker.userId);
    expect(await notesOf(host, victim.userId)).toEqual(['private']);
    expect(body.link).toMatchObject({ status: 'awaiting-consent', policy: 'both-sides' });
  });
});
