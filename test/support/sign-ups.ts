import { randomUUID } from 'node:crypto';
import type { HttpClient } from './http-client.js';
import { NO_RETRY } from './links.js';
import { Mailbox, mailedToken } from './mailbox.js';
import type { TestApp, TestAppSettings } from './test-app.js';

export const password = 'correct horse battery';
export const newEmail = (): string => `${randomUUID()}@example.com`;

/** An app in which a sign-up waits for the proof of its address. */
export const waitingSignUps = ({ options, ...more }: TestAppSettings = {}): TestAppSettings => ({
  ...more,
  extras: { mailer: Mailbox },
  options: { linking: NO_RETRY, emailVerification: 'required', ...options },
});

export const signUp = (client: HttpClient, email: string, more: object = {}) =>
  client.post('/auth/sign-up/email', { email, password, ...more });

/** Signs up where that waits for a proof, and gives the token of the mail. */
export function signedUp(
  host: TestApp,
  client: HttpClient,
  email: string,
  more: object = {},
): Promise<string> {
  return mailedToken(host, email, 'verify-email', async () => {
    expect(await signUp(client, email, more)).toMatchObject({
      status: 200,
      body: { token: null, session: null },
    });
  });
}

export const signInBy = (host: TestApp, email: string, known = password) =>
  host.browser().post('/auth/sign-in/email', { email, password: known });
