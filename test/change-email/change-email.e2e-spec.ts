import { addressOf, askForChange, makeEmail, provenByLink } from '../support/addresses.js';
import { eventually } from '../support/barrier.js';
import { newCookies, refusal } from '../support/expectations.js';
import { addNotes, NO_RETRY, notesOf } from '../support/links.js';
import {
  askForLink,
  askForVerification,
  Mailbox,
  mailboxOf,
  pressVerify,
  redeem,
  verify,
} from '../support/mailbox.js';
import { anotherBrowser, bearer, newAccount, newGuest } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

describe.each(['express', 'fastify'] as const)('a change of address on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({
      adapter,
      extras: { mailer: Mailbox },
      options: { linking: NO_RETRY },
    });
  });
  afterAll(() => host.close());

  const signIn = (email: string, password: string) =>
    host.browser().post('/auth/sign-in/email', { email, password });

  it('waits for the proof, then signs out everybody but the browser of the account', async () => {
    const account = await provenByLink(host);
    const { client, userId, email, password } = account;
    await addNotes(client, 'mine');
    const other = await anotherBrowser(host, account);
    const newEmail = makeEmail();
    const token = await askForChange(host, client, newEmail);
    expect(await addressOf(host, userId)).toEqual({ email, email_verified: true, proofs: [email] });
    const answer = await verify(client, token);
    expect(answer).toMatchObject({
      status: 200,
      body: {
        status: true,
        token: expect.any(String),
        user: { id: userId, email: newEmail, emailVerified: true },
        session: { userId },
        link: null,
      },
    });
    expect(await addressOf(host, userId)).toEqual({
      email: newEmail,
      email_verified: true,
      proofs: [newEmail],
    });
    expect((await client.get('/access/account')).body.userId).toBe(userId);
    expect(newCookies(answer).filter((line) => line.startsWith('__Host-session='))).toHaveLength(1);
    for (const dead of [other.client, bearer(host, account.token)]) {
      expect((await dead.get('/access/account')).status).toBe(401);
    }
    expect((await signIn(email, password)).status).toBe(401);
    expect((await signIn(newEmail, password)).body.user.id).toBe(userId);
    expect(await notesOf(host, userId)).toEqual(['mine']);
    // The old address is anybody's again.
    const next = await redeem(host.browser(), await askForLink(host, host.browser(), email));
    expect(next.body.user.id).not.toBe(userId);
  });

  it('tells the old address, with no link in the mail', async () => {
    const { client, email } = await provenByLink(host);
    const newEmail = makeEmail();
    await verify(client, await askForChange(host, client, newEmail));
    const letter = await eventually('the notice', () =>
      mailboxOf(host).letters.find(({ to, subject }) => to === email && /changed/.test(subject)),
    );
    expect(`${letter.text}${letter.html}`).not.toMatch(/https?:|href/);
    expect(letter.text).not.toContain(newEmail);
  });

  it('leaves nobody signed in when it is confirmed in another browser', async () => {
    const { client, userId } = await provenByLink(host);
    const guest = await newGuest(host);
    const newEmail = makeEmail();
    const token = await askForChange(host, client, newEmail);
    const { status, body, headers } = await verify(guest.client, token);
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { status: true, token: null, session: null, link: null, user: { email: newEmail } },
    });
    expect(headers.getSetCookie()).toEqual([]);
    expect((await guest.client.get('/access/guest')).body.userId).toBe(guest.userId);
    expect((await client.get('/access/account')).status).toBe(401);
    expect((await addressOf(host, userId)).email).toBe(newEmail);
  });

  it('gives whoever made somebody else confirm it no way into what is theirs from then on', async () => {
    const attacker = await provenByLink(host);
    const victim = makeEmail();
    await verify(host.browser(), await askForChange(host, attacker.client, victim));
    expect((await signIn(victim, attacker.password)).status).toBe(401);
    const owner = host.browser();
    const { body } = await redeem(owner, await askForLink(host, owner, victim));
    expect(body.user.id).toBe(attacker.userId);
    expect((await owner.get('/auth/list-accounts')).body).toEqual([
      expect.objectContaining({ providerId: 'email', accountId: victim }),
    ]);
  });

  it('is confirmed on a page that says whose account it is about', async () => {
    const { client, email } = await provenByLink(host);
    const newEmail = makeEmail();
    const token = await askForChange(host, client, newEmail, { callbackURL: '/account' });
    const page = await client.get(`/auth/verify-email/open?token=${token}`);
    expect(page.text).toContain(newEmail);
    expect(page.text).toContain(email);
    expect(page.text).not.toContain('type="password"');
    const { status, headers } = await pressVerify(client, token);
    expect({ status, to: headers.get('location') }).toEqual({ status: 303, to: '/account' });
    expect((await client.get('/auth/get-session')).body.user.email).toBe(newEmail);
  });

  it('says on the page that it is done where nobody is signed in', async () => {
    const { client } = await provenByLink(host);
    const token = await askForChange(host, client, makeEmail());
    const { status, text } = await pressVerify(host.browser(), token);
    expect(status).toBe(200);
    expect(text).toContain('signed out everywhere');
  });

  it('is refused at the request for an address that an account has proven, or for its own', async () => {
    const [account, other] = [await provenByLink(host), await provenByLink(host)];
    const mails = mailboxOf(host).letters.length;
    expect(
      await account.client.post('/auth/change-email', { newEmail: other.email.toUpperCase() }),
    ).toMatchObject(refusal(409, 'EMAIL_TAKEN'));
    expect(
      await account.client.post('/auth/change-email', { newEmail: account.email.toUpperCase() }),
    ).toMatchObject({ status: 400, body: { errors: [{ field: 'newEmail' }] } });
    expect(mailboxOf(host).letters).toHaveLength(mails);
  });

  it('is refused in the end for an address that somebody proved meanwhile, and keeps all else', async () => {
    const account = await provenByLink(host);
    const newEmail = makeEmail();
    const token = await askForChange(host, account.client, newEmail);
    await redeem(host.browser(), await askForLink(host, host.browser(), newEmail));
    expect(await verify(account.client, token)).toMatchObject(refusal(409, 'EMAIL_TAKEN'));
    expect((await addressOf(host, account.userId)).email).toBe(account.email);
    expect((await account.client.get('/access/account')).status).toBe(200);
  });

  it('takes the address from an account that never proved it, which keeps all else', async () => {
    const account = await provenByLink(host);
    const squatter = await newAccount(host, { password: 'of the squatter alone' });
    await addNotes(squatter.client, 'of the squatter');
    const pending = await askForVerification(host, squatter.client, squatter.email);
    const token = await askForChange(host, account.client, squatter.email);
    expect((await verify(account.client, token)).body.user).toMatchObject({
      id: account.userId,
      email: squatter.email,
    });
    expect((await squatter.client.get('/access/account')).body.userId).toBe(squatter.userId);
    expect(await addressOf(host, squatter.userId)).toEqual({
      email: null,
      email_verified: false,
      proofs: [],
    });
    expect(await notesOf(host, squatter.userId)).toEqual(['of the squatter']);
    expect((await signIn(squatter.email, squatter.password)).status).toBe(401);
    expect(await verify(squatter.client, pending)).toMatchObject(
      refusal(400, 'INVALID_OR_EXPIRED'),
    );
    // It can have an address again.
    const fresh = makeEmail();
    await verify(squatter.client, await askForChange(host, squatter.client, fresh));
    expect((await signIn(fresh, squatter.password)).body.user.id).toBe(squatter.userId);
  });

  it('needs a sign-in of the last day', async () => {
    const { client, userId } = await provenByLink(host);
    await host.sql(
      "UPDATE sessions SET created_at = now() - interval '25 hours' WHERE user_id = $1",
      [userId],
    );
    expect(await client.post('/auth/change-email', { newEmail: makeEmail() })).toMatchObject(
      refusal(400, 'SESSION_EXPIRED'),
    );
  });

  it('is for accounts', async () => {
    const guest = await newGuest(host);
    const newEmail = makeEmail();
    expect(await guest.client.post('/auth/change-email', { newEmail })).toMatchObject(
      refusal(403, 'UPGRADE_REQUIRED'),
    );
    expect(await host.browser().post('/auth/change-email', { newEmail })).toMatchObject(
      refusal(401, 'UNAUTHORIZED'),
    );
    expect(await guest.client.get('/auth/get-session')).toMatchObject({
      body: { user: { email: null, isAnonymous: true } },
    });
  });

  it('takes one address and nothing else', async () => {
    const { client } = await newAccount(host);
    for (const body of [
      { newEmail: 'a@x.example,b@y.example' },
      { newEmail: 'a@x.example\r\nBcc: v@y.example' },
      { newEmail: null },
      { newEmail: makeEmail(), userId: 'x' },
      {},
    ]) {
      expect(await client.post('/auth/change-email', body)).toMatchObject(
        refusal(400, 'VALIDATION_FAILED'),
      );
    }
  });
});
