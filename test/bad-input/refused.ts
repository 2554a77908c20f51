import { type IncomingHttpHeaders, request } from 'node:http';
import { newCookies, rowCounts } from '../support/expectations.js';
import type { HttpAnswer, HttpClient } from '../support/http-client.js';
import { newAccount, newGuest } from '../support/people.js';
import { ORIGIN, type TestApp } from '../support/test-app.js';

export const adapters = ['express', 'fastify'] as const;

export const emptyRoutes = [
  '/auth/anonymous',
  '/auth/sign-in/anonymous',
  '/auth/sign-out',
  '/auth/delete-anonymous-user',
] as const;
export const emailRoutes = [
  '/auth/anonymous/upgrade',
  '/auth/sign-up/email',
  '/auth/sign-in/email',
] as const;
/** Every route of ours that takes a body. */
export const routes = [...emptyRoutes, ...emailRoutes];

export const password = 'correct horse battery';

/** A body that the route accepts. */
export function validBody(path: string): Record<string, unknown> {
  const takesEmail = (emailRoutes as readonly string[]).includes(path);
  return takesEmail ? { email: 'ada@example.com', password } : {};
}

/** A body that the route accepts, but for these fields. */
export function bodyWith(path: string, fields: Record<string, unknown>): object {
  return { ...validBody(path), ...fields };
}

/** Somebody who gets past the guards of the route. */
export async function callerOf(host: TestApp, path: string): Promise<HttpClient> {
  const needsGuest = ['/auth/anonymous/upgrade', '/auth/delete-anonymous-user'].includes(path);
  return needsGuest ? (await newGuest(host)).client : host.browser();
}

export interface Refusal {
  readonly status: number;
  /** One code, or those that the adapters' body parsers choose between. */
  readonly code: string | RegExp;
  /** What must not come back: the value that was sent. */
  readonly secrets?: readonly string[];
}

/** The answer is the refusal and tells nothing else; nothing is stored and nobody is signed in. */
export async function expectRefused(
  host: TestApp,
  send: () => Promise<HttpAnswer>,
  { status, code, secrets = [] }: Refusal,
): Promise<HttpAnswer> {
  const before = await rowCounts(host);
  const answer = await send();
  expect({ status: answer.status, body: answer.body }).toMatchObject({
    status,
    body: {
      statusCode: status,
      code: typeof code === 'string' ? code : expect.stringMatching(code),
      message: expect.any(String),
    },
  });
  expect(['statusCode', 'code', 'message', 'errors']).toEqual(
    expect.arrayContaining(Object.keys(answer.body)),
  );
  expect(answer.text).not.toMatch(/node_modules|\.[jt]s:\d|\bat \w+ \(|SELECT|INSERT/);
  for (const secret of secrets) expect(answer.text).not.toContain(secret);
  expect(newCookies(answer)).toEqual([]);
  expect(answer.headers.get('set-auth-token')).toBeNull();
  expect(await rowCounts(host)).toEqual(before);
  return answer;
}

/** Of an answer that comes from a route and not from the parser before it. */
export function expectUncached({ headers }: HttpAnswer): void {
  expect(headers.get('cache-control')).toBe('no-store');
  const vary = headers.get('vary')?.toLowerCase() ?? '';
  for (const name of ['cookie', 'authorization', 'origin']) expect(vary).toContain(name);
}

export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string | Buffer;
}

/** A request as it is, for what `fetch` would not send. */
export function sendRaw(
  host: TestApp,
  { method, path, headers, body }: RawRequest,
): Promise<{ status: number; headers: IncomingHttpHeaders; text: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(host.url);
    const options = { hostname, port, method, path, headers: { origin: ORIGIN, ...headers } };
    const sent = request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString(),
        }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Two people who may be attacked: their rows are in the tables that must not change. */
export async function populate(host: TestApp): Promise<void> {
  await newGuest(host);
  await newAccount(host, { email: 'known@example.com', password });
}
