import { randomUUID } from 'node:crypto';
import { rowCounts } from '../support/expectations.js';
import type { HttpClient } from '../support/http-client.js';
import { askForLink, Mailbox, mailboxOf, newAccountWithMail, redeem } from '../support/mailbox.js';
import { type AccountHolder, newGuest } from '../support/people.js';
import { authRoutesOf } from '../support/routes.js';
import { newEmail, password } from '../support/sign-ups.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

const FORM = 'application/x-www-form-urlencoded';

interface Forgery {
  readonly headers: Record<string, string | undefined>;
  /** How the body is written; JSON unless it says so. */
  readonly write?: (body: object) => string;
  readonly status: number;
}

/** What a page of somebody else's can make a browser send. */
const FORGERIES: Readonly<Record<string, Forgery>> = {
  'a form': {
    headers: { 'content-type': FORM },
    write: (body) => new URLSearchParams(Object.entries(body)).toString(),
    status: 415,
  },
  'JSON that calls itself text': {
    headers: { 'content-type': 'text/plain' },
    write: (body) => JSON.stringify(body),
    status: 415,
  },
  'another site': { headers: { origin: 'https://evil.example' }, status: 403 },
  'a cross-site request': {
    headers: { origin: undefined, 'sec-fetch-site': 'cross-site' },
    status: 403,
  },
  'a page without an origin': { headers: { origin: 'null' }, status: 403 },
};

/** Pages of ours post forms there. */
const TAKES_FORMS = ['/auth/magic-link/verify', '/auth/verify-email', '/auth/reset-password'];

describe.each(['express', 'fastify'] as const)('no route of the library on %s', (adapter) => {
  let host: TestApp;
  let routes: [method: string, path: string][];
  let known: AccountHolder;
  beforeAll(async () => {
    const express = await createTestApp({ extras: { mailer: Mailbox } });
    routes = authRoutesOf(express)
      .map((route) => route.split(' ') as [string, string])
      .filter(([method]) => method !== 'GET' && method !== 'HEAD');
    await express.close();
    host = await createTestApp({ adapter, extras: { mailer: Mailbox } });
    known = await newAccountWithMail(host);
  });
  afterAll(() => host.close());

  const people: Record<string, () => Promise<HttpClient>> = {
    nobody: () => Promise.resolve(host.browser()),
    'a guest': async () => (await newGuest(host)).client,
    'an account': async () => (await newAccountWithMail(host)).client,
  };
  const cases = Object.keys(people).flatMap((who) =>
    Object.keys(FORGERIES).map((what) => [what, who] as const),
  );

  /** What would be done, if it were. */
  const bodyOf = (path: string, token: string): Record<string, string> => {
    const { email } = known;
    const bodies: Record<string, Record<string, string>> = {
      '/auth/sign-in/email': { email, password },
      '/auth/sign-up/email': { email: newEmail(), password },
      '/auth/anonymous/upgrade': { email: newEmail(), password },
      '/auth/sign-in/magic-link': { email },
      '/auth/magic-link/verify': { token },
      '/auth/email-otp/send-verification-otp': { email, type: 'sign-in' },
      '/auth/sign-in/email-otp': { email, otp: '000000' },
      '/auth/send-verification-email': { email },
      '/auth/verify-email': { token },
      '/auth/request-password-reset': { email },
      '/auth/reset-password': { token, newPassword: 'a newer horse battery' },
      '/auth/change-email': { newEmail: newEmail() },
      '/auth/change-password': { currentPassword: password, newPassword: 'a newer horse battery' },
      '/auth/set-password': { newPassword: 'a newer horse battery' },
      '/auth/update-user': { name: 'Mallory' },
      '/auth/delete-user': { password },
      '/auth/revoke-session': { token: randomUUID() },
    };
    return bodies[path] ?? {};
  };

  it.each(cases)('does what %s asks of the browser of %s', async (what, who) => {
    const { headers, write, status: expected } = FORGERIES[what]!;
    expect(routes.length).toBeGreaterThan(20);
    const attacker = host.browser();
    const token = await askForLink(host, attacker, known.email);
    const victim = await people[who]!();
    const session = (await victim.get('/auth/get-session')).text;
    const state = async () => ({
      rows: await rowCounts(host),
      users: await host.sql('SELECT id, email, name, epoch FROM users ORDER BY id'),
      letters: mailboxOf(host).letters.length,
    });
    const before = await state();
    for (const [method, path] of routes) {
      if (TAKES_FORMS.includes(path) && headers['content-type'] === FORM) continue;
      const body = bodyOf(path, token);
      const sent = write ? { raw: write(body) || 'a=b', headers } : { body, headers };
      const { status, headers: answered } = await victim.request(
        method,
        path.replace(/:\w+/, randomUUID()),
        sent,
      );
      expect({ method, path, status }).toEqual({ method, path, status: expected });
      expect(answered.getSetCookie()).toEqual([]);
      expect(answered.get('set-auth-token')).toBeNull();
    }
    expect(await state()).toEqual(before);
    expect((await victim.get('/auth/get-session')).text).toBe(session);
    expect((await redeem(attacker, token)).body.user.id).toBe(known.userId);
  });
});
