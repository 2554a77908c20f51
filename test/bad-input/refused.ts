import { type IncomingHttpHeaders, request } from 'node:http';
import { newCookies, rowCounts } from '../support/expectations.js';
import type { HttpAnswer, HttpClient } from '../support/http-client.js';
import {
  type Field,
  type FieldKind,
  type LibraryRoute,
  libraryRoutes,
} from '../support/library-routes.js';
import { Mailbox } from '../support/mailbox.js';
import { newAccount, newGuest } from '../support/people.js';
import { createTestApp, ORIGIN, type TestApp, type TestAppSettings } from '../support/test-app.js';

export const adapters = ['express', 'fastify'] as const;

/** A link, a flow or whatever else a path may name, and nobody has. */
export const NOTHING = '0190a1b2-0000-7000-8000-000000000000';

/** Where a route is, for a request that is about nothing in particular. */
export const pathTo = ({ path }: Pick<LibraryRoute, 'path'>): string =>
  path.replaceAll(/:\w+/g, NOTHING);

const withBody = libraryRoutes.filter(({ body }) => body !== undefined);
/** Every route of ours that takes a body. */
export const routes = withBody.map(pathTo);
/** The same without those that take the form of a page, too. */
export const jsonRoutes = withBody.filter(({ takesForm }) => !takesForm).map(pathTo);
/** A field of a route's body. */
export type FieldAt = readonly [path: string, name: string];

/** Every route whose body has a field like that, with the names of those. */
export const fieldsThat = (isMeant: (field: Field) => boolean): FieldAt[] =>
  withBody.flatMap((route) =>
    route.body!.filter(isMeant).map(({ name }) => [pathTo(route), name] as const),
  );
export const fieldsOfKind = (...kinds: FieldKind[]): FieldAt[] =>
  fieldsThat(({ kind }) => kinds.includes(kind));

export const password = 'correct horse battery';

const GOOD_VALUES: Readonly<Record<FieldKind, unknown>> = {
  address: 'ada@example.com',
  password,
  line: 'Ada',
  picture: 'https://pictures.example/ada.png',
  redirect: '/welcome',
  flag: true,
  id: NOTHING,
  choice: 'x',
  text: 'x',
};
/** Of fields that take a few values only. */
const CHOICES: Readonly<Record<string, string>> = { type: 'sign-in', preview: 'x'.repeat(43) };

export function goodValue({ name, kind }: Pick<Field, 'name' | 'kind'>): unknown {
  return CHOICES[name] ?? GOOD_VALUES[kind];
}

/** A body that passes the checks of the route. */
export function validBody(path: string): Record<string, unknown> {
  const fields = routeAt(path).body!.filter(
    ({ isRequired, hasAlternative }) => isRequired || hasAlternative,
  );
  return Object.fromEntries(fields.map((field) => [field.name, goodValue(field)]));
}

/** A body that passes the checks of the route, but for these fields. */
export function bodyWith(path: string, fields: Record<string, unknown>): object {
  return { ...validBody(path), ...fields };
}

export function routeAt(path: string): LibraryRoute {
  return withBody.find((route) => pathTo(route) === path)!;
}

const callers = new WeakMap<TestApp, Map<string, HttpClient>>();

/** Somebody who gets past the guards of the route. The same for all of them: what is refused changes nobody. */
export async function callerOf(host: TestApp, path: string): Promise<HttpClient> {
  return callerWith(host, routeAt(path));
}

export async function callerWith(
  host: TestApp,
  { access }: Pick<LibraryRoute, 'access'>,
): Promise<HttpClient> {
  const known = callers.get(host) ?? new Map<string, HttpClient>();
  callers.set(host, known);
  const who = ({ account: 'account', session: 'account', guest: 'guest', claim: 'guest' } as const)[
    access as string
  ];
  if (!who) return host.browser();
  const { client } = known.has(who)
    ? { client: known.get(who)! }
    : await (who === 'guest' ? newGuest(host) : newAccount(host));
  known.set(who, client);
  return client;
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

/** An app with every route. */
export function createFullApp(settings: TestAppSettings): Promise<TestApp> {
  return createTestApp({ ...settings, extras: { mailer: Mailbox, ...settings.extras } });
}

/** Ends the app, which must still answer. */
export async function closeFullApp(host: TestApp): Promise<void> {
  expect(await host.browser().get('/access/public')).toMatchObject({ status: 200 });
  await host.close();
}

/** Two people who may be attacked: their rows are in the tables that must not change. */
export async function populate(host: TestApp): Promise<void> {
  await newGuest(host);
  await newAccount(host, { email: 'known@example.com', password });
}
