import { request } from 'node:http';
import { refusal, rowCounts } from '../support/expectations.js';
import { bearer, newAccount, newGuest } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

describe.each(['express', 'fastify'] as const)('cookie and bearer together on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ adapter });
  });
  afterAll(() => host.close());

  it('are fine while both name the same user', async () => {
    for (const { client, userId, token } of [await newGuest(host), await newAccount(host)]) {
      const headers = { authorization: `Bearer ${token}` };
      const answer = await client.get('/access/session', { headers });
      expect(answer).toMatchObject({ status: 200, body: { userId } });
    }
  });

  it.each([
    ['two guests', newGuest, newGuest],
    ['a guest and an account', newGuest, newAccount],
    ['an account and a guest', newAccount, newGuest],
    ['two accounts', newAccount, newAccount],
  ])('are refused when they are %s', async (_, first, second) => {
    const [one, two] = [await first(host), await second(host)];
    const before = await rowCounts(host);
    const headers = { authorization: `Bearer ${two.token}` };
    const credentials = { email: 'ada@example.com', password: 'correct horse battery' };
    for (const [method, path, body] of [
      ['GET', '/access/session'],
      ['GET', '/access/account'],
      ['GET', '/access/optional'],
      ['POST', '/access/write'],
      ['POST', '/notes', { text: 'whose?' }],
      ['GET', '/auth/get-session'],
      ['POST', '/auth/anonymous'],
      ['DELETE', '/auth/anonymous'],
      ['POST', '/auth/anonymous/upgrade', credentials],
      ['POST', '/auth/sign-up/email', credentials],
      ['POST', '/auth/sign-in/email', credentials],
    ] as const) {
      const answer = await one.client.request(method, path, { headers, body });
      expect(answer).toMatchObject(refusal(400, 'AMBIGUOUS_CREDENTIALS'));
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
    expect(await rowCounts(host)).toEqual(before);
  });

  it('leave the living one when the other is dead', async () => {
    const [alive, dead] = [await newGuest(host), await newGuest(host)];
    await bearer(host, dead.token).post('/auth/sign-out');
    const expected = { status: 200, body: { userId: alive.userId } };
    for (const token of [dead.token, 'garbage', 'a.b.c']) {
      const headers = { authorization: `Bearer ${token}` };
      expect(await alive.client.get('/access/session', { headers })).toMatchObject(expected);
      const headers2 = { authorization: `Bearer ${alive.token}` };
      const client = host.browser();
      client.cookies.set('__Host-session', token);
      expect(await client.get('/access/session', { headers: headers2 })).toMatchObject(expected);
    }
  });

  it('are nobody when both are dead', async () => {
    const dead = await newGuest(host);
    const { client } = await newGuest(host);
    await bearer(host, dead.token).post('/auth/sign-out');
    const stale = host.browser();
    client.cookies.copyTo(stale.cookies);
    await client.post('/auth/sign-out');
    const headers = { authorization: `Bearer ${dead.token}` };
    const answer = await stale.get('/access/session', { headers });
    expect(answer).toMatchObject(refusal(401, 'UNAUTHORIZED'));
  });

  it('cost two statements at most', async () => {
    const [one, two] = [await newGuest(host), await newGuest(host)];
    host.statements.length = 0;
    await one.client.get('/access/session', { headers: { authorization: `Bearer ${two.token}` } });
    expect(host.statements.length).toBeLessThanOrEqual(2);
    host.statements.length = 0;
    await one.client.get('/access/session', { headers: { authorization: `Bearer ${one.token}` } });
    expect(host.statements).toHaveLength(1);
  });

  it.each([
    ['first', (good: string) => [`Bearer ${good}`, 'Bearer a.b.c']],
    ['last', (good: string) => ['Bearer a.b.c', `Bearer ${good}`]],
  ])('are not what two Authorization headers are: the good one %s', async (_, valuesFor) => {
    const { token } = await newGuest(host);
    const { host: name } = new URL(host.url);
    const headers = valuesFor(token).flatMap((value) => ['authorization', value]);
    const status = await new Promise((resolve, reject) => {
      const options = { headers: ['host', name, ...headers] };
      request(new URL('/access/session', host.url), options, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(401);
  });
});

describe('the cookie', () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp();
  });
  afterAll(() => host.close());

  const readAs = (cookie: string) => host.browser().get('/access/session', { headers: { cookie } });

  it.each([
    ['j:{"a":1}'],
    ['s:signed.value'],
    ['%E0%A4%A'],
    ['%00'],
    ['"quoted"'],
    ['[object Object]'],
    ['__proto__'],
    ['='],
    ['8 000 letters', 'x'.repeat(8000)],
  ])('is nobody when it is %s, on every kind of route', async (label, value = label) => {
    const cookie = `__Host-session=${value}`;
    expect(await readAs(cookie)).toMatchObject(refusal(401, 'UNAUTHORIZED'));
    const { status, text } = await host.browser().get('/auth/get-session', { headers: { cookie } });
    expect([status, text]).toEqual([200, 'null']);
    const optional = await host.browser().get('/access/optional', { headers: { cookie } });
    expect(optional).toMatchObject({ status: 200, body: { user: null } });
  });

  it('counts under its exact name only', async () => {
    const { token } = await newGuest(host);
    for (const name of [
      'session',
      '__host-session',
      '__Host-session2',
      'anon.session',
      '\u2007__Host-session',
    ]) {
      const cookie = Buffer.from(`${name}=${token}`).toString('latin1');
      expect(await readAs(cookie)).toMatchObject(refusal(401, 'UNAUTHORIZED'));
    }
  });

  it('is found among others, whatever they look like', async () => {
    const { token, userId } = await newGuest(host);
    const cookie = `a=%E0%A4%A; b; =c; __proto__=x; j=j:{}; __Host-session=${token}; d="e"`;
    expect(await readAs(cookie)).toMatchObject({ status: 200, body: { userId } });
  });

  it('never signs in anybody but its own user when it comes twice', async () => {
    const [one, two] = [await newGuest(host), await newGuest(host)];
    const cookie = `__Host-session=${one.token}; __Host-session=${two.token}`;
    const { status, body } = await readAs(cookie);
    if (status === 200) expect(body.userId).toBe(one.userId);
    else expect(status).toBe(401);
  });

  it('cannot be sent in place of the header, nor the header in place of the cookie', async () => {
    const { token } = await newGuest(host);
    const inCookie = `__Host-session=Bearer ${token}`;
    expect(await readAs(inCookie)).toMatchObject(refusal(401, 'UNAUTHORIZED'));
    for (const headers of [
      { authorization: token },
      { authorization: `Basic ${token}` },
      { authorization: `Token ${token}` },
      { 'x-auth-token': token },
      { 'set-auth-token': token },
    ]) {
      const answer = await host.browser().get('/access/session', { headers });
      expect(answer).toMatchObject(refusal(401, 'UNAUTHORIZED'));
    }
    const inQuery = await host
      .browser()
      .get(`/access/session?token=${token}&access_token=${token}`);
    expect(inQuery).toMatchObject(refusal(401, 'UNAUTHORIZED'));
  });
});
