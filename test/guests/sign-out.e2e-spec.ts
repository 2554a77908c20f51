import { clearedCookies, refusal, rowCounts } from '../support/expectations.js';
import { bearer, newAccount, newGuest } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

const signedOut = { status: 200, body: { success: true } };

describe.each(['express', 'fastify'] as const)('POST /auth/sign-out on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ adapter });
  });
  afterAll(() => host.close());

  const isDead = async (token: string) =>
    expect(await bearer(host, token).get('/access/session')).toMatchObject(
      refusal(401, 'UNAUTHORIZED'),
    );

  it('kills every token of a guest, and keeps the guest with its rows', async () => {
    const { client, userId, token } = await newGuest(host);
    const { body: renewed } = await client.post('/auth/anonymous');
    await client.post('/notes', { text: 'kept' });
    const before = await rowCounts(host);
    const answer = await client.post('/auth/sign-out');
    expect(answer).toMatchObject(signedOut);
    expect(clearedCookies(answer)).toEqual(['__Host-session']);
    await isDead(token);
    await isDead(renewed.token);
    expect(await rowCounts(host)).toEqual(before);
    const rows = await host.sql('SELECT epoch, is_anonymous FROM users WHERE id = $1', [userId]);
    expect(rows).toEqual([{ epoch: 1, is_anonymous: true }]);
  });

  it('ends this session of an account and no other', async () => {
    const account = await newAccount(host);
    const phone = host.browser();
    await phone.post('/auth/sign-in/email', { email: account.email, password: account.password });
    const answer = await account.client.post('/auth/sign-out');
    expect(answer).toMatchObject(signedOut);
    expect(clearedCookies(answer)).toEqual(['__Host-session']);
    await isDead(account.token);
    expect(await phone.get('/access/account')).toMatchObject({ status: 200 });
    const rows = await host.sql('SELECT 1 FROM sessions WHERE user_id = $1', [account.userId]);
    expect(rows).toHaveLength(1);
  });

  it('works with a bearer token alone', async () => {
    for (const { token } of [await newGuest(host), await newAccount(host)]) {
      expect(await bearer(host, token).post('/auth/sign-out')).toMatchObject(signedOut);
      await isDead(token);
    }
  });

  it.each([undefined, 'garbage', 'a.b.c', 'j:{"a":1}', '%E0%A4%A'])(
    'succeeds and clears the cookie whatever it is: %s',
    async (cookie) => {
      const before = await rowCounts(host);
      const client = host.browser();
      if (cookie !== undefined) client.cookies.set('__Host-session', cookie);
      const answer = await client.post('/auth/sign-out');
      expect(answer).toMatchObject(signedOut);
      expect(clearedCookies(answer)).toEqual(['__Host-session']);
      expect(await rowCounts(host)).toEqual(before);
    },
  );

  it('succeeds twice', async () => {
    const { client, token } = await newGuest(host);
    expect(await client.post('/auth/sign-out', {})).toMatchObject(signedOut);
    expect(await bearer(host, token).post('/auth/sign-out')).toMatchObject(signedOut);
    expect(await client.post('/auth/sign-out')).toMatchObject(signedOut);
  });

  it('ends both sessions when cookie and bearer belong to different users', async () => {
    const [guest, account] = [await newGuest(host), await newAccount(host)];
    const headers = { authorization: `Bearer ${account.token}` };
    const answer = await guest.client.post('/auth/sign-out', undefined, { headers });
    expect(answer).toMatchObject(signedOut);
    expect(clearedCookies(answer)).toEqual(['__Host-session']);
    await isDead(guest.token);
    await isDead(account.token);
  });

  it('does not let an old guest token touch the account that the guest has become', async () => {
    const { client, userId, token } = await newGuest(host);
    const account = { email: `${userId}@example.com`, password: 'correct horse battery' };
    await client.post('/auth/anonymous/upgrade', account);
    const [before] = await host.sql('SELECT epoch FROM users WHERE id = $1', [userId]);
    expect(await bearer(host, token).post('/auth/sign-out')).toMatchObject(signedOut);
    expect(await client.get('/access/account')).toMatchObject({ status: 200, body: { userId } });
    expect(await host.sql('SELECT epoch FROM users WHERE id = $1', [userId])).toEqual([before]);
  });

  it('leaves a browser that asks again with a new guest', async () => {
    const { client, userId } = await newGuest(host);
    await client.post('/auth/sign-out');
    const { status, body } = await client.post('/auth/anonymous');
    expect(status).toBe(201);
    expect(body.user.id).not.toBe(userId);
  });
});
