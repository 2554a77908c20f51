import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { addNotes, notesOf, NO_RETRY } from '../support/links.js';
import { askForCode, typeCode } from '../support/codes.js';
import type { HttpAnswer, HttpClient } from '../support/http-client.js';
import { askForLink, askForVerification, Mailbox, redeem, verify } from '../support/mailbox.js';
import { type AccountHolder, newAccount } from '../support/people.js';
import { authRoutesOf } from '../support/routes.js';
import { StubIdp, stopIdps } from '../support/stub-idp.js';
import { createTestApp, type TestApp } from '../support/test-app.js';
import { visit } from '../support/visits.js';

const src = join(import.meta.dirname, '../../src');
const sources = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name, text: readFileSync(join(src, name), 'utf8') }));
const whoSays = (pattern: RegExp) =>
  sources.filter(({ text }) => pattern.test(text)).map(({ name }) => name.replaceAll('\\', '/'));

describe('the session of an account', () => {
  it('begins in one place, which every way to sign in goes through', () => {
    expect(whoSays(/essions\.begin\(/)).toEqual(['auth/authentication.service.ts']);
    expect(whoSays(/ntries\.enter\(/)).toEqual(['auth/authentication.service.ts']);
    expect(whoSays(/essions\.beginning\(/)).toEqual(['auth/arrivals/entry.service.ts']);
    expect(whoSays(/INSERT INTO \$\{path\} AS s\b/)).toEqual(['auth/sessions/sessions.service.ts']);
  });
});

/** The browser that signs in. */
interface By {
  readonly host: TestApp;
  readonly browser: HttpClient;
  /** A provider that the host knows. */
  readonly idp: StubIdp;
}

type SignIn = (account: AccountHolder, by: By) => Promise<HttpAnswer>;

const newPerson = () => ({ email: `${randomUUID()}@example.com`, password: 'correct horse' });

/**
 * Every route that signs an account in, by whatever method, and how a guest uses it. A new route of the library must be put
 * here, or into the list of the others.
 */
const SIGN_INS: Record<string, SignIn> = {
  'POST /auth/sign-in/email': ({ email, password }, { browser }) =>
    browser.post('/auth/sign-in/email', { email, password }),
  'POST /auth/magic-link/verify': async ({ email }, { host, browser }) =>
    redeem(browser, await askForLink(host, browser, email)),
  'GET /auth/magic-link/verify': async ({ email }, { host, browser }) =>
    browser.get(`/auth/magic-link/verify?token=${await askForLink(host, browser, email)}`, {
      headers: { 'sec-fetch-mode': 'cors', 'sec-fetch-site': 'same-origin' },
    }),
  'POST /auth/verify-email': async ({ email }, { host, browser }) =>
    verify(browser, await askForVerification(host, browser, email)),
  'GET /auth/verify-email': async ({ email }, { host, browser }) =>
    browser.get(`/auth/verify-email?token=${await askForVerification(host, browser, email)}`, {
      headers: { 'sec-fetch-mode': 'cors', 'sec-fetch-site': 'same-origin' },
    }),
  'POST /auth/sign-in/email-otp': async ({ email }, { host, browser }) =>
    typeCode(browser, email, await askForCode(host, browser, email)),
  'GET /auth/callback/:provider': ({ email }, { browser, idp }) =>
    visit(browser, idp, { sub: randomUUID(), email, email_verified: true }),
  'POST /auth/sign-up/email': (_, { browser }) => browser.post('/auth/sign-up/email', newPerson()),
  'POST /auth/anonymous/upgrade': (_, { browser }) =>
    browser.post('/auth/anonymous/upgrade', newPerson()),
};
const OTHERS = [
  'POST /auth/anonymous',
  'DELETE /auth/anonymous',
  'POST /auth/sign-in/anonymous',
  'POST /auth/delete-anonymous-user',
  'POST /auth/sign-in/magic-link',
  'GET /auth/magic-link/open',
  'POST /auth/send-verification-email',
  'GET /auth/verify-email/open',
  'POST /auth/change-email',
  'POST /auth/email-otp/send-verification-otp',
  'POST /auth/request-password-reset',
  'POST /auth/reset-password',
  'GET /auth/reset-password/done',
  'GET /auth/reset-password/:token',
  'GET /auth/get-session',
  'POST /auth/sign-out',
  'GET /auth/links',
  'GET /auth/links/:id',
  'POST /auth/links/:id/confirm',
  'POST /auth/links/:id/decline',
  'GET /auth/list-sessions',
  'POST /auth/revoke-session',
  'POST /auth/revoke-sessions',
  'POST /auth/revoke-other-sessions',
  'POST /auth/change-password',
  'POST /auth/set-password',
  'POST /auth/update-user',
  'POST /auth/delete-user',
  'GET /auth/list-accounts',
  'POST /auth/sign-in/social',
  'POST /auth/link-social',
  'POST /auth/unlink-account',
];

describe('every route that may sign an account in', () => {
  let host: TestApp;
  let idp: StubIdp;
  beforeAll(async () => {
    idp = await StubIdp.start();
    host = await createTestApp({
      extras: { mailer: Mailbox },
      options: { linking: NO_RETRY, providers: [idp.provider({ trustEmail: true })] },
    });
  });
  afterAll(() => host.close());
  afterAll(stopIdps);

  it('is known here', () => {
    expect(authRoutesOf(host)).toEqual([...Object.keys(SIGN_INS), ...OTHERS].toSorted());
  });

  it.each(Object.keys(SIGN_INS))('brings what the guest has made along: %s', async (route) => {
    const account = await newAccount(host);
    const browser = host.browser();
    await addNotes(browser, 'mine');
    const { status } = await SIGN_INS[route]!(account, { host, browser, idp });
    expect(status).toBeLessThan(400);
    const { user } = (await browser.get('/auth/get-session')).body;
    expect(user).toMatchObject({ isAnonymous: false });
    expect(await notesOf(host, user.id)).toEqual(['mine']);
    expect((await browser.get('/notes')).body).toMatchObject([{ text: 'mine' }]);
  });
});
