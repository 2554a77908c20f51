import type { HttpAnswer, HttpClient } from '../support/http-client.js';
import { verify } from '../support/mailbox.js';
import { newGuest } from '../support/people.js';
import { newEmail, signedUp, waitingSignUps } from '../support/sign-ups.js';
import type { TestApp, TestAppSettings } from '../support/test-app.js';

/** An app that tells nobody which addresses have accounts. */
export const concealing = (settings: TestAppSettings = {}): TestAppSettings =>
  waitingSignUps({ ...settings, options: { enumeration: 'conceal', ...settings.options } });

/** An account whose address has been proven, and the browser that it is signed in with. */
export async function provenAccount(
  host: TestApp,
): Promise<{ email: string; client: HttpClient; userId: string }> {
  const [email, client] = [newEmail(), host.browser()];
  const { status, body } = await verify(client, await signedUp(host, client, email));
  expect(status).toBe(200);
  return { email, client, userId: body.user.id };
}

/** Somebody who asks with an address, at a route that takes one. */
export interface Asker {
  readonly path: string;
  /** The browser that asks: another each time, or one that all share. */
  readonly client: (host: TestApp) => Promise<HttpClient>;
  readonly body: (email: string) => object;
}

const nobody = (host: TestApp) => Promise.resolve(host.browser());
const guest = async (host: TestApp) => (await newGuest(host)).client;
const account = async (host: TestApp) => (await provenAccount(host)).client;
const password = 'correct horse battery';

/** Every route that takes an address. */
export const ASKERS: Readonly<Record<string, Asker>> = {
  'sign-up of nobody': {
    path: '/auth/sign-up/email',
    client: nobody,
    body: (email) => ({ email, password, name: 'Ada' }),
  },
  'sign-up of a guest': {
    path: '/auth/sign-up/email',
    client: guest,
    body: (email) => ({ email, password, name: 'Ada' }),
  },
  'upgrade of a guest': {
    path: '/auth/anonymous/upgrade',
    client: guest,
    body: (email) => ({ email, password }),
  },
  'change of address': {
    path: '/auth/change-email',
    client: account,
    body: (newEmail) => ({ newEmail }),
  },
  'sign-in with a wrong password': {
    path: '/auth/sign-in/email',
    client: nobody,
    body: (email) => ({ email, password: 'a wrong password' }),
  },
  'magic link': { path: '/auth/sign-in/magic-link', client: nobody, body: (email) => ({ email }) },
  'code by mail': {
    path: '/auth/email-otp/send-verification-otp',
    client: nobody,
    body: (email) => ({ email, type: 'sign-in' }),
  },
  'wrong code': {
    path: '/auth/sign-in/email-otp',
    client: nobody,
    body: (email) => ({ email, otp: '000000' }),
  },
  'link to confirm an address': {
    path: '/auth/send-verification-email',
    client: nobody,
    body: (email) => ({ email }),
  },
  'new password': {
    path: '/auth/request-password-reset',
    client: nobody,
    body: (email) => ({ email }),
  },
};

/** All that somebody sees of an answer, but for what is another in every answer: ids, dates, secrets. */
export function faceOf({ status, headers, text }: HttpAnswer): string {
  const shown = [...headers].filter(([name]) => !['date', 'etag', 'keep-alive'].includes(name));
  return JSON.stringify({ status, headers: shown, text })
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<id>')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<date>')
    .replaceAll(/(session\.flow=)[\w-]{43}/g, '$1<secret>');
}
