import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { rowCounts } from '../support/expectations.js';
import { closeApps } from '../support/running-apps.js';
import { type StubIdp, stopIdps } from '../support/stub-idp.js';
import type { TestApp } from '../support/test-app.js';
import { comeBack, ledTo, newPerson, setOut, startWithIdp } from '../support/visits.js';

afterAll(closeApps);
afterAll(stopIdps);

describe.each(['express', 'fastify'] as const)('where a visit leads, on %s', (adapter) => {
  let host: TestApp;
  let idp: StubIdp;
  beforeAll(async () => {
    const options = { trustedOrigins: ['https://www.app.example'] };
    ({ host, idp } = await startWithIdp({ adapter, options }));
  });

  it.each([
    '//evil.example',
    'https:evil.example',
    '\\\\evil.example',
    '/\\evil.example',
    'javascript:alert(1)',
    'https://evil.example/',
    'https://app.example.evil.example/',
    'http://[',
    '/a\r\nSet-Cookie: x=y',
    `/${'x'.repeat(10_000)}`,
    ' /x',
  ])('never leads to %j', async (target) => {
    const before = await rowCounts(host);
    for (const field of ['callbackURL', 'newUserCallbackURL', 'errorCallbackURL']) {
      const body = { provider: 'idp', [field]: target };
      expect(await host.browser().post('/auth/sign-in/social', body)).toMatchObject({
        status: 400,
        body: { code: 'VALIDATION_FAILED', errors: [{ field }] },
      });
    }
    expect(await rowCounts(host)).toEqual(before);
  });

  it.each([
    [undefined, 'https://app.example'],
    ['www.app.example', 'https://www.app.example'],
    ['evil.example', 'https://app.example'],
    ['app.example.evil.example', 'https://app.example'],
  ])('is back to where the browser has our cookies: Host %s', async (name, origin) => {
    const url = await setOutAt(host, name);
    const redirectUri = new URL(url).searchParams.get('redirect_uri');
    expect(redirectUri).toBe(`${origin}/auth/callback/idp`);
  });

  it('lets `%2f%2fevil` be the path of our own that it is', async () => {
    const browser = host.browser();
    const url = await setOut(browser, { callbackURL: '/%2f%2fevil.example' });
    const { to } = ledTo(await comeBack(browser, idp.approve(url, newPerson())));
    expect(new URL(to!, 'https://app.example').origin).toBe('https://app.example');
  });

  it.each([
    [{ origin: 'https://evil.example' }, 403, 'INVALID_ORIGIN'],
    [{ origin: 'null' }, 403, 'INVALID_ORIGIN'],
    [{ origin: undefined, 'sec-fetch-site': 'cross-site' }, 403, 'INVALID_ORIGIN'],
    [{ 'content-type': 'text/plain' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
  ])('is not made for another site: %j', async (headers, status, code) => {
    const before = await rowCounts(host);
    const answer = await host
      .browser()
      .post('/auth/sign-in/social', { provider: 'idp' }, { headers });
    expect(answer).toMatchObject({ status, body: { code } });
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await rowCounts(host)).toEqual(before);
  });
});

/** `fetch` chooses the `Host` by itself. */
async function setOutAt({ url }: TestApp, name: string | undefined): Promise<string> {
  const asked = request(`${url}/auth/sign-in/social`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(name !== undefined && { host: name }) },
  });
  asked.end(JSON.stringify({ provider: 'idp' }));
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  return ((await json(answer)) as { url: string }).url;
}
