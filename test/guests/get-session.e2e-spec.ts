import { clearedCookies, refusal, rowCounts } from '../support/expectations.js';
import { bearer, newAccount, newGuest } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

describe.each(['express', 'fastify'] as const)('GET /auth/get-session on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ adapter });
  });
  afterAll(() => host.close());

  it('answers nobody with the four bytes null as JSON, and sets no cookie', async () => {
    const answer = await host.browser().get('/auth/get-session');
    expect(answer.status).toBe(200);
    expect(Buffer.from(answer.text)).toEqual(Buffer.from('null'));
    expect(answer.headers.get('content-type')).toMatch(/^application\/json(;|$)/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it('answers a guest with what issuing answered, without the token', async () => {
    const client = host.browser();
    const { body: issued } = await client.post('/auth/anonymous');
    const { status, body, headers } = await client.get('/auth/get-session');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toMatch(/^application\/json(;|$)/);
    expect(Object.keys(body).toSorted()).toEqual(['session', 'user']);
    expect(body.user).toEqual(issued.user);
    expect(Object.keys(body.session).toSorted()).toEqual(Object.keys(issued.session).toSorted());
    expect(body.session).toMatchObject({
      id: issued.session.id,
      userId: issued.user.id,
      token: issued.session.token,
    });
  });

  it('answers an account with the session that is stored', async () => {
    const { client, userId, email } = await newAccount(host);
    const { status, body } = await client.get('/auth/get-session', {
      headers: { 'user-agent': 'Firefox' },
    });
    expect(status).toBe(200);
    expect(body.user).toMatchObject({ id: userId, email, isAnonymous: false });
    const rows = await host.sql('SELECT id, user_id AS "userId" FROM sessions WHERE user_id = $1', [
      userId,
    ]);
    expect(rows).toEqual([{ id: body.session.token, userId: body.session.userId }]);
    expect(body.session).toMatchObject({ ipAddress: expect.stringContaining('127.0.0.1') });
  });

  it('never shows the credential to anybody who can read the answer', async () => {
    for (const { client, token } of [await newGuest(host), await newAccount(host)]) {
      expect((await client.get('/auth/get-session')).text).not.toContain(token);
    }
  });

  it.each(['garbage', 'a.b.c', 'j:{"a":1}', '%E0%A4%A'])(
    'answers a dead cookie with null and clears it: %s',
    async (cookie) => {
      const client = host.browser();
      client.cookies.set('__Host-session', cookie);
      const answer = await client.get('/auth/get-session');
      expect([answer.status, answer.text]).toEqual([200, 'null']);
      expect(clearedCookies(answer)).toEqual(['__Host-session']);
      expect(answer.headers.getSetCookie()[0]).toMatch(/; Path=\/; HttpOnly; Secure/i);
      expect(client.cookies.get('__Host-session')).toBeUndefined();
    },
  );

  it('clears no cookie for a dead bearer token', async () => {
    const answer = await bearer(host, 'a.b.c').get('/auth/get-session');
    expect([answer.status, answer.text]).toEqual([200, 'null']);
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it('never issues anybody, however it is called', async () => {
    const before = await rowCounts(host);
    const answers = await Promise.all([
      host.browser().get('/auth/get-session'),
      host.browser().request('HEAD', '/auth/get-session'),
      host.browser().get('/auth/get-session', { headers: { 'idempotency-key': 'k'.repeat(30) } }),
      host.browser().get('/auth/get-session?disableCookieCache=true&disableRefresh=true'),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(await rowCounts(host)).toEqual(before);
  });

  it('costs one statement for a guest, one for an account, and none for nobody', async () => {
    const people = [await newGuest(host), await newAccount(host)];
    for (const client of people.map((person) => person.client)) {
      host.statements.length = 0;
      await client.get('/auth/get-session');
      expect(host.statements).toHaveLength(1);
    }
    host.statements.length = 0;
    await host.browser().get('/auth/get-session');
    expect(host.statements).toEqual([]);
  });

  it('says AMBIGUOUS_CREDENTIALS rather than pick one of two users', async () => {
    const [one, two] = [await newGuest(host), await newAccount(host)];
    const headers = { authorization: `Bearer ${two.token}` };
    const answer = await one.client.get('/auth/get-session', { headers });
    expect(answer).toMatchObject(refusal(400, 'AMBIGUOUS_CREDENTIALS'));
  });
});
