import { Clock } from '../../src/index.js';
import { clearedCookies, newCookies, refusal, rowCounts } from '../support/expectations.js';
import { bearer, newAccount, newGuest } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';
import { TestClock } from '../support/test-clock.js';

describe.each(['express', 'fastify'] as const)('the life of a session on %s', (adapter) => {
  const clock = new TestClock();
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ adapter, overrides: [{ token: Clock, value: clock }] });
  });
  afterEach(() => clock.reset());
  afterAll(() => host.close());

  const people = [
    ['guest', newGuest, { days: 3.4 }, { days: 3.6 }],
    ['account', newAccount, { days: 14.9 }, { days: 15.1 }],
  ] as const;

  it.each(people)(
    'leaves the token of a %s alone before half of its life',
    async (_, person, early) => {
      const { client } = await person(host);
      clock.advance(early);
      for (const path of ['/auth/get-session', '/access/session']) {
        const answer = await client.get(path);
        expect(answer).toMatchObject({ status: 200, body: expect.anything() });
        expect(answer.headers.getSetCookie()).toEqual([]);
        expect(answer.headers.get('set-auth-token')).toBeNull();
      }
    },
  );

  it.each(people)(
    'issues the token of a %s anew past half of its life',
    async (_, person, __, late) => {
      const { client, userId, token } = await person(host);
      clock.advance(late);
      const before = await rowCounts(host);
      const answer = await client.get('/auth/get-session');
      expect(answer).toMatchObject({ status: 200, body: { user: { id: userId } } });
      const renewed = answer.headers.get('set-auth-token')!;
      expect(renewed).not.toBe(token);
      expect(newCookies(answer)).toEqual([expect.stringContaining(`__Host-session=${renewed};`)]);
      expect(await rowCounts(host)).toEqual(before);
      const check = await bearer(host, renewed).get('/access/session');
      expect(check).toMatchObject({
        status: 200,
        body: { userId, sessionId: answer.body.session.token },
      });
      expect(check.headers.get('set-auth-token')).toBeNull();
    },
  );

  it('renews on host routes and for bearer clients too', async () => {
    const { token, userId } = await newGuest(host);
    clock.advance({ days: 4 });
    const answer = await bearer(host, token).post('/access/write');
    expect(answer).toMatchObject({ status: 201, body: { userId } });
    const renewed = answer.headers.get('set-auth-token')!;
    clock.advance({ days: 4 });
    expect(await bearer(host, renewed).get('/access/guest')).toMatchObject({ status: 200 });
    expect(await bearer(host, token).get('/access/guest')).toMatchObject(
      refusal(401, 'UNAUTHORIZED'),
    );
  });

  it('keeps a guest for ever that comes back in time', async () => {
    const { client, userId } = await newGuest(host);
    for (let visit = 0; visit < 5; visit++) {
      clock.advance({ days: 6 });
      const answer = await client.get('/access/guest');
      expect(answer).toMatchObject({ status: 200, body: { userId } });
    }
  });

  it('refuses a guest past the end of its life, and get-session clears the cookie when nobody can claim it', async () => {
    const { client } = await newGuest(host);
    clock.advance({ days: 7, seconds: 1 });
    expect(await client.get('/access/session')).toMatchObject(refusal(401, 'UNAUTHORIZED'));
    clock.advance({ days: 23 });
    const answer = await client.get('/auth/get-session');
    expect([answer.status, answer.text]).toEqual([200, 'null']);
    expect(clearedCookies(answer)).toEqual(['__Host-session']);
  });

  it('refuses an account whose stored session is over, and get-session clears the cookie', async () => {
    const { client, userId } = await newAccount(host);
    await host.sql(
      `UPDATE sessions SET expires_at = now() - interval '1 second' WHERE user_id = $1`,
      [userId],
    );
    expect(await client.get('/access/session')).toMatchObject(refusal(401, 'UNAUTHORIZED'));
    const answer = await client.get('/auth/get-session');
    expect([answer.status, answer.text]).toEqual([200, 'null']);
    expect(clearedCookies(answer)).toEqual(['__Host-session']);
  });

  it('pushes the stored end of an account session out when it renews', async () => {
    const { client, userId } = await newAccount(host);
    await host.sql(
      `UPDATE sessions SET expires_at = now() + interval '10 days' WHERE user_id = $1`,
      [userId],
    );
    clock.advance({ days: 16 });
    expect(await client.get('/access/account')).toMatchObject({ status: 200 });
    const [row] = await host.sql<{ days: number }>(
      `SELECT round(extract(epoch FROM expires_at - now()) / 86400)::int AS days
       FROM sessions WHERE user_id = $1`,
      [userId],
    );
    expect(row).toEqual({ days: 30 });
  });
});

describe('session.cacheFor', () => {
  let host: TestApp;
  let twin: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ options: { session: { cacheFor: '60s' } } });
    twin = await createTestApp({ databaseUrl: host.databaseUrl });
  });
  afterAll(async () => {
    await twin.close();
    await host.close();
  });

  const costOf = async (work: () => Promise<{ status: number }>, status = 200) => {
    host.statements.length = 0;
    expect(await work()).toMatchObject({ status });
    return host.statements.length;
  };

  it.each([
    ['guest', newGuest],
    ['account', newAccount],
  ])('saves the statement of a reading %s, never that of a writing one', async (_, person) => {
    const { client } = await person(host);
    expect(await costOf(() => client.get('/access/session'))).toBe(1);
    expect(await costOf(() => client.get('/access/session'))).toBe(0);
    expect(await costOf(() => client.get('/auth/get-session'))).toBe(0);
    expect(await costOf(() => client.post('/access/write'), 201)).toBe(1);
  });

  it('forgets at once what this instance ends itself', async () => {
    for (const { client, token } of [await newGuest(host), await newAccount(host)]) {
      expect(await bearer(host, token).get('/access/session')).toMatchObject({ status: 200 });
      await client.post('/auth/sign-out');
      const answer = await bearer(host, token).get('/access/session');
      expect(answer).toMatchObject(refusal(401, 'UNAUTHORIZED'));
    }
  });

  it('never lets a write through for a session that another instance has ended', async () => {
    const { token } = await newGuest(host);
    await bearer(host, token).get('/access/session');
    await bearer(twin, token).post('/auth/sign-out');
    const answer = await bearer(host, token).post('/access/write');
    expect(answer).toMatchObject(refusal(401, 'UNAUTHORIZED'));
  });

  it('is off by default: every request costs one statement', async () => {
    const { client } = await newGuest(twin);
    for (const path of [
      '/access/session',
      '/access/session',
      '/access/guest',
      '/access/optional',
    ]) {
      twin.statements.length = 0;
      await client.get(path);
      expect(twin.statements).toHaveLength(1);
    }
  });
});
