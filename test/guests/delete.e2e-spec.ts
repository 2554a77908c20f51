import { clearedCookies, refusal, rowCounts } from '../support/expectations.js';
import { bearer, newAccount, newGuest } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

const routes = [
  ['DELETE', '/auth/anonymous'],
  ['POST', '/auth/delete-anonymous-user'],
] as const;

describe.each(['express', 'fastify'] as const)('deleting a guest on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ adapter });
  });
  afterAll(() => host.close());

  it.each(routes)(
    'by %s %s removes the guest, its rows and its credential',
    async (method, path) => {
      const before = await rowCounts(host);
      const { client, userId, token } = await newGuest(host);
      await client.post('/notes', { text: 'one' });
      await client.post('/notes', { text: 'two' });
      await host.sql('INSERT INTO wallet (user_id, credits) VALUES ($1, 5)', [userId]);
      const answer = await client.request(method, path);
      expect(answer).toMatchObject({ status: 200, body: { success: true } });
      expect(Object.keys(answer.body)).toEqual(['success']);
      expect(clearedCookies(answer)).toEqual(['__Host-session']);
      expect(await rowCounts(host)).toEqual(before);
      expect(await bearer(host, token).get('/access/session')).toMatchObject(
        refusal(401, 'UNAUTHORIZED'),
      );
    },
  );

  it.each(routes)('by %s %s leaves everybody else alone', async (method, path) => {
    const others = [await newGuest(host), await newAccount(host)];
    for (const { client } of others) await client.post('/notes', { text: 'kept' });
    const before = await rowCounts(host);
    const { client } = await newGuest(host);
    await client.post('/notes', { text: 'gone' });
    expect(await client.request(method, path)).toMatchObject({ status: 200 });
    expect(await rowCounts(host)).toEqual(before);
    for (const other of others) {
      expect((await other.client.get('/notes')).body).toMatchObject([{ text: 'kept' }]);
    }
  });

  it.each(routes)('by %s %s needs a session', async (method, path) => {
    const before = await rowCounts(host);
    for (const cookie of [undefined, 'garbage']) {
      const client = host.browser();
      if (cookie) client.cookies.set('__Host-session', cookie);
      expect(await client.request(method, path)).toMatchObject(refusal(401, 'UNAUTHORIZED'));
    }
    expect(await rowCounts(host)).toEqual(before);
  });

  it.each(routes)('by %s %s is not for accounts', async (method, path) => {
    const { client } = await newAccount(host);
    const before = await rowCounts(host);
    const answer = await client.request(method, path);
    expect(answer).toMatchObject(refusal(403, 'USER_IS_NOT_ANONYMOUS'));
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await rowCounts(host)).toEqual(before);
    expect(await client.get('/access/account')).toMatchObject({ status: 200 });
  });

  it('happens once, however many requests ask for it at the same time', async () => {
    const { client, token } = await newGuest(host);
    await client.post('/notes', { text: 'gone' });
    const { users } = await rowCounts(host);
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => bearer(host, token).delete('/auth/anonymous')),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const { status, body } of answers.filter((answer) => answer.status !== 200)) {
      expect([`${status} ${body.code}`]).toEqual([
        expect.stringMatching(/^(401 UNAUTHORIZED|409 GUEST_MERGED)$/),
      ]);
    }
    expect((await rowCounts(host)).users).toBe(users! - 1);
  });

  it('answers a write that comes too late with 409, never with 500', async () => {
    for (let round = 0; round < 5; round++) {
      const { token, userId } = await newGuest(host);
      const writes = Array.from({ length: 4 }, (_, n) =>
        bearer(host, token).post('/notes', { text: `${n}` }),
      );
      const [deleted, ...written] = await Promise.all([
        bearer(host, token).delete('/auth/anonymous'),
        ...writes,
      ]);
      expect(deleted).toMatchObject({ status: 200 });
      for (const answer of written.filter(({ status }) => status !== 201)) {
        expect(answer).toMatchObject(refusal(409, 'GUEST_MERGED'));
      }
      expect(await host.sql('SELECT 1 FROM users WHERE id = $1', [userId])).toEqual([]);
    }
  });
});

describe('guest.allowDelete: false', () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ options: { guest: { allowDelete: false } } });
  });
  afterAll(() => host.close());

  it.each(routes)('turns %s %s off', async (method, path) => {
    const { client, userId } = await newGuest(host);
    await client.post('/notes', { text: 'kept' });
    const before = await rowCounts(host);
    const answer = await client.request(method, path);
    expect(answer).toMatchObject(refusal(400, 'DELETE_ANONYMOUS_USER_DISABLED'));
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await rowCounts(host)).toEqual(before);
    expect(await client.get('/access/guest')).toMatchObject({ status: 200, body: { userId } });
  });
});
