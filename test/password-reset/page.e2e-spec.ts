import { randomUUID } from 'node:crypto';
import { refusal } from '../support/expectations.js';
import { NO_RETRY, signIn } from '../support/links.js';
import { Mailbox, mailboxOf } from '../support/mailbox.js';
import { newAccount } from '../support/people.js';
import { askForReset, newPassword, request, reset, submitReset } from '../support/resets.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

const pathOf = (token: string) => `/auth/reset-password/${token}`;
const elsewhere = [
  '//evil.example',
  'https://evil.example/',
  'https:evil.example',
  '\\\\evil.example',
  '/\\evil.example',
  '%2f%2fevil.example',
  'javascript:alert(1)',
  'https://app.example.evil.example/',
  'http://[',
  '/a\r\nb',
];

/** Where the form of a page at this path goes. */
function actionOf(page: string, path: string): string {
  const action = /<form method="post" action="([^"]+)">/.exec(page)![1]!;
  return new URL(action, `https://app.example${path}`).pathname;
}

describe.each(['express', 'fastify'] as const)(
  'the page behind a link for a new password on %s',
  (adapter) => {
    let host: TestApp;
    beforeAll(async () => {
      host = await createTestApp({
        adapter,
        extras: { mailer: Mailbox },
        options: { linking: NO_RETRY, trustedOrigins: ['https://admin.app.example'] },
      });
    });
    afterAll(() => host.close());

    it('is a plain form that tells nobody where it is', async () => {
      const { email } = await newAccount(host);
      const token = await askForReset(host, host.browser(), email);
      const { status, text, headers } = await host.browser().get(pathOf(token));
      expect(status).toBe(200);
      expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
      expect(actionOf(text, pathOf(token))).toBe('/auth/reset-password');
      expect(text).toContain(`name="token" value="${token}"`);
      expect(text).toContain('name="newPassword" autocomplete="new-password" required');
      expect(text).toContain(email);
      expect(text).not.toMatch(/<script|https?:\/\//);
    });

    it('is at the address of the app, whatever the request calls its host', async () => {
      const { email } = await newAccount(host);
      const headers = { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' };
      await host
        .browser()
        .post('/auth/request-password-reset?x=//evil.example', { email }, { headers });
      await askForReset(host, host.browser(), email, { redirectTo: '/evil-looking' });
      const letters = mailboxOf(host).letters.filter(
        ({ to, subject }) => to === email && subject.startsWith('New password'),
      );
      expect(letters).toHaveLength(2);
      for (const { text, html } of letters) {
        expect(text).toMatch(/^https:\/\/app\.example\/auth\/reset-password\/[\w-]{43}$/m);
        expect(html).toContain('href="https://app.example/auth/reset-password/');
        expect(`${text}${html}`).not.toContain('evil');
      }
    });

    it('uses nothing up, however often it is looked at', async () => {
      const { email } = await newAccount(host);
      const token = await askForReset(host, host.browser(), email);
      for (const method of ['GET', 'HEAD', 'GET']) {
        for (const query of ['', '?callbackURL=/reset', '?callbackURL=']) {
          const answer = await host.browser().request(method, `${pathOf(token)}${query}`);
          expect(answer.headers.getSetCookie()).toEqual([]);
        }
      }
      expect(await reset(host.browser(), token)).toMatchObject({ status: 200 });
    });

    it('changes the password, says so on a page, and signs nobody in', async () => {
      const { email } = await newAccount(host);
      const browser = host.browser();
      const token = await askForReset(host, browser, email);
      const answer = await submitReset(browser, token);
      expect(answer).toMatchObject({ status: 303 });
      expect(answer.headers.get('location')).toBe('/auth/reset-password/done');
      expect(answer.headers.getSetCookie()).toEqual([]);
      const done = await browser.get('/auth/reset-password/done');
      expect(done).toMatchObject({ status: 200, text: expect.stringContaining('been changed') });
      expect(await signIn({ client: browser }, { email, password: newPassword })).toMatchObject({
        status: 200,
      });
    });

    it('says what is wrong with a password, and takes another one', async () => {
      const { email } = await newAccount(host);
      const token = await askForReset(host, host.browser(), email);
      const { status, text, headers } = await submitReset(host.browser(), token, 'short');
      expect(status).toBe(400);
      expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(text).toContain('The password must have 8 characters or more.');
      expect(text).toContain(`name="token" value="${token}"`);
      expect(actionOf(text, '/auth/reset-password')).toBe('/auth/reset-password');
      expect(text).not.toContain('short');
      expect((await submitReset(host.browser(), token)).status).toBe(303);
    });

    it('says that a link works no more', async () => {
      const { email } = await newAccount(host);
      const token = await askForReset(host, host.browser(), email);
      await reset(host.browser(), token);
      for (const answer of [
        await host.browser().get(pathOf(token)),
        await host.browser().get(pathOf('x<script>')),
        await submitReset(host.browser(), token),
        await submitReset(host.browser(), ''),
      ]) {
        expect(answer.status).toBe(400);
        expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
        expect(answer.text).toContain('has been used');
        expect(answer.text).not.toContain('<script>');
      }
    });

    it.each([
      ['/new-password?a=b#c', '/new-password?a=b&token=TOKEN#c'],
      ['https://admin.app.example/reset', 'https://admin.app.example/reset?token=TOKEN'],
    ])('may be one of the app: %s', async (target, to) => {
      const { email } = await newAccount(host);
      const token = await askForReset(host, host.browser(), email, { redirectTo: target });
      const other = await askForReset(host, host.browser(), (await newAccount(host)).email);
      const query = `?callbackURL=${encodeURIComponent(target)}`;
      for (const [path, secret] of [
        [pathOf(token), token],
        [`${pathOf(other)}${query}`, other],
      ] as const) {
        const { status, headers } = await host.browser().get(path);
        expect(status).toBe(303);
        expect(headers.get('location')).toBe(to.replace('TOKEN', secret));
        expect(headers.get('referrer-policy')).toBe('no-referrer');
      }
    });

    it('leads to where the app explains a link that works no more', async () => {
      const { email } = await newAccount(host);
      const token = await askForReset(host, host.browser(), email, { redirectTo: '/new-password' });
      await reset(host.browser(), token);
      const expected = '/new-password?error=INVALID_OR_EXPIRED';
      for (const path of [
        pathOf(token),
        `${pathOf(token)}?callbackURL=/new-password`,
        `${pathOf(randomUUID())}?callbackURL=/new-password`,
      ]) {
        const { status, headers } = await host.browser().get(path);
        expect({ status, to: headers.get('location') }).toEqual({ status: 303, to: expected });
      }
    });

    it.each(elsewhere)('never leads elsewhere: %j', async (target) => {
      const { email } = await newAccount(host);
      const asked = await request(host.browser(), email, { redirectTo: target });
      expect(asked).toMatchObject({
        status: 400,
        body: { code: 'VALIDATION_FAILED', errors: [{ field: 'redirectTo' }] },
      });
      const token = await askForReset(host, host.browser(), email);
      for (const secret of [token, 'none']) {
        const answer = await host
          .browser()
          .get(`${pathOf(secret)}?callbackURL=${encodeURIComponent(target)}`);
        expect(answer).toMatchObject(refusal(400, 'VALIDATION_FAILED'));
        expect(answer.headers.get('location')).toBeNull();
      }
      const mails = mailboxOf(host).letters.filter(
        ({ to, subject }) => to === email && subject.startsWith('New password'),
      );
      expect(mails).toHaveLength(1);
    });

    it.each([
      ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, 403],
      ['a frame in a sandbox', { origin: 'null', 'sec-fetch-site': 'cross-site' }, 403],
      ['text', { 'content-type': 'text/plain' }, 415],
    ])('takes no form of %s', async (_, headers, status) => {
      const { email, password } = await newAccount(host);
      const token = await askForReset(host, host.browser(), email);
      const answer = await host.browser().request('POST', '/auth/reset-password', {
        raw: new URLSearchParams({ token, newPassword }).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      });
      expect(answer.status).toBe(status);
      expect(await signIn({ client: host.browser() }, { email, password })).toMatchObject({
        status: 200,
      });
    });

    it.each([
      ['POST', '/auth/forget-password'],
      ['POST', '/auth/verify-password'],
      ['GET', '/auth/request-password-reset'],
      ['GET', '/auth/reset-password'],
      ['POST', '/auth/reset-password/x'],
    ])('is the only other route: %s %s', async (method, path) => {
      const body = method === 'POST' ? {} : undefined;
      expect(await host.browser().request(method, path, { body })).toMatchObject({ status: 404 });
    });
  },
);

describe('an app without mail', () => {
  it('has no routes for new passwords', async () => {
    const host = await createTestApp();
    try {
      const client = host.browser();
      expect(await request(client, 'ada@example.com')).toMatchObject({ status: 404 });
      expect(await client.get(pathOf('x'))).toMatchObject({ status: 404 });
      expect(await reset(client, 'x')).toMatchObject({ status: 404 });
    } finally {
      await host.close();
    }
  });
});
