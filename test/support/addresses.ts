import { randomUUID } from 'node:crypto';
import { askForCode, typeCode } from './codes.js';
import type { HttpClient } from './http-client.js';
import { askForVerification, mailedToken, verify } from './mailbox.js';
import { type AccountHolder, newAccount, type Person } from './people.js';
import type { TestApp } from './test-app.js';

/** An address that nobody had before. */
export const makeEmail = () => `${randomUUID()}@example.com`;

/** An account that has proven its address by the link of a mail. */
export async function provenByLink(host: TestApp): Promise<AccountHolder> {
  const account = await newAccount(host);
  const token = await askForVerification(host, account.client, account.email);
  const { body } = await verify(account.client, token);
  return { ...account, token: body.token };
}

/** An account that has proven its address by a mailed code. */
export async function provenByCode(host: TestApp): Promise<AccountHolder> {
  const account = await newAccount(host);
  const { client, email } = account;
  const { body } = await typeCode(client, email, await askForCode(host, client, email));
  return { ...account, token: String(body.token) };
}

/** @returns the token of the mail that the new address gets. */
export function askForChange(
  host: TestApp,
  client: HttpClient,
  newEmail: string,
  more: object = {},
): Promise<string> {
  return mailedToken(host, newEmail, 'verify-email', async () => {
    const { status, body } = await client.post('/auth/change-email', { newEmail, ...more });
    expect({ status, body }).toEqual({ status: 200, body: { status: true } });
  });
}

/** The address of an account as it is stored, and what of it is proven. */
export async function addressOf(host: TestApp, userId: string) {
  const [user] = await host.sql<{ email: string | null; email_verified: boolean }>(
    'SELECT email, email_verified FROM users WHERE id = $1',
    [userId],
  );
  const proofs = await host.sql<{ subject: string }>(
    "SELECT subject FROM identities WHERE user_id = $1 AND provider = 'email'",
    [userId],
  );
  return { ...user, proofs: proofs.map(({ subject }) => subject) };
}

/** What an account can be signed in with, as it is stored. */
export async function waysIn(host: TestApp, userId: string) {
  const [user] = await host.sql<{ email_verified: boolean; epoch: number }>(
    'SELECT email_verified, epoch FROM users WHERE id = $1',
    [userId],
  );
  const identities = await host.sql<{ provider: string }>(
    'SELECT provider FROM identities WHERE user_id = $1 ORDER BY provider',
    [userId],
  );
  return { ...user, providers: identities.map(({ provider }) => provider) };
}

/** Whether the account's own browser is still signed in. */
export const isAlive = async ({ client }: Pick<Person, 'client'>) =>
  (await client.get('/access/account')).status === 200;

/** Whether the password opens the account from a new browser. */
export const canSignIn = async (
  host: TestApp,
  { email, password }: Pick<AccountHolder, 'email' | 'password'>,
) => (await host.browser().post('/auth/sign-in/email', { email, password })).status === 200;
