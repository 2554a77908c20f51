import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { addNotes, notesOf, NO_RETRY } from '../support/links.js';
import type { HttpClient } from '../support/http-client.js';
import { askForLink, askForVerification, Mailbox } from '../support/mailbox.js';
import { type AccountHolder, newAccount } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

const src = join(import.meta.dirname, '../../src');
const sources = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name, text: readFileSync(join(src, name), 'utf8') }));
const whoSays = (pattern: RegExp) =>
  sources.filter(({ text }) => pattern.test(text)).map(({ name }) => name.replaceAll('\\', '/'));

describe('the session of an account', () => {
  it('begins in one place, which every way to sign in goes through', () => {
    expect(whoSays(/essions\.begin\(/)).toEqual(['auth/authentication.service.ts']);
    expect(whoSays(/INSERT INTO \$\{path\} AS s\b/)).toEqual(['auth/sessions/sessions.service.ts']);
  });
});

/** The browser that signs in. */
interface By {
  readonly host: TestApp;
  readonly browser: HttpClient;
}

/** Every POST route of the library, and what a guest has to send to it. A new one must be put here, and say so. */
const SIGN_INS: Record<string, (account: AccountHolder, by: By) => object | Promise<object>> = {
  '/auth/sign-in/email': ({ email, password }) => ({ email, password }),
  '/auth/magic-link/verify': async ({ email }, { host, browser }) => ({
    token: await askForLink(host, browser, email),
  }),
  '/auth/verify-email': async ({ email }, { host, browser }) => ({
    token: await askForVerification(host, browser, email),
  }),
  '/auth/sign-up/email': () => ({
    email: `${randomUUID()}@example.com`,
    password: 'correct horse',
  }),
  '/auth/anonymous/upgrade': () => ({
    email: `${randomUUID()}@example.com`,
    password: 'correct horse',
  }),
};
const OTHERS = [
  '/auth/anonymous',
  '/auth/sign-in/anonymous',
  '/auth/delete-anonymous-user',
  '/auth/sign-in/magic-link',
  '/auth/send-verification-email',
  '/auth/change-email',
  '/auth/sign-out',
  '/auth/links/:id/confirm',
  '/auth/links/:id/decline',
  '/auth/revoke-session',
  '/auth/revoke-sessions',
  '/auth/revoke-other-sessions',
  '/auth/change-password',
  '/auth/set-password',
  '/auth/update-user',
  '/auth/delete-user',
];

describe('every route that may sign an account in', () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({
      extras: { mailer: Mailbox },
      options: { linking: NO_RETRY },
    });
  });
  afterAll(() => host.close());

  it('is known here', () => {
    const { router } = host.app.getHttpAdapter().getInstance() as {
      router: { stack: { route?: { path: string; methods: Record<string, boolean> } }[] };
    };
    const routes = router.stack
      .flatMap(({ route }) => (route?.methods.post ? [route.path] : []))
      .filter((path) => path.startsWith('/auth/'));
    expect([...new Set(routes)].toSorted()).toEqual(
      [...Object.keys(SIGN_INS), ...OTHERS].toSorted(),
    );
  });

  it.each(Object.keys(SIGN_INS))('brings what the guest has made along: %s', async (path) => {
    const account = await newAccount(host);
    const browser = host.browser();
    await addNotes(browser, 'mine');
    const proof = await SIGN_INS[path]!(account, { host, browser });
    const { status, body } = await browser.post(path, proof);
    expect({ status, isAnonymous: body.user.isAnonymous }).toEqual({
      status: 200,
      isAnonymous: false,
    });
    expect(await notesOf(host, body.user.id)).toEqual(['mine']);
    expect((await browser.get('/notes')).body).toMatchObject([{ text: 'mine' }]);
  });
});
