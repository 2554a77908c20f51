import { addNotes, NO_RETRY, notesOf } from '../support/links.js';
import { askForLink, redeem, startMailApp } from '../support/mailbox.js';
import { type AccountHolder, bearer, newAccount, newGuest } from '../support/people.js';
import { closeApps } from '../support/running-apps.js';
import type { TestApp } from '../support/test-app.js';

afterEach(closeApps);

const start = () => startMailApp({ options: { linking: NO_RETRY } });
const email = 'victim@example.com';
const password = 'the password of whoever came first';

const stored = async (host: TestApp, userId: string) => {
  const [user] = await host.sql<{ email_verified: boolean; epoch: number }>(
    'SELECT email_verified, epoch FROM users WHERE id = $1',
    [userId],
  );
  const providers = await host.sql<{ provider: string }>(
    'SELECT provider FROM identities WHERE user_id = $1',
    [userId],
  );
  return { ...user, providers: providers.map(({ provider }) => provider).toSorted() };
};

/** Nothing from before opens anything. */
async function expectLockedOut(host: TestApp, { client, token }: AccountHolder): Promise<void> {
  expect(await client.get('/access/session')).toMatchObject({ status: 401 });
  expect(await client.post('/access/write')).toMatchObject({ status: 401 });
  expect(await bearer(host, token).get('/access/account')).toMatchObject({ status: 401 });
  expect(await host.browser().post('/auth/sign-in/email', { email, password })).toMatchObject({
    status: 401,
    body: { code: 'INVALID_EMAIL_OR_PASSWORD' },
  });
}

describe('the first proof of an address', () => {
  it('keeps the row and takes every older way in from an account that somebody else registered', async () => {
    const host = await start();
    const squatter = await newAccount(host, { email, password });
    await addNotes(squatter.client, 'left behind');
    const second = await host.browser().post('/auth/sign-in/email', { email, password });
    const owner = host.browser();
    const { body } = await redeem(owner, await askForLink(host, owner, email));
    expect(body.user).toMatchObject({ id: squatter.userId, email, emailVerified: true });
    await expectLockedOut(host, squatter);
    expect(await bearer(host, second.body.token).get('/access/session')).toMatchObject({
      status: 401,
    });
    expect(await stored(host, squatter.userId)).toEqual({
      email_verified: true,
      epoch: 1,
      providers: ['email'],
    });
    expect((await owner.get('/access/account')).body.userId).toBe(squatter.userId);
    expect(await notesOf(host, squatter.userId)).toEqual(['left behind']);
  });

  it('does so too when the squatter was a guest that upgraded', async () => {
    const host = await start();
    const guest = await newGuest(host);
    const old = guest.token;
    const { body } = await guest.client.post('/auth/anonymous/upgrade', { email, password });
    const squatter = { ...guest, token: body.token, email, password };
    const owner = host.browser();
    await redeem(owner, await askForLink(host, owner, email));
    await expectLockedOut(host, squatter);
    expect(await bearer(host, old).get('/access/session')).toMatchObject({ status: 401 });
  });

  it('brings the guest of the owner along, and nobody else gets at it', async () => {
    const host = await start();
    const squatter = await newAccount(host, { email, password });
    const owner = host.browser();
    await addNotes(owner, 'of the owner');
    const { body } = await redeem(owner, await askForLink(host, owner, email));
    expect(body.link).toMatchObject({ status: 'merged' });
    expect(await notesOf(host, body.user.id)).toEqual(['of the owner']);
    await expectLockedOut(host, squatter);
  });

  it('just proves it in the browser that holds the session of the account', async () => {
    const host = await start();
    const account = await newAccount(host, { email, password });
    const { status, body } = await redeem(
      account.client,
      await askForLink(host, account.client, email),
    );
    expect({ status, id: body.user.id }).toEqual({ status: 200, id: account.userId });
    expect(await stored(host, account.userId)).toEqual({
      email_verified: true,
      epoch: 0,
      providers: ['email', 'password'],
    });
    const signIn = await host.browser().post('/auth/sign-in/email', { email, password });
    expect(signIn.status).toBe(200);
  });

  it('takes no word of a session that has ended', async () => {
    const host = await start();
    const account = await newAccount(host, { email, password });
    const client = bearer(host, account.token);
    await account.client.post('/auth/sign-out', {});
    const token = await askForLink(host, host.browser(), email);
    expect((await redeem(client, token)).status).toBe(200);
    await expectLockedOut(host, account);
  });

  it('takes nothing of an account whose address was proven before', async () => {
    const host = await start();
    const account = await newAccount(host, { email, password });
    await redeem(account.client, await askForLink(host, account.client, email));
    const phone = host.browser();
    await redeem(phone, await askForLink(host, phone, email));
    for (const client of [account.client, phone]) {
      expect((await client.get('/access/account')).body).toMatchObject({ userId: account.userId });
    }
    expect((await stored(host, account.userId)).providers).toEqual(['email', 'password']);
  });

  it('comes too late with a link from before another proof', async () => {
    const host = await start();
    const account = await newAccount(host, { email, password });
    const pending = await askForLink(host, host.browser(), email);
    // Whatever raises the epoch: a reset, a change of the address, a proof by another method.
    await host.sql('UPDATE users SET epoch = epoch + 1 WHERE id = $1', [account.userId]);
    await host.sql('DELETE FROM sessions WHERE user_id = $1', [account.userId]);
    expect(await redeem(host.browser(), pending)).toMatchObject({
      status: 400,
      body: { code: 'INVALID_OR_EXPIRED' },
    });
    expect((await stored(host, account.userId)).email_verified).toBe(false);
  });

  it('wins over an account that is made with the address while the mail is on its way', async () => {
    const host = await start();
    const owner = host.browser();
    const token = await askForLink(host, owner, email);
    const squatter = await newAccount(host, { email, password });
    const { body } = await redeem(owner, token);
    expect(body.user).toMatchObject({ id: squatter.userId, emailVerified: true });
    await expectLockedOut(host, squatter);
  });
});
