import { type MailMessage } from '../../src/index.js';
import { eventually } from './barrier.js';
import type { HttpClient } from './http-client.js';
import { mailboxOf } from './mailbox.js';
import type { TestApp } from './test-app.js';

/** The code in a mail, which stands alone on its line. */
export function codeIn({ text }: Pick<MailMessage, 'text'>): string {
  const code = /^(\d{6})$/m.exec(text)?.[1];
  if (code === undefined) throw new Error(`no code in: ${text}`);
  return code;
}

export const send = (client: HttpClient, email: string, type = 'sign-in') =>
  client.post('/auth/email-otp/send-verification-otp', { email, type });

/** Asks for a code and waits for the mail. */
export async function askForCode(
  host: TestApp,
  client: HttpClient,
  email: string,
): Promise<string> {
  const { letters } = mailboxOf(host);
  const before = letters.length;
  const { status, body } = await send(client, email);
  expect({ status, body }).toEqual({ status: 200, body: { success: true } });
  const letter = await eventually('the mail arrives', () =>
    letters.slice(before).findLast(({ to, subject }) => to === email && /code/.test(subject)),
  );
  return codeIn(letter);
}

export const typeCode = (client: HttpClient, email: string, otp: string, more: object = {}) =>
  client.post('/auth/sign-in/email-otp', { email, otp, ...more });

/** Another code than this one, a different one for each `n` up to a million. */
export const otherThan = (code: string, n = 1): string =>
  String((Number(code) + n) % 1_000_000).padStart(6, '0');
