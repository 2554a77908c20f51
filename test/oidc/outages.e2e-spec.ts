import { gzipSync } from 'node:zlib';
import type { ServerResponse } from 'node:http';
import { newCookies, rowCounts } from '../support/expectations.js';
import { guestWithNotes } from '../support/links.js';
import { closeApps, startApp } from '../support/running-apps.js';
import { dropping, json, type Misbehaviour, StubIdp, stopIdps } from '../support/stub-idp.js';
import type { TestApp } from '../support/test-app.js';
import { comeBack, ledTo, newPerson, setOut, visit, whoIs } from '../support/visits.js';

afterAll(closeApps);
afterAll(stopIdps);

const DISCOVERY = '/.well-known/openid-configuration';
/** Far less than what the library waits for by itself, and more than a busy machine needs. */
const SOON_MS = 12_000;
const hang = () => undefined;
const redirectTo = (url: string) => (_: unknown, response: ServerResponse) => {
  response.writeHead(302, { location: url }).end();
};
const huge = (_: unknown, response: ServerResponse) =>
  json(response, 200, { keys: [{ kty: 'RSA', n: 'x'.repeat(10_000_000), e: 'AQAB' }] });
/** Twenty megabytes in twenty kilobytes. */
const bomb = (_: unknown, response: ServerResponse) => {
  response
    .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
    .end(gzipSync(`{"keys":[],"x":"${' '.repeat(20_000_000)}"}`));
};
const text = (status: number, body: string) => (_: unknown, response: ServerResponse) => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(body);
};
const named = (name: string, value: unknown): Misbehaviour => ({
  metadata: (metadata) => ({ ...metadata, [name]: value }),
});

/** More than there are tests: each gets one that the app has never asked anything. */
const IDPS = 32;

