import { expectCleanDatabase } from '../support/checker.js';
import { newCookies, refusal } from '../support/expectations.js';
import { signIn } from '../support/links.js';
import { anotherBrowser, bearer, newAccount, newSsoAccount } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

const path = '/auth/change-password';
const newPassword = 'a better horse battery';

describe.each(['express', 'fastify'] as const)('changing the password on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ adapter });
  });
  afterAll(() => host.close());

  const tryWith = (email: string, password: string) =>
    signIn({ client: host.browser() }, { email, password });

  async function twoBrowsers() {
    const account = await newAccount(host);
    return { account, other: await anotherBrowser(host, account) };
  }

  it('lets the new one in and the old one no more, and leaves other sessions alone', async () => {
    const { account, other } = await twoBrowsers();
    const { email, password } = account;
    const answer = await account.client.post(path, { currentPassword: password, newPassword });
    expect(answer).toMatchObject({
      status: 200,
      body: { token: null, user: { id: account.userId, email, isAnonymous: false } },
    });
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await tryWith(email, password)).toMatchObject(refusal(401, 'INVALID_EMAIL_OR_PASSWORD'));
    expect(await tryWith(email, newPassword)).toMatchObject({ status: 200 });
    for (const { token } of [account, other]) {
      expect(await bearer(host, token).post('/access/write')).toMatchObject({ status: 201 });
    }
  });

  it('ends every older session at once on request, and the caller goes on with a new one', async () => {
    const { account, other } = await twoBrowsers();
    const answer = await account.client.post(path, {
      currentPassword: account.password,
      newPassword,
      revokeOtherSessions: true,
    });
    const { token, user } = answer.body;
    expect(answer).toMatchObject({ status: 200, body: { user: { id: account.userId } } });
    expect(answer.headers.get('set-auth-token')).toBe(token);
    expect(newCookies(answer)).toEqual([expect.stringContaining(`__Host-session=${token};`)]);
    for (const old of [account.token, other.token]) {
      for (const work of [
        bearer(host, old).get('/access/session'),
        bearer(host, old).post('/access/write'),
        bearer(host, old).get('/auth/list-sessions'),
      ]) {
        expect(await work).toMatchObject(refusal(401, 'UNAUTHORIZED'));
      }
    }
    expect(await bearer(host, token).post('/access/write')).toMatchObject({ status: 201 });
    expect(await account.client.get('/auth/get-session')).toMatchObject({
      body: { user: { id: user.id } },
    });
    expect((await account.client.get('/auth/list-sessions')).body).toHaveLength(1);
  });

  it('keeps a session that ends with the browser that way', async () => {
    const { email, password } = await newAccount(host);
    const client = host.browser();
    await client.post('/auth/sign-in/email', { email, password, rememberMe: false });
    const answer = await client.post(path, {
      currentPassword: password,
      newPassword,
      revokeOtherSessions: true,
    });
    expect(newCookies(answer).join()).not.toMatch(/max-age|expires/i);
  });

  it('needs the current one, and changes nothing without it', async () => {
    const { account, other } = await twoBrowsers();
    const answer = await account.client.post(path, {
      currentPassword: 'not the password',
      newPassword,
      revokeOtherSessions: true,
    });
    expect(answer).toMatchObject(refusal(400, 'INVALID_PASSWORD'));
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await tryWith(account.email, account.password)).toMatchObject({ status: 200 });
    expect(await other.client.get('/access/account')).toMatchObject({ status: 200 });
  });

  it('is nothing for an account without one', async () => {
    const { client } = await newSsoAccount(host);
    const answer = await client.post(path, { currentPassword: 'none at all', newPassword });
    expect(answer).toMatchObject(refusal(400, 'CREDENTIAL_ACCOUNT_NOT_FOUND'));
  });

  it.each([
    ['too short', 'seven77'],
    ['blank', '         '],
    ['one character', 'aaaaaaaaaaaa'],
    ['too long', 'ab'.repeat(129)],
    ['half of a pair', 'correct horse \ud800'],
    ['with a NUL', 'correct horse \0'],
    ['a number', 12345678],
    ['an object', { $ne: '' }],
    ['missing', undefined],
  ])('refuses a new one that is %s', async (_, wrong) => {
    const { client, email, password } = await newAccount(host);
    const answer = await client.post(path, { currentPassword: password, newPassword: wrong });
    expect(answer).toMatchObject(refusal(400, 'VALIDATION_FAILED'));
    expect(answer.body.errors).toMatchObject([{ field: 'newPassword' }]);
    expect(await tryWith(email, password)).toMatchObject({ status: 200 });
  });

  it('refuses the e-mail address as a password', async () => {
    const { client, email, password } = await newAccount(host);
    const answer = await client.post(path, {
      currentPassword: password,
      newPassword: email.toUpperCase(),
    });
    expect(answer).toMatchObject(refusal(400, 'VALIDATION_FAILED'));
  });

  it.each([
    { revokeOtherSessions: 'true' },
    { userId: 'somebody' },
    { email: 'a@example.com' },
    { isAnonymous: false },
  ])('takes nothing else: %j', async (extra) => {
    const { client, password } = await newAccount(host);
    const answer = await client.post(path, { currentPassword: password, newPassword, ...extra });
    expect(answer).toMatchObject(refusal(400, 'VALIDATION_FAILED'));
  });

  it('leaves a clean database behind', () => expectCleanDatabase(host.databaseUrl));
});

