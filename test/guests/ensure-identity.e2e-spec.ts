import { newCookies, refusal, rowCounts } from '../support/expectations.js';
import { bearer, newAccount, newGuest } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

describe.each(['express', 'fastify'] as const)('@EnsureIdentity on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ adapter });
  });
  afterAll(() => host.close());

  it('issues one guest for a write without a session and hands out its credential', async () => {
    const before = await rowCounts(host);
    const client = host.browser();
    const answer = await client.post('/notes', { text: 'first' });
    expect(answer).toMatchObject({ status: 201, body: { text: 'first' } });
    expect(await rowCounts(host)).toEqual({
      ...before,
      users: before.users! + 1,
      note: before.note! + 1,
    });
    expect(newCookies(answer)).toEqual([expect.stringMatching(/^__Host-session=.+; HttpOnly/)]);
    const { body } = await client.get('/auth/get-session');
    expect(body.user).toMatchObject({ id: answer.body.userId, isAnonymous: true });
    const token = answer.headers.get('set-auth-token')!;
    expect(await bearer(host, token).get('/access/guest')).toMatchObject({
      status: 200,
      body: { userId: answer.body.userId },
    });
  });

  it('issues a guest for the price of one statement', async () => {
    host.statements.length = 0;
    await host.browser().post('/notes', { text: 'cheap' });
    expect(host.statements).toEqual([
      expect.stringContaining('INSERT INTO "users"'),
      expect.stringContaining('INSERT INTO note'),
    ]);
  });

  it.each([
    ['a guest', newGuest],
    ['an account', newAccount],
  ])('writes for %s that is there already, and sets no cookie', async (_, person) => {
    const { client, userId } = await person(host);
    const { users } = await rowCounts(host);
    const answer = await client.post('/notes', { text: 'mine' });
    expect(answer).toMatchObject({ status: 201, body: { userId } });
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect((await rowCounts(host)).users).toBe(users);
  });

  it.each([['garbage'], ['j:{"a":1}'], ['%E0%A4%A'], ['"'], ['4 000 letters', 'x'.repeat(4000)]])(
    'issues a guest in place of a cookie that names nobody: %s',
    async (label, cookie = label) => {
      const client = host.browser();
      client.cookies.set('__Host-session', cookie);
      const answer = await client.post('/notes', { text: 'first' });
      expect(answer.status).toBe(201);
      expect(newCookies(answer)).toHaveLength(1);
      const notes = await client.get('/notes');
      expect(notes.body).toEqual([{ id: answer.body.id, text: 'first' }]);
    },
  );

  it('issues a guest in place of one that has signed out elsewhere', async () => {
    const { client, token, userId } = await newGuest(host);
    await bearer(host, token).post('/auth/sign-out');
    const answer = await client.post('/notes', { text: 'anew' });
    expect(answer.status).toBe(201);
    expect(answer.body.userId).not.toBe(userId);
    expect(newCookies(answer)).toHaveLength(1);
  });

  it('leaves neither guest nor cookie when the handler fails before it wrote', async () => {
    const before = await rowCounts(host);
    const client = host.browser();
    const answer = await client.post('/notes', { fail: 'before' });
    expect(answer.status).toBe(500);
    expect(newCookies(answer)).toEqual([]);
    expect(answer.headers.get('set-auth-token')).toBeNull();
    expect(client.cookies.get('__Host-session')).toBeUndefined();
    expect(await rowCounts(host)).toEqual(before);
  });

  it('keeps guest and cookie when the handler fails after it wrote', async () => {
    const client = host.browser();
    const answer = await client.post('/notes', { text: 'written', fail: 'after' });
    expect(answer.status).toBe(500);
    expect(newCookies(answer)).toHaveLength(1);
    expect((await client.get('/notes')).body).toMatchObject([{ text: 'written' }]);
    expect(await client.get('/access/guest')).toMatchObject({ status: 200 });
  });

  it.each([
    ['a guest', newGuest],
    ['an account', newAccount],
  ])('never takes %s back that was there before a failing handler', async (_, person) => {
    const { client, userId } = await person(host);
    const answer = await client.post('/notes', { fail: 'before' });
    expect(answer.status).toBe(500);
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await client.get('/access/session')).toMatchObject({ status: 200, body: { userId } });
  });

  it.each(['GET', 'HEAD'])('never issues for %s', async (method) => {
    const before = await rowCounts(host);
    const answer = await host.browser().request(method, '/access/ensure');
    expect(answer.status).toBe(401);
    if (method === 'GET') expect(answer).toMatchObject(refusal(401, 'UNAUTHORIZED'));
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await rowCounts(host)).toEqual(before);
  });

  it('reads for a guest that is there', async () => {
    const { client, userId } = await newGuest(host);
    const answer = await client.get('/access/ensure');
    expect(answer).toMatchObject({ status: 200, body: { userId, isAnonymous: true } });
  });

  it('refuses two live credentials of different users and issues nobody', async () => {
    const [one, two] = [await newGuest(host), await newGuest(host)];
    const before = await rowCounts(host);
    const headers = { authorization: `Bearer ${two.token}` };
    const answer = await one.client.post('/notes', { text: 'whose?' }, { headers });
    expect(answer).toMatchObject(refusal(400, 'AMBIGUOUS_CREDENTIALS'));
    expect(await rowCounts(host)).toEqual(before);
  });
});
