import { randomUUID } from 'node:crypto';
import { HttpClient } from './http-client.js';
import { AuthenticationService } from '../../src/index.js';
import type { TestApp } from './test-app.js';

/** Somebody with a session: the browser that holds it, and the token that works as a bearer. */
export interface Person {
  readonly client: HttpClient;
  readonly userId: string;
  readonly token: string;
}

export interface AccountHolder extends Person {
  readonly email: string;
  readonly password: string;
}

export async function newGuest(host: TestApp): Promise<Person> {
  const client = host.browser();
  const { status, body } = await client.post('/auth/anonymous');
  expect(status).toBe(201);
  return { client, userId: body.user.id, token: body.token };
}

export async function newAccount(
  host: TestApp,
  { email = `${randomUUID()}@example.com`, password = 'correct horse battery' } = {},
): Promise<AccountHolder> {
  const client = host.browser();
  const { status, body } = await client.post('/auth/sign-up/email', { email, password });
  expect(status).toBe(200);
  return { client, userId: body.user.id, token: body.token, email, password };
}

/** Another browser that an account is signed in with. */
export async function anotherBrowser(
  host: TestApp,
  { email, password }: Pick<AccountHolder, 'email' | 'password'>,
): Promise<Person> {
  const client = host.browser();
  const { status, body } = await client.post('/auth/sign-in/email', { email, password });
  expect(status).toBe(200);
  return { client, userId: body.user.id, token: body.token };
}

/** An account that somebody else vouches for, without a password. */
export async function newSsoAccount(
  host: TestApp,
  email = `${randomUUID()}@example.com`,
): Promise<Person & { readonly email: string }> {
  const issuer = 'https://sso.example';
  const { user, token } = await host.app.get(AuthenticationService).complete(
    {
      kind: 'new-identity',
      identity: { provider: 'sso', issuer, subject: email, secretHash: null },
      profile: { email, emailVerified: true, name: null, image: null },
      upgradeOnly: false,
    },
    { caller: undefined, client: { ipAddress: null, userAgent: null } },
  );
  const client = host.browser();
  client.cookies.set('__Host-session', token);
  return { client, userId: user.id, token, email };
}

/** A client that is no browser: a bearer token, no cookie, no `Origin`. */
export function bearer(host: TestApp, token: string): HttpClient {
  return new HttpClient(host.url, { authorization: `Bearer ${token}` });
}
