import { newCookies, refusal, rowCounts } from '../support/expectations.js';
import { HttpClient } from '../support/http-client.js';
import { newGuest } from '../support/people.js';
import { createTestApp, ORIGIN, type TestApp } from '../support/test-app.js';

type Headers = Record<string, string>;

const trusted = 'https://admin.example:8443';
const forgeries: [string, Headers][] = [
  ['another site', { origin: 'https://evil.example' }],
  ['a page without an origin', { origin: 'null' }],
  ['an empty origin', { origin: '' }],
  ['our name as the start of another', { origin: `${ORIGIN}.evil.example` }],
  ['our name as the end of another', { origin: 'https://evilapp.example' }],
  ['a sub-domain of ours', { origin: 'https://sub.app.example' }],
  ['another port of ours', { origin: `${ORIGIN}:444` }],
  ['the other scheme of ours', { origin: 'http://app.example' }],
  ['our origin with a path', { origin: `${ORIGIN}/` }],
  ['the host of a trusted origin on another port', { origin: 'https://admin.example' }],
  [
    'another site that calls itself same-origin',
    { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' },
  ],
  ['a cross-site request', { 'sec-fetch-site': 'cross-site' }],
  ['a same-site request', { 'sec-fetch-site': 'same-site' }],
  ['a request of unknown kind', { 'sec-fetch-site': 'whatever' }],
];
const genuine: [string, Headers][] = [
  ['our own page', { origin: ORIGIN }],
  ['our own page in upper case', { origin: ORIGIN.toUpperCase() }],
  ['a trusted page', { origin: trusted }],
  ['a same-origin request', { 'sec-fetch-site': 'same-origin' }],
  ['a request by hand', { 'sec-fetch-site': 'none' }],
];
const routes = ['/auth/anonymous', '/auth/sign-out', '/notes', '/access/write'];
const bodyOf = (path: string) => (path === '/notes' ? { text: 'a note' } : undefined);

describe.each(['express', 'fastify'] as const)('a forged request on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ adapter, options: { trustedOrigins: [trusted] } });
  });
  afterAll(() => host.close());

  /** A browser whose headers are all the test's own. */
  const plain = () => new HttpClient(host.url);

  it.each(forgeries)('is refused without a cookie: %s', async (_, headers) => {
    const before = await rowCounts(host);
    for (const path of routes) {
      const answer = await plain().post(path, bodyOf(path), { headers });
      expect(answer).toMatchObject(refusal(403, 'INVALID_ORIGIN'));
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
    expect(await rowCounts(host)).toEqual(before);
  });

  it.each(forgeries)('is refused with the cookie, which stays alive: %s', async (_, headers) => {
    const { client } = await newGuest(host);
    const before = await rowCounts(host);
    const victim = plain();
    client.cookies.copyTo(victim.cookies);
    for (const path of routes) {
      const answer = await victim.post(path, bodyOf(path), { headers });
      expect(answer).toMatchObject(refusal(403, 'INVALID_ORIGIN'));
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
    expect(await rowCounts(host)).toEqual(before);
    expect(await client.get('/access/guest')).toMatchObject({ status: 200 });
  });

  it.each(forgeries)('is refused with a bearer token: %s', async (_, headers) => {
    const { token } = await newGuest(host);
    const authorization = `Bearer ${token}`;
    const answer = await plain().post('/access/write', undefined, {
      headers: { ...headers, authorization },
    });
    expect(answer).toMatchObject(refusal(403, 'INVALID_ORIGIN'));
  });

  it.each(genuine)('is none when it comes from %s', async (_, headers) => {
    const client = plain();
    const issued = await client.post('/auth/anonymous', undefined, { headers });
    expect(issued.status).toBe(201);
    const userId = issued.body.user.id;
    expect(await client.post('/access/write', undefined, { headers })).toMatchObject({
      status: 201,
      body: { userId },
    });
    const note = await client.post('/notes', { text: 'mine' }, { headers });
    expect(note).toMatchObject({ status: 201, body: { userId } });
    expect(await client.post('/auth/sign-out', undefined, { headers })).toMatchObject({
      status: 200,
    });
  });

  it('is none without Origin and Sec-Fetch-Site, as long as no cookie comes along', async () => {
    const issued = await plain().post('/auth/anonymous');
    expect(issued.status).toBe(201);
    expect(newCookies(issued)).toHaveLength(1);
    expect(await plain().post('/notes', { text: 'native' })).toMatchObject({ status: 201 });
    expect(await plain().post('/auth/sign-out')).toMatchObject({ status: 200 });
    const headers = { authorization: `Bearer ${issued.body.token}` };
    const written = await plain().post('/access/write', undefined, { headers });
    expect(written).toMatchObject({ status: 201, body: { userId: issued.body.user.id } });
  });

  it('is what a request with the cookie but without Origin and Sec-Fetch-Site counts as', async () => {
    const { client, token } = await newGuest(host);
    const before = await rowCounts(host);
    const victim = plain();
    client.cookies.copyTo(victim.cookies);
    for (const path of routes) {
      const answer = await victim.post(path, bodyOf(path));
      expect(answer).toMatchObject(refusal(403, 'INVALID_ORIGIN'));
    }
    const headers = { authorization: `Bearer ${token}` };
    const both = await victim.post('/access/write', undefined, { headers });
    expect(both).toMatchObject(refusal(403, 'INVALID_ORIGIN'));
    expect(await rowCounts(host)).toEqual(before);
  });

  it('may read: GET is refused to no origin', async () => {
    const { client } = await newGuest(host);
    for (const [, headers] of forgeries) {
      expect(await client.get('/access/session', { headers })).toMatchObject({ status: 200 });
      expect(await client.get('/auth/get-session', { headers })).toMatchObject({ status: 200 });
    }
  });

  it.each([
    ['DELETE', '/auth/anonymous'],
    ['POST', '/auth/delete-anonymous-user'],
    ['POST', '/auth/anonymous/upgrade'],
    ['POST', '/auth/sign-up/email'],
    ['POST', '/auth/sign-in/email'],
  ])('is refused on %s %s too', async (method, path) => {
    const { client } = await newGuest(host);
    const before = await rowCounts(host);
    const body = { email: 'ada@example.com', password: 'correct horse battery' };
    const answer = await client.request(method, path, {
      headers: { origin: 'https://evil.example' },
      ...(path.endsWith('email') || path.endsWith('upgrade') ? { body } : {}),
    });
    expect(answer).toMatchObject(refusal(403, 'INVALID_ORIGIN'));
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await rowCounts(host)).toEqual(before);
  });

  it.each([
    ['text/plain', 'hello'],
    ['application/x-www-form-urlencoded', 'text=hello'],
  ])('is not what a host route takes %s for', async (type, raw) => {
    const { client, userId } = await newGuest(host);
    const headers = { 'content-type': type };
    const answer = await client.request('POST', '/access/write', { headers, raw });
    expect(answer).toMatchObject({ status: 201, body: { userId } });
  });

  it('is not what a form of ours is that makes a guest on a host route', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await host.browser().request('POST', '/notes', { headers, raw: 'text=form' });
    expect(answer).toMatchObject({ status: 201, body: { text: 'form' } });
    expect(newCookies(answer)).toHaveLength(1);
  });
});

describe('an upload', () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp();
  });
  afterAll(() => host.close());

  it('reaches a host route as multipart', async () => {
    const { client, userId } = await newGuest(host);
    const headers = { 'content-type': 'multipart/form-data; boundary=x' };
    const raw = '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n';
    const answer = await client.request('POST', '/access/write', { headers, raw });
    expect(answer).toMatchObject({ status: 201, body: { userId } });
  });
});
