import { createHash } from 'node:crypto';
import { refusal, rowCounts } from '../support/expectations.js';
import { guestOf, laterBy, newKey, withKey } from '../support/idempotency.js';
import { newAccount, newGuest } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

describe('an Idempotency-Key', () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp();
  });
  afterAll(() => host.close());

  it('gives the same guest to a later call within a minute', async () => {
    const key = newKey();
    const [first, second] = [await guestOf(host, key), await guestOf(host, key)];
    await laterBy(host, 30);
    const third = await guestOf(host, key);
    expect([first.status, second.status, third.status]).toEqual([201, 200, 200]);
    expect(new Set([first, second, third].map(({ body }) => body.user.id)).size).toBe(1);
  });

  it('gives another guest for another key', async () => {
    const [first, second] = await Promise.all([guestOf(host, newKey()), guestOf(host, newKey())]);
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body.user.id).not.toBe(first.body.user.id);
  });

  it('is kept for at most a minute, and only as a keyed hash', async () => {
    const key = newKey();
    await guestOf(host, key);
    const rows = await host.sql<{ row: string; hash: string; late: boolean }>(
      `SELECT f::text AS row, encode(token_hash, 'hex') AS hash,
         expires_at > now() + interval '60 seconds' AS late FROM auth_flows f`,
    );
    expect(rows.filter(({ late }) => late)).toEqual([]);
    const plain = ['sha256', 'sha512', 'sha1', 'md5'].map((algorithm) =>
      createHash(algorithm).update(key).digest('hex'),
    );
    const telling = [key, Buffer.from(key).toString('hex'), ...plain];
    for (const { row, hash } of rows) {
      expect(telling.filter((text) => row.includes(text) || hash === text)).toEqual([]);
    }
  });

  it('is void after its minute', async () => {
    const key = newKey();
    const first = await guestOf(host, key);
    await host.sql(`UPDATE auth_flows SET expires_at = now() - interval '1 second'`);
    const second = await guestOf(host, key);
    expect(second.status).toBe(201);
    expect(second.body.user.id).not.toBe(first.body.user.id);
    expect((await guestOf(host, key)).body.user.id).toBe(second.body.user.id);
  });

  it('is void once the guest owns a row', async () => {
    const key = newKey();
    const owner = host.browser();
    const { body } = await owner.post('/auth/anonymous', undefined, withKey(key));
    expect(await owner.post('/notes', { text: 'private' })).toMatchObject({ status: 201 });
    await laterBy(host, 30);
    const thief = await guestOf(host, key);
    expect(thief.status).toBe(201);
    expect(thief.body.user.id).not.toBe(body.user.id);
  });

  it('is void once the guest that a write issued owns the row', async () => {
    const key = newKey();
    const { body } = await host.browser().post('/notes', { text: 'private' }, withKey(key));
    await laterBy(host, 30);
    const thief = host.browser();
    const answer = await thief.post('/notes', { text: 'other' }, withKey(key));
    expect(answer.status).toBe(201);
    expect(answer.body.userId).not.toBe(body.userId);
    expect((await thief.get('/notes')).body).toMatchObject([{ text: 'other' }]);
  });

  it.each([
    ['the same guest', 9, 200],
    ['another guest', 11, 201],
  ])(
    'gives %s %i seconds after the first request, once that guest owns a row',
    async (_, seconds, status) => {
      const key = newKey();
      const { body } = await host.browser().post('/notes', { text: 'first' }, withKey(key));
      await laterBy(host, seconds);
      const late = await guestOf(host, key);
      expect(late.status).toBe(status);
      expect(late.body.user.id === body.userId).toBe(status === 200);
    },
  );

  it.each(['upgraded', 'signed out', 'deleted'])('is void once the guest has %s', async (fate) => {
    const key = newKey();
    const client = host.browser();
    const { body } = await client.post('/auth/anonymous', undefined, withKey(key));
    const account = { email: `${body.user.id}@example.com`, password: 'correct horse battery' };
    const end = {
      upgraded: () => client.post('/auth/anonymous/upgrade', account),
      'signed out': () => client.post('/auth/sign-out'),
      deleted: () => client.delete('/auth/anonymous'),
    }[fate]!;
    expect(await end()).toMatchObject({ status: 200 });
    const second = await guestOf(host, key);
    expect(second.status).toBe(201);
    expect(second.body.user).toMatchObject({ isAnonymous: true });
    expect(second.body.user.id).not.toBe(body.user.id);
  });

  it('changes nothing for somebody who is signed in', async () => {
    const key = newKey();
    const other = await guestOf(host, key);
    const { client, userId } = await newGuest(host);
    const again = await client.post('/auth/anonymous', undefined, withKey(key));
    expect(again).toMatchObject({ status: 200, body: { user: { id: userId } } });
    const account = await newAccount(host);
    const note = await account.client.post('/notes', { text: 'x' }, withKey(key));
    expect(note).toMatchObject({ status: 201, body: { userId: account.userId } });
    expect(other.body.user.id).not.toBe(userId);
  });

  it('works again after a request that failed before it wrote', async () => {
    const key = newKey();
    const failed = await host.browser().post('/notes', { fail: 'before' }, withKey(key));
    expect(failed.status).toBe(500);
    const { status, body } = await guestOf(host, key);
    expect(status).toBe(201);
    expect(await host.sql('SELECT 1 FROM users WHERE id = $1', [body.user.id])).toHaveLength(1);
  });

  it.each([
    ['empty', ''],
    ['21 characters', 'k'.repeat(21)],
    ['256 characters', 'k'.repeat(256)],
    ['a blank inside', `${'k'.repeat(11)} ${'k'.repeat(11)}`],
    ['a letter that is not ASCII', `${'k'.repeat(22)}\u00e9`],
    ['two keys in one header', `${'k'.repeat(22)}, ${'q'.repeat(22)}`],
  ])('is refused when it is no key: %s', async (_, key) => {
    const before = await rowCounts(host);
    for (const path of ['/auth/anonymous', '/auth/sign-in/anonymous', '/notes']) {
      const body = path === '/notes' ? { text: 'x' } : undefined;
      const answer = await host.browser().post(path, body, withKey(key));
      expect(answer).toMatchObject(refusal(400, 'INVALID_IDEMPOTENCY_KEY'));
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
    expect(await rowCounts(host)).toEqual(before);
  });

  it.each([22, 255])('may have %i visible characters', async (length) => {
    const key = newKey().padEnd(255, '~!"#').slice(0, length);
    const [first, second] = await Promise.all([guestOf(host, key), guestOf(host, key)]);
    expect(new Set([first.status, second.status])).toEqual(new Set([200, 201]));
    expect(first.body.user.id).toBe(second.body.user.id);
  });
});
