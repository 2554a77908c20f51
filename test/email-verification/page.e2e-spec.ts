import { randomUUID } from 'node:crypto';
import { refusal } from '../support/expectations.js';
import { NO_RETRY } from '../support/links.js';
import {
  askForVerification,
  Mailbox,
  mailboxOf,
  mailedToken,
  pressVerify,
  verify,
} from '../support/mailbox.js';
import { newAccount } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

const password = 'correct horse battery';
const newEmail = () => `${randomUUID()}@example.com`;
const openPath = (token: string) => `/auth/verify-email/open?token=${token}`;
const verifyPath = (token: string) => `/auth/verify-email?token=${token}`;

const elsewhere: [string, unknown][] = [
  ['another host', '//evil.example'],
  ['another origin', 'https://evil.example/'],
  ['a scheme without slashes', 'https:evil.example'],
  ['backslashes', '\\\\evil.example'],
  ['a backslash', '/\\evil.example'],
  ['a script', 'javascript:alert(1)'],
  ['a broken URL', 'http://['],
  ['a line break', '/a\r\nb'],
];

describe.each(['express', 'fastify'] as const)(
  'the page behind a link that proves an address on %s',
  (adapter) => {
    let host: TestApp;
    beforeAll(async () => {
      host = await createTestApp({
        adapter,
        extras: { mailer: Mailbox },
        options: { linking: NO_RETRY, emailVerification: 'required' },
      });
    });
    afterAll(() => host.close());

    const signedUp = (client = host.browser(), email = newEmail(), more: object = {}) =>
      mailedToken(host, email, 'verify-email', () =>
        client.post('/auth/sign-up/email', { email, password, ...more }),
      );

    it('is a plain form that tells nobody where it is', async () => {
      const email = newEmail();
      const token = await signedUp(host.browser(), email);
      const { status, text, headers } = await host.browser().get(openPath(token));
      expect(status).toBe(200);
      expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(text).toContain('<form method="post" action="/auth/verify-email">');
      expect(text).toContain(`name="token" value="${token}"`);
      expect(text).toContain(email);
      expect(text).not.toMatch(/<script|https?:\/\//);
    });

    it('is at the address of the app, whatever the request calls its host', async () => {
      const headers = { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' };
      const client = host.browser();
      Object.assign(client.defaults, headers);
      const email = newEmail();
      await signedUp(client, email);
      await askForVerification(host, client, email);
      const letters = mailboxOf(host).letters.slice(-2);
      for (const { text, html, to } of letters) {
        expect(to).toBe(email);
        expect(text).toMatch(
          /^https:\/\/app\.example\/auth\/verify-email\/open\?token=[\w-]{43}$/m,
        );
        expect(`${text}${html}`).not.toContain('evil');
      }
    });

    it('has no word in its mail that the one who asked has written', async () => {
      const name = '<b>Win</b> https://evil.example';
      await signedUp(host.browser(), newEmail(), { name, callbackURL: '/evil-path' });
      const { subject, text, html } = mailboxOf(host).letters.at(-1)!;
      expect(`${subject}${text}${html}`).not.toMatch(/evil|Win/);
    });

    it('uses nothing up, however often it is looked at', async () => {
      const client = host.browser();
      const token = await signedUp(client);
      for (const method of ['GET', 'HEAD', 'GET', 'GET']) {
        for (const path of [openPath(token), verifyPath(token)]) {
          const answer = await host.browser().request(method, path, {
            headers: { 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'none', origin: undefined },
          });
          expect(answer.headers.getSetCookie()).toEqual([]);
        }
      }
      const scriptLike = { 'sec-fetch-mode': 'cors', 'sec-fetch-site': 'same-origin' };
      await host.browser().request('HEAD', verifyPath(token), { headers: scriptLike });
      expect((await verify(client, token)).status).toBe(200);
    });

    it.each([
      ['a click in a mail', { 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'cross-site' }],
      ['another origin', { 'sec-fetch-mode': 'cors', origin: 'https://evil.example' }],
    ])('is where GET leads for %s', async (_, headers) => {
      const client = host.browser();
      const token = await signedUp(client);
      const answer = await host
        .browser()
        .get(verifyPath(token), { headers: { origin: undefined, ...headers } });
      expect({ status: answer.status, to: answer.headers.get('location') }).toEqual({
        status: 303,
        to: openPath(token),
      });
      expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
      expect((await verify(client, token)).status).toBe(200);
    });

    it('is not needed by a script of the app', async () => {
      const client = host.browser();
      const token = await signedUp(client);
      const { status, body } = await client.get(`${verifyPath(token)}&callbackURL=%2Fhome`, {
        headers: { origin: undefined, 'sec-fetch-mode': 'cors', 'sec-fetch-site': 'same-origin' },
      });
      expect({ status, body }).toMatchObject({
        status: 200,
        body: { status: true, user: { emailVerified: true }, redirect: true, url: '/home' },
      });
    });

    it.each(elsewhere)('never leads to %s', async (_, callbackURL) => {
      const client = host.browser();
      const email = newEmail();
      const mails = mailboxOf(host).letters.length;
      const { client: account } = await signedInAccount();
      const refused = { status: 400, body: { errors: [{ field: 'callbackURL' }] } };
      const mailsBefore = mailboxOf(host).letters.length;
      expect(mailsBefore).toBeGreaterThan(mails);
      for (const answer of [
        await client.post('/auth/sign-up/email', { email, password, callbackURL }),
        await client.post('/auth/send-verification-email', { email, callbackURL }),
        await account.post('/auth/change-email', { newEmail: email, callbackURL }),
      ]) {
        expect(answer).toMatchObject(refused);
        expect(answer.headers.get('location')).toBeNull();
      }
      expect(client.cookies.header()).toBe('');
      expect(mailboxOf(host).letters).toHaveLength(mailsBefore);
      const token = await signedUp(client);
      expect(await verify(client, token, { callbackURL })).toMatchObject(refused);
      expect((await verify(client, token)).status).toBe(200);
    });

    it('says that a link works no more, and leads nobody on who has proven nothing', async () => {
      const client = host.browser();
      const token = await signedUp(client, newEmail(), { callbackURL: '/welcome' });
      await verify(client, token);
      for (const answer of [
        await client.get(openPath(token)),
        await pressVerify(client, token),
        await client.get(openPath('x<script>')),
      ]) {
        expect(answer.status).toBe(400);
        expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
        expect(answer.text).toContain('has been used');
        expect(answer.text).not.toContain('<script>');
      }
    });

    it.each([
      ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, 403],
      ['a frame in a sandbox', { origin: 'null', 'sec-fetch-site': 'cross-site' }, 403],
      ['text', { 'content-type': 'text/plain' }, 415],
    ])('takes no form of %s', async (_, headers, status) => {
      const client = host.browser();
      const token = await signedUp(client);
      const answer = await host.browser().request('POST', '/auth/verify-email', {
        raw: new URLSearchParams({ token }).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      });
      expect(answer.status).toBe(status);
      expect(answer.headers.getSetCookie()).toEqual([]);
      expect((await verify(client, token)).status).toBe(200);
    });

    it.each([
      { token: 7 },
      { token: '' },
      { token: ['x'] },
      { token: 'x'.repeat(600) },
      { token: 'x', password: 7 },
      { token: 'x', password: 'a\0b' },
      { token: 'x', password: 'x'.repeat(300) },
      { token: 'x', other: 'x' },
      {},
    ])('is no 500 for %j', async (body) => {
      const { status } = await host.browser().post('/auth/verify-email', body);
      expect(status).toBe(400);
    });

    it('shows the words of nobody as markup', async () => {
      const email = `a'b&c@example.com`;
      const token = await signedUp(host.browser(), email);
      const { text } = await host.browser().get(openPath(token));
      expect(text).toContain('a&#39;b&amp;c@example.com');
      expect((await verify(host.browser(), `${token}"`)).body).toMatchObject(
        refusal(400, 'INVALID_OR_EXPIRED')['body' as never],
      );
    });

    /** Somebody with an account, although addresses have to be proven. */
    async function signedInAccount() {
      const client = host.browser();
      const token = await signedUp(client);
      const { body } = await verify(client, token);
      return { client, userId: body.user.id as string };
    }
  },
);

describe('a link that proves an address', () => {
  it('leads an account to where its sign-up said', async () => {
    const host = await createTestApp({
      extras: { mailer: Mailbox },
      options: { linking: NO_RETRY },
    });
    const account = await newAccount(host);
    const token = await askForVerification(host, account.client, account.email, {
      callbackURL: '/dogs',
    });
    const { status, headers } = await pressVerify(account.client, token);
    expect({ status, to: headers.get('location') }).toEqual({ status: 303, to: '/dogs' });
    await host.close();
  });
});