describe.each(['express', 'fastify'] as const)('setting the first password on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ adapter });
  });
  afterAll(() => host.close());

  it('lets an account in by it that came another way', async () => {
    const { client, userId, email } = await newSsoAccount(host);
    const answer = await client.post('/auth/set-password', { newPassword });
    expect(answer).toMatchObject({ status: 200, body: { status: true } });
    expect(
      await signIn({ client: host.browser() }, { email, password: newPassword }),
    ).toMatchObject({ status: 200, body: { user: { id: userId } } });
    expect((await client.get('/auth/list-accounts')).body).toMatchObject([
      { providerId: 'sso', accountId: email, userId, scopes: [] },
      { providerId: 'credential', accountId: userId, userId, scopes: [] },
    ]);
  });

  it('never replaces one', async () => {
    const { client, email, password } = await newAccount(host);
    const answer = await client.post('/auth/set-password', { newPassword });
    expect(answer).toMatchObject(refusal(400, 'PASSWORD_ALREADY_SET'));
    expect(await signIn({ client: host.browser() }, { email, password })).toMatchObject({
      status: 200,
    });
  });

  it('needs a sign-in of the last day', async () => {
    const { client, userId } = await newSsoAccount(host);
    await host.sql(
      `UPDATE sessions SET created_at = now() - interval '25 hours' WHERE user_id = $1`,
      [userId],
    );
    const answer = await client.post('/auth/set-password', { newPassword });
    expect(answer).toMatchObject(refusal(400, 'SESSION_EXPIRED'));
    expect((await client.get('/auth/list-accounts')).body).toMatchObject([{ providerId: 'sso' }]);
  });

  it('refuses one that anybody would guess', async () => {
    const { client, email } = await newSsoAccount(host);
    for (const weak of ['short', email, 'bbbbbbbbbbbb']) {
      const answer = await client.post('/auth/set-password', { newPassword: weak });
      expect(answer).toMatchObject(refusal(400, 'VALIDATION_FAILED'));
    }
  });

  it('never shows a secret in the list of the ways in', async () => {
    const { client } = await newAccount(host);
    const { text, body } = await client.get('/auth/list-accounts');
    expect(Object.keys(body[0]).toSorted()).toEqual(
      ['accountId', 'createdAt', 'id', 'providerId', 'scopes', 'updatedAt', 'userId'].toSorted(),
    );
    expect(text).not.toContain('argon2');
  });
});
