import { Injectable } from '@nestjs/common';
import { Mailer, type MailMessage } from '../../src/index.js';
import { eventually } from './barrier.js';
import type { HttpClient } from './http-client.js';
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

/** The token of the link in a mail, whatever goes before it. */
export function tokenIn({ text }: Pick<MailMessage, 'text'>): string {
  const token = /\/magic-link\/open\?token=([\w-]{43})\s/.exec(text)?.[1];
  if (token === undefined) throw new Error(`no link in: ${text}`);
  return token;
}

/** Asks for a link and waits for the mail. */
export async function askForLink(
  host: TestApp,
  client: HttpClient,
  email: string,
  more: object = {},
): Promise<string> {
  const { letters } = mailboxOf(host);
  const before = letters.length;
  const { status, body } = await client.post('/auth/sign-in/magic-link', { email, ...more });
  expect({ status, body }).toEqual({ status: 200, body: { status: true } });
  await eventually('the mail arrives', () => letters.length > before);
  expect(letters.at(-1)!.to).toBe(email);
  return tokenIn(letters.at(-1)!);
}

/** What a script of the page does with the token. */
export const redeem = (client: HttpClient, token: string) =>
  client.post('/auth/magic-link/verify', { token });

/** What pressing the button on the page behind the link does. */
export function pressButton(client: HttpClient, token: string) {
  return client.request('POST', '/auth/magic-link/verify', {
    raw: new URLSearchParams({ token }).toString(),
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      origin: 'null',
      'sec-fetch-site': 'same-origin',
      'sec-fetch-mode': 'navigate',
    },
  });
}
