import type { MailMessage } from '../../src/index.js';
import { eventually } from './barrier.js';
import type { HttpAnswer, HttpClient } from './http-client.js';
import { mailboxOf } from './mailbox.js';
import type { TestApp } from './test-app.js';

export const newPassword = 'a newer horse battery';

/** The path of the link in a mail, and the token at its end. */
export function resetLinkIn({ text }: Pick<MailMessage, 'text'>): { path: string; token: string } {
  const [, path, token] =
    /^https?:\/\/[^/]+(\/\S*\/reset-password\/([\w-]{43}))$/m.exec(text) ?? [];
  if (path === undefined || token === undefined) throw new Error(`no link in: ${text}`);
  return { path, token };
}

export const request = (client: HttpClient, email: string, more: object = {}) =>
  client.post('/auth/request-password-reset', { email, ...more });

/** Asks for a link and waits for the mail. */
export async function askForReset(
  host: TestApp,
  client: HttpClient,
  email: string,
  more: object = {},
): Promise<string> {
  const { letters } = mailboxOf(host);
  const before = letters.length;
  expect(await request(client, email, more)).toMatchObject({ status: 200, body: { status: true } });
  return resetLinkIn(await letterTo(host, email, /^New password/, before)).token;
}

/** Waits for a mail with such a subject. @param from how many came before. */
export function letterTo(
  host: TestApp,
  email: string,
  about: RegExp,
  from = 0,
): Promise<MailMessage> {
  const { letters } = mailboxOf(host);
  return eventually('the mail arrives', () =>
    letters.slice(from).findLast(({ to, subject }) => to === email && about.test(subject)),
  );
}

export const reset = (
  client: HttpClient,
  token: string,
  password: unknown = newPassword,
): Promise<HttpAnswer> => client.post('/auth/reset-password', { newPassword: password, token });

/** What the button of the page does. */
export function submitReset(
  client: HttpClient,
  token: string,
  password = newPassword,
): Promise<HttpAnswer> {
  return client.request('POST', '/auth/reset-password', {
    raw: new URLSearchParams({ token, newPassword: password }).toString(),
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      origin: 'null',
      'sec-fetch-site': 'same-origin',
      'sec-fetch-mode': 'navigate',
    },
  });
}
