import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Mailer, type MailMessage } from '../../src/index.js';
import { eventually } from './barrier.js';
import type { HttpClient } from './http-client.js';
import { type AccountHolder, newAccount } from './people.js';
import { startApp } from './running-apps.js';
import type { TestApp, TestAppSettings } from './test-app.js';

/** Keeps what would be sent. */
@Injectable()
export class Mailbox extends Mailer {
  readonly letters: MailMessage[] = [];

  override send(message: MailMessage): Promise<void> {
    this.letters.push(message);
    return Promise.resolve();
  }
}

/** An app for one test that delivers mail to a {@link Mailbox}. */
export function startMailApp(settings: TestAppSettings = {}): Promise<TestApp> {
  return startApp({ ...settings, extras: { mailer: Mailbox, ...settings.extras } });
}

export function mailboxOf(host: TestApp): Mailbox {
  return host.app.get(Mailer);
}

/** Pages that mailed links open. */
export type LinkPath = 'magic-link' | 'verify-email';

/** The token of the link in a mail, whatever goes before it. */
export function tokenIn(
  { text }: Pick<MailMessage, 'text'>,
  path: LinkPath = 'magic-link',
): string {
  const [, found, token] = /\/([\w-]+)\/open\?token=([\w-]{43})\s/.exec(text) ?? [];
  if (token === undefined || found !== path) throw new Error(`no link of ${path} in: ${text}`);
  return token;
}

/** Does what makes mail go out, and gives the token of the link that arrives at the address. */
export async function mailedToken(
  host: TestApp,
  email: string,
  path: LinkPath,
  act: () => Promise<unknown>,
): Promise<string> {
  const { letters } = mailboxOf(host);
  const before = letters.length;
  await act();
  const letter = await eventually('the mail arrives', () =>
    letters
      .slice(before)
      .findLast(({ to, text }) => to === email && text.includes(`/${path}/open?token=`)),
  );
  return tokenIn(letter, path);
}

/** An account whose mail after the sign-up has come, so that what a test counts from then on is its own doing. */
export async function newAccountWithMail(host: TestApp): Promise<AccountHolder> {
  const email = `${randomUUID()}@example.com`;
  let account!: AccountHolder;
  await mailedToken(host, email, 'verify-email', async () => {
    account = await newAccount(host, { email });
  });
  return account;
}

/** Asks for a link and waits for the mail. */
export function askForLink(
  host: TestApp,
  client: HttpClient,
  email: string,
  more: object = {},
): Promise<string> {
  return mailedToken(host, email, 'magic-link', async () => {
    const { status, body } = await client.post('/auth/sign-in/magic-link', { email, ...more });
    expect({ status, body }).toEqual({ status: 200, body: { status: true } });
  });
}

/** Asks for a link that proves an address, and waits for the mail. */
export function askForVerification(
  host: TestApp,
  client: HttpClient,
  email: string,
  more: object = {},
): Promise<string> {
  return mailedToken(host, email, 'verify-email', async () => {
    const { status, body } = await client.post('/auth/send-verification-email', { email, ...more });
    expect({ status, body }).toEqual({ status: 200, body: { status: true } });
  });
}

/** What a script of the page does with the token. */
export const redeem = (client: HttpClient, token: string) =>
  client.post('/auth/magic-link/verify', { token });

/** The same for a link that proves an address. */
export const verify = (client: HttpClient, token: string, more: object = {}) =>
  client.post('/auth/verify-email', { token, ...more });

/** What pressing the button on the page behind the link does. */
export function pressButton(client: HttpClient, token: string) {
  return submitForm(client, '/auth/magic-link/verify', { token });
}

/** The same for a link that proves an address. */
export function pressVerify(client: HttpClient, token: string, more: Record<string, string> = {}) {
  return submitForm(client, '/auth/verify-email', { token, ...more });
}

function submitForm(client: HttpClient, path: string, fields: Record<string, string>) {
  return client.request('POST', path, {
    raw: new URLSearchParams(fields).toString(),
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      origin: 'null',
      'sec-fetch-site': 'same-origin',
      'sec-fetch-mode': 'navigate',
    },
  });
}
