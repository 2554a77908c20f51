import { newCookies, refusal, rowCounts } from '../support/expectations.js';
import { HttpClient } from '../support/http-client.js';
import { libraryRoutes } from '../support/library-routes.js';
import { newGuest } from '../support/people.js';
import { ORIGIN, type TestApp } from '../support/test-app.js';
import {
  adapters,
  closeFullApp,
  createFullApp,
  expectRefused,
  expectUncached,
  pathTo,
  populate,
  routes,
  sendRaw,
} from './refused.js';

/** Methods that a path has routes for; HEAD comes with GET. */
const methodsOf = (path: string) =>
  libraryRoutes
    .filter((route) => pathTo(route) === path)
    .flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));

describe.each(adapters)('a request on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createFullApp({ adapter });
    await populate(host);
  });
  afterAll(() => closeFullApp(host));

  it.each(['GET', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'TRACE', 'PROPFIND'])(
    'by %s reaches no route that is for POST',
    async (method) => {
      const before = await rowCounts(host);
      for (const path of routes) {
        if (methodsOf(path).includes(method)) continue;
        const { status, headers } = await sendRaw(host, { method, path });
        expect([400, 404, 405]).toContain(status);
        expect(headers['set-cookie']).toBeUndefined();
      }
      expect(await rowCounts(host)).toEqual(before);
    },
  );

  it.each(['x-http-method-override', 'x-http-method', 'x-method-override'])(
    'that asks for POST by %s is still a GET',
    async (name) => {
      const before = await rowCounts(host);
      for (const path of routes) {
        const headers = { [name]: 'POST' };
        const { status } = await sendRaw(host, {
          method: 'GET',
          path: `${path}?_method=POST`,
          headers,
        });
        // A GET of its own knows no such field.
        expect(status).toBe(methodsOf(path).includes('GET') ? 400 : 404);
      }
      expect(await rowCounts(host)).toEqual(before);
    },
  );

  it.each([
    ['nothing after Bearer', 'Bearer'],
    ['a blank after Bearer', 'Bearer '],
    ['one part', 'Bearer a'],
    ['two parts', 'Bearer a.b'],
    ['four parts', 'Bearer a.b.c.d'],
    ['a broken escape', 'Bearer %E0%A4%A'],
    ['two tokens', 'Bearer a.b.c a.b.c'],
    ['two tokens in a list', 'Bearer a.b.c, Bearer a.b.c'],
    ['8 KB', `Bearer ${'x'.repeat(8_000)}`],
    ['name and password', 'Basic YWRhOnBhc3N3b3Jk'],
    ['another scheme', 'Digest username="ada"'],
    ['JSON', '{"$ne":""}'],
    ['an object that an old parser makes', 'j:{"a":1}'],
  ])('with %s as Authorization is nobody’s', async (_, authorization) => {
    const client = new HttpClient(host.url, { authorization });
    for (const [method, path] of [
      ['POST', '/auth/anonymous/upgrade'],
      ['POST', '/auth/delete-anonymous-user'],
      ['DELETE', '/auth/anonymous'],
    ] as const) {
      const answer = await expectRefused(host, () => client.request(method, path), {
        status: 401,
        code: 'UNAUTHORIZED',
        secrets: [authorization],
      });
      expectUncached(answer);
    }
    const read = await client.get('/auth/get-session');
    expect([read.status, read.text]).toEqual([200, 'null']);
    expectUncached(read);
    expect(await client.get('/access/session')).toMatchObject(refusal(401, 'UNAUTHORIZED'));
    expect(await client.post('/auth/sign-out')).toMatchObject({ status: 200 });
    expect(await client.post('/auth/anonymous')).toMatchObject({ status: 201 });
  });

  it('with cookies of 17 KB is refused by the server', async () => {
    const before = await rowCounts(host);
    for (const path of [...routes, '/auth/get-session']) {
      const method = path === '/auth/get-session' ? 'GET' : 'POST';
      const headers = { cookie: `__Host-session=${'x'.repeat(17_000)}` };
      // Fastify's answer may be lost, because it closes the connection before it has read the request.
      const answer = await sendRaw(host, { method, path, headers }).catch(() => undefined);
      if (answer) expect(answer.status).toBe(431);
    }
    expect(await rowCounts(host)).toEqual(before);
  });

  it.each([
    ['an unknown field', '?guestId=1'],
    ['a session to read', '?token=abc'],
    ['a field twice', '?disableRefresh=true&disableRefresh=false'],
    ['a nested field', '?disableRefresh[a]=true'],
    ['a list', '?disableRefresh[]=true'],
    ['a value that is no flag', '?disableCookieCache=kzqxjwv'],
    ['a NUL', '?disableCookieCache=%00'],
    ['a broken escape', '?disableCookieCache=%E0%A4%A'],
    ['a prototype', '?__proto__=1'],
    ['a constructor', '?constructor=1'],
    ['a property of every object', '?toString=1'],
    ['7 KB', `?disableCookieCache=${'x'.repeat(7_000)}`],
  ])('to get-session with %s in its query is refused', async (_, query) => {
    const { client } = await newGuest(host);
    for (const caller of [client, host.browser()]) {
      const answer = await expectRefused(host, () => caller.get(`/auth/get-session${query}`), {
        status: 400,
        code: 'VALIDATION_FAILED',
        secrets: ['kzqxjwv', 'x'.repeat(500)],
      });
      expectUncached(answer);
    }
    expect(await client.get('/access/guest')).toMatchObject({ status: 200 });
  });

  it('cannot name the guest it is about, in query or header', async () => {
    const victim = await newGuest(host);
    const before = await rowCounts(host);
    const headers = {
      'x-user-id': victim.userId,
      'x-guest-id': victim.userId,
      'x-anonymous-user-id': victim.userId,
    };
    const query = `?userId=${victim.userId}&guestId=${victim.userId}`;
    for (const [method, path] of [
      ['DELETE', `/auth/anonymous${query}`],
      ['POST', `/auth/delete-anonymous-user${query}`],
      ['POST', `/auth/anonymous/upgrade${query}`],
    ] as const) {
      const answer = await host.browser().request(method, path, { headers });
      expect(answer).toMatchObject(refusal(401, 'UNAUTHORIZED'));
    }
    expect(await rowCounts(host)).toEqual(before);
    expect(await victim.client.get('/access/guest')).toMatchObject({ status: 200 });
  });

  it('by DELETE with a body that is no JSON is refused', async () => {
    const { client } = await newGuest(host);
    const answer = await expectRefused(
      host,
      () =>
        client.request('DELETE', '/auth/anonymous', {
          headers: { 'content-type': 'text/plain' },
          raw: Buffer.from('now'),
        }),
      { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' },
    );
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await client.get('/access/guest')).toMatchObject({ status: 200 });
  });

  it.each([
    ['upper case', '/AUTH/Anonymous'],
    ['a slash at the end', '/auth/anonymous/'],
    ['two slashes', '//auth//anonymous'],
    ['an escaped letter', '/auth/%61nonymous'],
    ['a broken escape', '/auth/%E0%A4%A'],
    ['a NUL', '/auth/anonymous%00'],
    ['dots', '/auth/x/../anonymous'],
  ])('to a path with %s is the route with all its rules, or no route', async (_, path) => {
    const evil = { origin: 'https://evil.example' };
    const before = await rowCounts(host);
    const forged = await sendRaw(host, { method: 'POST', path, headers: evil });
    expect([400, 403, 404]).toContain(forged.status);
    expect(forged.headers['set-cookie']).toBeUndefined();
    expect(await rowCounts(host)).toEqual(before);
    const own = await sendRaw(host, { method: 'POST', path });
    expect([201, 400, 404]).toContain(own.status);
  });

  it.each([
    ['none', undefined],
    ['one of 10 KB', 'x'.repeat(10_000)],
    ['one with markup', '<script>alert(1)</script>'],
    ['one that is not ASCII', 'Fir\u00e9fox'],
  ])('whose User-Agent is %s signs up like any other', async (label, userAgent) => {
    const body = JSON.stringify({
      email: `${label.replaceAll(' ', '-')}@mail.example`,
      password: 'correct horse battery',
    });
    const { status, text } = await sendRaw(host, {
      method: 'POST',
      path: '/auth/sign-up/email',
      headers: {
        'content-type': 'application/json',
        ...(userAgent === undefined ? {} : { 'user-agent': userAgent }),
      },
      body,
    });
    expect(status).toBe(200);
    const { session } = JSON.parse(text);
    expect((session.userAgent ?? '').length).toBeLessThanOrEqual(255);
  });

  it('gets an answer that no cache keeps, from every route, whatever it says', async () => {
    for (const path of routes) {
      const good = await new HttpClient(host.url, { origin: ORIGIN }).post(path);
      expectUncached(good);
      expect(good.status).not.toBe(500);
      if (good.status >= 400) expect(newCookies(good)).toEqual([]);
    }
  });
});
