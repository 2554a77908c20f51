import { randomUUID } from 'node:crypto';
import { get, type IncomingMessage } from 'node:http';
import { guestWithNotes, NO_RETRY } from '../support/links.js';
import { askForLink, mailboxOf, pressButton, redeem, startMailApp } from '../support/mailbox.js';
import { closeApps } from '../support/running-apps.js';
import type { TestApp } from '../support/test-app.js';

afterAll(closeApps);

const newEmail = () => `${randomUUID()}@example.com`;
const openPath = (token: string) => `/auth/magic-link/open?token=${token}`;
const verifyPath = (token: string) => `/auth/magic-link/verify?token=${token}`;
/** With exactly these headers: `fetch` writes `Sec-Fetch-Mode` itself. */
const getAs = (url: URL, headers: Record<string, string>): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    get(url, { headers, agent: false }, (answer) => {
      answer.resume();
      resolve(answer);
    }).on('error', reject);
  });
const left = (host: TestApp) => host.sql('SELECT 1 FROM auth_flows WHERE consumed_at IS NULL');

describe.each(['express', 'fastify'] as const)('the page behind a magic link on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await startMailApp({
      adapter,
      options: { linking: NO_RETRY, trustedOrigins: ['https://admin.app.example'] },
    });
  });
  beforeEach(async () => {
    mailboxOf(host).letters.length = 0;
    await host.sql('DELETE FROM auth_flows');
  });

  it('is a plain form that tells nobody where it is', async () => {
    const email = newEmail();
    const token = await askForLink(host, host.browser(), email);
    const { status, text, headers } = await host.browser().get(openPath(token));
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(text).toContain('<form method="post" action="verify">');
    expect(text).toContain(`name="token" value="${token}"`);
    expect(text).toContain(email);
    expect(text).not.toMatch(/<script|https?:\/\//);
  });

  it('is at the address of the app, whatever the request calls its host', async () => {
    const browser = host.browser();
    const headers = { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' };
    await browser.post(
      '/auth/sign-in/magic-link?x=//evil.example',
      { email: newEmail() },
      { headers },
    );
    const token = await askForLink(host, browser, newEmail());
    const [letter] = mailboxOf(host).letters;
    expect(letter!.text).toMatch(
      /^https:\/\/app\.example\/auth\/magic-link\/open\?token=[\w-]{43}$/m,
    );
    expect(letter!.html).toContain('href="https://app.example/auth/magic-link/open?token=');
    expect(`${letter!.text}${letter!.html}`).not.toContain('evil');
    expect(token).toHaveLength(43);
  });

  it('uses nothing up, however often it is looked at', async () => {
    const browser = host.browser();
    const token = await askForLink(host, browser, newEmail());
    for (const method of ['GET', 'HEAD', 'GET']) {
      for (const path of [openPath(token), verifyPath(token)]) {
        const answer = await host.browser().request(method, path, {
          headers: { 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'none', origin: undefined },
        });
        expect(answer.headers.getSetCookie()).toEqual([]);
      }
    }
    const scriptLike = { 'sec-fetch-mode': 'cors', 'sec-fetch-site': 'same-origin' };
    await host.browser().request('HEAD', verifyPath(token), { headers: scriptLike });
    expect(await left(host)).toHaveLength(1);
    expect((await redeem(browser, token)).status).toBe(200);
  });

  it.each([
    ['a click in a mail', { 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'cross-site' }],
    ['a client that is no browser', { 'sec-fetch-mode': 'cors' }],
    ['a client that says nothing', {}],
    ['a script of another site', { 'sec-fetch-mode': 'cors', 'sec-fetch-site': 'cross-site' }],
    ['another origin', { 'sec-fetch-mode': 'cors', origin: 'https://evil.example' }],
    ['a picture', { 'sec-fetch-mode': 'no-cors', 'sec-fetch-site': 'same-origin' }],
  ])('is where GET verify leads for %s', async (_, headers) => {
    const token = await askForLink(host, host.browser(), newEmail());
    const answer = await getAs(new URL(verifyPath(token), host.url), headers);
    expect(answer.statusCode).toBe(303);
    expect(answer.headers.location).toBe(openPath(token));
    expect(answer.headers['referrer-policy']).toBe('no-referrer');
    expect(await left(host)).toHaveLength(1);
  });

  it('is not needed by a script of the app', async () => {
    const guest = await guestWithNotes(host, 'mine');
    const token = await askForLink(host, guest.client, newEmail());
    const { status, body } = await guest.client.get(`${verifyPath(token)}&callbackURL=%2Fhome`, {
      headers: { origin: undefined, 'sec-fetch-mode': 'cors', 'sec-fetch-site': 'same-origin' },
    });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { user: { id: guest.userId }, redirect: true, url: '/home' },
    });
  });

  it.each([
    [{}, '/'],
    [{ callbackURL: '/dogs?a=b#c' }, '/dogs?a=b#c'],
    [{ callbackURL: 'https://admin.app.example/x' }, 'https://admin.app.example/x'],
    [{ callbackURL: '/dogs', newUserCallbackURL: '/welcome' }, '/welcome'],
  ])('leads to where the app said: %j', async (targets, to) => {
    const browser = host.browser();
    const token = await askForLink(host, browser, newEmail(), targets);
    expect((await pressButton(browser, token)).headers.get('location')).toBe(to);
  });

  it('leads an account that is there to the usual place', async () => {
    const browser = host.browser();
    const email = newEmail();
    await redeem(browser, await askForLink(host, browser, email));
    const targets = { callbackURL: '/dogs', newUserCallbackURL: '/welcome' };
    const token = await askForLink(host, browser, email, targets);
    expect((await pressButton(browser, token)).headers.get('location')).toBe('/dogs');
  });

  it.each(['callbackURL', 'newUserCallbackURL', 'errorCallbackURL'])(
    'never leads elsewhere by %s',
    async (field) => {
      for (const target of [
        '//evil.example',
        'https://evil.example/',
        'https:evil.example',
        '\\\\evil.example',
        '/\\evil.example',
        'javascript:alert(1)',
        'https://app.example.evil.example/',
        'http://[',
        '/a\r\nb',
        `/${'a'.repeat(10_000)}`,
      ]) {
        const answer = await host
          .browser()
          .post('/auth/sign-in/magic-link', { email: newEmail(), [field]: target });
        expect(answer).toMatchObject({
          status: 400,
          body: { code: 'VALIDATION_FAILED', errors: [{ field }] },
        });
        expect(answer.headers.getSetCookie()).toEqual([]);
      }
      expect(mailboxOf(host).letters).toEqual([]);
    },
  );

  it('says that a link works no more', async () => {
    const browser = host.browser();
    const token = await askForLink(host, browser, newEmail());
    await redeem(browser, token);
    for (const answer of [
      await browser.get(openPath(token)),
      await pressButton(browser, token),
      await browser.get(openPath('x<script>')),
    ]) {
      expect(answer.status).toBe(400);
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(answer.text).toContain('has been used');
      expect(answer.text).not.toContain('<script>');
    }
  });

  it('leads to where the app explains that, if it said so', async () => {
    const browser = host.browser();
    const targets = { errorCallbackURL: '/sign-in?from=mail#top' };
    const token = await askForLink(host, browser, newEmail(), targets);
    await redeem(browser, token);
    const { status, headers } = await pressButton(browser, token);
    expect({ status, to: headers.get('location') }).toEqual({
      status: 303,
      to: '/sign-in?from=mail&error=INVALID_OR_EXPIRED#top',
    });
  });

  it.each([
    ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, 403],
    ['a frame in a sandbox', { origin: 'null', 'sec-fetch-site': 'cross-site' }, 403],
    ['no origin that a browser tells', { origin: 'null' }, 403],
    ['text', { 'content-type': 'text/plain' }, 415],
  ])('takes no form of %s', async (_, headers, status) => {
    const token = await askForLink(host, host.browser(), newEmail());
    const answer = await host.browser().request('POST', '/auth/magic-link/verify', {
      raw: new URLSearchParams({ token }).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    });
    expect(answer.status).toBe(status);
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await left(host)).toHaveLength(1);
  });

  it('takes no JSON from a page that hides its origin', async () => {
    const token = await askForLink(host, host.browser(), newEmail());
    const headers = { origin: 'null', 'sec-fetch-site': 'same-origin' };
    const answer = await host.browser().post('/auth/magic-link/verify', { token }, { headers });
    expect(answer.status).toBe(403);
  });
});
