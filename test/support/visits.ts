import { randomUUID } from 'node:crypto';
import type { HttpAnswer, HttpClient } from './http-client.js';
import { NO_RETRY } from './links.js';
import { startApp } from './running-apps.js';
import { StubIdp, type StubPerson } from './stub-idp.js';
import type { TestApp, TestAppSettings } from './test-app.js';

/** An app for one test with a provider that is trusted for mail. */
export async function startWithIdp(
  settings: TestAppSettings = {},
): Promise<{ host: TestApp; idp: StubIdp }> {
  const idp = await StubIdp.start();
  const providers = [idp.provider({ trustEmail: true })];
  const options = { linking: NO_RETRY, providers, ...settings.options };
  return { host: await startApp({ ...settings, options }), idp };
}

/** Somebody with a verified address. */
export function newPerson(claims: Record<string, unknown> = {}): StubPerson & { email: string } {
  const email = `${randomUUID()}@example.com`;
  return { sub: randomUUID(), email, email_verified: true, name: 'Ada', ...claims };
}

/** Asks the app for the provider's page. @returns its address. */
export async function setOut(
  client: HttpClient,
  fields: Record<string, unknown> = {},
): Promise<string> {
  const { status, body } = await client.post('/auth/sign-in/social', {
    provider: 'idp',
    ...fields,
  });
  expect({ status, body }).toMatchObject({ status: 200, body: { url: expect.any(String) } });
  return body.url;
}

/** The same to give the account another way in. */
export async function setOutToLink(
  client: HttpClient,
  fields: Record<string, unknown> = {},
): Promise<string> {
  const { status, body } = await client.post('/auth/link-social', { provider: 'idp', ...fields });
  expect({ status, body }).toMatchObject({ status: 200, body: { url: expect.any(String) } });
  return body.url;
}

/** Follows the provider's redirect. A browser sends no `Origin` with it. */
export function comeBack(client: HttpClient, callback: URL): Promise<HttpAnswer> {
  return client.get(`${callback.pathname}${callback.search}`, {
    headers: {
      origin: undefined,
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    },
  });
}

/** From the app to the provider and back. */
export async function visit(
  client: HttpClient,
  idp: StubIdp,
  person: StubPerson,
  fields: Record<string, unknown> = {},
): Promise<HttpAnswer> {
  const url = await setOut(client, { provider: idp.id, ...fields });
  return comeBack(client, idp.approve(url, person));
}

/** Where an answer leads. */
export function ledTo({ status, headers }: HttpAnswer): { status: number; to: string | null } {
  return { status, to: headers.get('location') };
}

/** Who the browser is by now; `null` for nobody. */
export async function whoIs(client: HttpClient) {
  return (await client.get('/auth/get-session')).body?.user ?? null;
}

/** The identities of a user, by provider. */
export async function identitiesOf(
  host: TestApp,
  userId: string,
): Promise<[string, string, string][]> {
  const rows = await host.sql<{ provider: string; issuer: string; subject: string }>(
    'SELECT provider, issuer, subject FROM identities WHERE user_id = $1 ORDER BY provider',
    [userId],
  );
  return rows.map(({ provider, issuer, subject }) => [provider, issuer, subject]);
}

/** The same by their providers only. */
export async function providersOf(host: TestApp, userId: string): Promise<string[]> {
  return (await identitiesOf(host, userId)).map(([provider]) => provider);
}
