import type { HttpAnswer, HttpClient } from '../support/http-client.js';
import { newGuest } from '../support/people.js';
import { password } from '../support/sign-ups.js';
import type { TestApp } from '../support/test-app.js';
import { provenAccount } from './known-addresses.js';

/** Somebody who wants to know about an address, and what they may ask. */
export interface Asker {
  /** The browser that asks. */
  readonly client: (host: TestApp) => Promise<HttpClient>;
  /** Whether one browser asks about all addresses. @default false */
  readonly isOne?: boolean;
  /** What is posted where, one after the other; without a body it is a GET. */
  readonly steps: (email: string) => readonly (readonly [path: string, body?: object])[];
  /** Of the answers, so that it is no mistake of the request that they all tell. */
  readonly statuses: readonly number[];
}

const nobody = (host: TestApp) => Promise.resolve(host.browser());
const guest = async (host: TestApp) => (await newGuest(host)).client;
const account = async (host: TestApp) => (await provenAccount(host)).client;

const SIGN_UP = '/auth/sign-up/email';
const SIGN_IN = '/auth/sign-in/email';
const CODE = '/auth/email-otp/send-verification-otp';
const CONFIRM = '/auth/send-verification-email';

/** Every route that takes an address, and what may be learnt by one after the other. */
export const ASKERS: Readonly<Record<string, Asker>> = {
  'sign-up of nobody': {
    client: nobody,
    steps: (email) => [[SIGN_UP, { email, password, name: 'Ada' }]],
    statuses: [200],
  },
  'sign-up of a guest, and what it is then': {
    client: guest,
    steps: (email) => [
      [SIGN_UP, { email, password, name: 'Ada' }],
      ['/auth/get-session'],
      ['/auth/links'],
    ],
    statuses: [200, 200, 200],
  },
  'sign-up of an account': {
    client: account,
    isOne: true,
    steps: (email) => [[SIGN_UP, { email, password }]],
    statuses: [200],
  },
  'sign-up, and signing in with the same': {
    client: nobody,
    steps: (email) => [
      [SIGN_UP, { email, password: 'the password of a stranger' }],
      [SIGN_IN, { email, password: 'the password of a stranger' }],
    ],
    statuses: [200, 401],
  },
  'sign-up, and another link for it': {
    client: nobody,
    steps: (email) => [
      [SIGN_UP, { email, password }],
      [CONFIRM, { email }],
    ],
    statuses: [200, 200],
  },
  'upgrade of a guest, and what it is then': {
    client: guest,
    steps: (email) => [
      ['/auth/anonymous/upgrade', { email, password }],
      ['/auth/get-session'],
      ['/auth/links'],
    ],
    statuses: [200, 200, 200],
  },
  'change of address, and what is left': {
    client: account,
    isOne: true,
    steps: (newEmail) => [['/auth/change-email', { newEmail }], ['/auth/list-accounts']],
    statuses: [200, 200],
  },
  'sign-in with a wrong password': {
    client: nobody,
    steps: (email) => [[SIGN_IN, { email, password: 'a wrong password' }]],
    statuses: [401],
  },
  'magic link': {
    client: nobody,
    steps: (email) => [['/auth/sign-in/magic-link', { email }]],
    statuses: [200],
  },
  'magic link for a guest': {
    client: guest,
    steps: (email) => [['/auth/sign-in/magic-link', { email }]],
    statuses: [200],
  },
  'wrong code': {
    client: nobody,
    steps: (email) => [['/auth/sign-in/email-otp', { email, otp: 'wrong!' }]],
    statuses: [400],
  },
  'code by mail, and a wrong one': {
    client: nobody,
    steps: (email) => [
      [CODE, { email, type: 'sign-in' }],
      ['/auth/sign-in/email-otp', { email, otp: 'wrong!' }],
    ],
    statuses: [200, 400],
  },
  'link to confirm an address': {
    client: nobody,
    steps: (email) => [[CONFIRM, { email }]],
    statuses: [200],
  },
  'new password': {
    client: nobody,
    steps: (email) => [['/auth/request-password-reset', { email }]],
    statuses: [200],
  },
};

/** Takes the steps of an asker. */
export async function ask(client: HttpClient, asker: Asker, email: string): Promise<HttpAnswer[]> {
  const answers: HttpAnswer[] = [];
  for (const [path, body] of asker.steps(email)) {
    answers.push(await (body === undefined ? client.get(path) : client.post(path, body)));
  }
  expect(answers.map(({ status }) => status)).toEqual(asker.statuses);
  return answers;
}

/** All that somebody sees of an answer, but for what is another in every answer: ids, dates, secrets. */
export function faceOf({ status, headers, text }: HttpAnswer): string {
  const shown = [...headers].filter(([name]) => !['date', 'etag', 'keep-alive'].includes(name));
  return JSON.stringify({ status, headers: shown, text })
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<id>')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<date>')
    .replaceAll(/(session\.flow=)[\w-]{43}/g, '$1<secret>');
}