describe.each(['express', 'fastify'] as const)('a provider in trouble, on %s', (adapter) => {
  let idp: StubIdp;
  let fresh: StubIdp[];
  let host: TestApp;
  beforeAll(async () => {
    fresh = await Promise.all(Array.from({ length: IDPS }, (_, n) => StubIdp.start(`idp${n}`)));
    const providers = fresh.map((one) => one.provider({ trustEmail: true }));
    host = await startApp({ adapter, options: { providers } });
  });
  beforeEach(() => {
    idp = fresh.pop()!;
  });

  async function expectNotStarted() {
    const before = await rowCounts(host);
    const began = performance.now();
    const answer = await host.browser().post('/auth/sign-in/social', { provider: idp.id });
    expect(performance.now() - began).toBeLessThan(SOON_MS);
    expect(answer).toMatchObject({
      status: 502,
      body: { statusCode: 502, code: 'PROVIDER_UNAVAILABLE' },
    });
    expect(await rowCounts(host)).toEqual(before);
  }

  it('stops no start, and is asked nothing before somebody wants to go there', async () => {
    expect(idp.requests).toEqual([]);
    await idp.stop();
    await expectNotStarted();
    expect((await host.browser().post('/auth/anonymous')).status).toBe(201);
  });

  const starts: Record<string, Misbehaviour> = {
    'does not answer': { replies: { [DISCOVERY]: hang } },
    'answers with an error': { replies: { [DISCOVERY]: text(500, '{}') } },
    'answers no JSON': { replies: { [DISCOVERY]: text(200, '{"issuer":') } },
    'answers something else': { replies: { [DISCOVERY]: text(200, '[1]') } },
    'answers far too much': { replies: { [DISCOVERY]: huge } },
    'says that it is another issuer': named('issuer', 'https://evil.example'),
    'says that it is its own subdirectory': {
      metadata: (all) => ({ ...all, issuer: `${String(all.issuer)}/tenant` }),
    },
    'has no page to go to': named('authorization_endpoint', undefined),
    'has a page that is a script': named('authorization_endpoint', 'javascript:alert(1)//'),
    'has a page in the clear': named('authorization_endpoint', 'http://idp.example/authorize'),
  };
  it.each(Object.keys(starts))('sends nobody to one that %s, and recovers', async (name) => {
    idp.misbehaviour = starts[name]!;
    await expectNotStarted();
    idp.misbehaviour = {};
    expect((await visit(host.browser(), idp, newPerson())).status).toBe(302);
  });

  it('follows no redirect of the discovery', async () => {
    const inside = await StubIdp.start();
    idp.misbehaviour = { replies: { [DISCOVERY]: redirectTo(`${inside.issuer}${DISCOVERY}`) } };
    await expectNotStarted();
    expect(inside.requests).toEqual([]);
  });

  const ends: Record<string, Misbehaviour> = {
    'does not answer at the end': { replies: { '/token': hang } },
    'answers and never comes to the end': {
      replies: {
        '/token': (_, response) => {
          response.writeHead(200, { 'content-type': 'application/json' }).write('{');
        },
      },
    },
    'breaks down': { replies: { '/token': text(503, '{"error":"server_error"}') } },
    'does not know us': { replies: { '/token': text(401, '{"error":"invalid_client"}') } },
    'answers a page': {
      replies: {
        '/token': (_, response) => {
          response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Sorry</h1>');
        },
      },
    },
    'answers half of an object': { replies: { '/token': text(200, '{"access_token"') } },
    'publishes ten megabytes of keys': { replies: { '/jwks': huge } },
    'publishes a bomb': { replies: { '/jwks': bomb } },
    'publishes no keys': { replies: { '/jwks': text(200, '{"keys":{}}') } },
    'takes its time with everything': {
      replies: {
        '/jwks': (_, response) => {
          setTimeout(() => json(response, 200, { keys: [] }), 10_000).unref();
        },
      },
    },
  };
  it.each(Object.keys(ends))('signs nobody in by one that %s', async (name) => {
    const guest = await guestWithNotes(host, 'mine');
    const url = await setOut(guest.client, { provider: idp.id, errorCallbackURL: '/oops' });
    idp.misbehaviour = ends[name]!;
    const began = performance.now();
    const answer = await comeBack(guest.client, idp.approve(url, newPerson()));
    expect(performance.now() - began).toBeLessThan(SOON_MS);
    expect(ledTo(answer).to).toMatch(/^\/oops\?error=PROVIDER_(UNAVAILABLE|ANSWER_INVALID)$/);
    expect(newCookies(answer)).toEqual([]);
    expect(await whoIs(guest.client)).toMatchObject({ id: guest.userId, isAnonymous: true });
    expect((await guest.client.get('/notes')).body).toMatchObject([{ text: 'mine' }]);
    // Nothing of it stays.
    idp.misbehaviour = {};
    expect((await visit(host.browser(), idp, newPerson())).status).toBe(302);
  });

  it.each(['/token', '/jwks', '/userinfo'])('follows no redirect of %s', async (path) => {
    const inside = await StubIdp.start();
    const browser = host.browser();
    const url = await setOut(browser, { provider: idp.id, errorCallbackURL: '/oops' });
    idp.misbehaviour = {
      claims: dropping('email'),
      replies: { [path]: redirectTo(`${inside.issuer}${path}`) },
    };
    const answer = await comeBack(browser, idp.approve(url, newPerson()));
    expect(ledTo(answer)).toEqual({ status: 302, to: '/oops?error=PROVIDER_UNAVAILABLE' });
    expect(inside.requests).toEqual([]);
    expect(await whoIs(browser)).toBeNull();
  });

  it('is asked for its keys once, and not again by whoever comes with unknown ones', async () => {
    const count = () => idp.requests.filter((path) => path === '/jwks').length;
    await visit(host.browser(), idp, newPerson());
    await visit(host.browser(), idp, newPerson());
    expect(count()).toBe(1);
    idp.misbehaviour = { header: { kid: 'another' } };
    for (let n = 0; n < 5; n += 1) await visit(host.browser(), idp, newPerson());
    expect(count()).toBe(1);
    expect(idp.requests.filter((path) => path === DISCOVERY)).toHaveLength(1);
  });

  it('is asked for its keys again after a minute, when it signs with new ones', async () => {
    await visit(host.browser(), idp, newPerson());
    idp.rotateKey();
    const browser = host.browser();
    const now = Date.now();
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => now + 61_000);
    try {
      expect(ledTo(await visit(browser, idp, newPerson()))).toMatchObject({ to: '/' });
    } finally {
      clock.mockRestore();
    }
    expect(await whoIs(browser)).not.toBeNull();
  });
});
