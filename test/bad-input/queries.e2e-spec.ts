import { newCookies, rowCounts } from '../support/expectations.js';
import { type LibraryRoute, libraryRoutes } from '../support/library-routes.js';
import type { TestApp } from '../support/test-app.js';
import {
  adapters,
  callerWith,
  closeFullApp,
  createFullApp,
  expectRefused,
  expectUncached,
  pathTo,
  populate,
  sendRaw,
} from './refused.js';

const reading = libraryRoutes.filter(({ method }) => method === 'GET');
const asking = reading.filter(({ query }) => query !== undefined);
const withParameter = libraryRoutes.filter(({ path }) => path.includes(':'));
const secret = 'kzqxjwv';
const label = ({ method, path }: LibraryRoute) => `${method} ${path}`;

describe.each(adapters)('a query on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createFullApp({ adapter });
    await populate(host);
  });
  afterAll(() => closeFullApp(host));

  it.each(asking.map((route) => [label(route), route] as const))(
    'that asks for more than there is, is refused: %s',
    async (_, route) => {
      const client = await callerWith(host, route);
      for (const query of [
        'limit=10',
        'offset=-1',
        'page=99999999999999999999',
        'cursor=%00',
        `userId=${secret}`,
        `__proto__=${secret}`,
        'constructor[prototype][x]=1',
        'x[]=1&x[]=2',
      ]) {
        const answer = await expectRefused(host, () => client.get(`${pathTo(route)}?${query}`), {
          status: 400,
          code: 'VALIDATION_FAILED',
          secrets: [secret],
        });
        expectUncached(answer);
      }
    },
  );

  const fields = asking.flatMap((route) => route.query!.map((field) => ({ route, field })));

  it.each(fields.map((one) => [`${label(one.route)} ${one.field.name}`, one] as const))(
    'whose field is no text is refused: %s',
    async (_, { route, field: { name, longest } }) => {
      const client = await callerWith(host, route);
      for (const query of [
        `${name}=${secret}&${name}=${secret}`,
        `${name}[]=${secret}`,
        `${name}[a]=${secret}`,
        `${name}=${'x'.repeat((longest ?? 2048) + 1)}`,
      ]) {
        const answer = await expectRefused(host, () => client.get(`${pathTo(route)}?${query}`), {
          status: 400,
          code: 'VALIDATION_FAILED',
          secrets: [secret, 'x'.repeat(300)],
        });
        expectUncached(answer);
      }
    },
  );

  const odd = [
    '?',
    '?=',
    '?&&&',
    '?a',
    '?%00',
    '?%E0%A4%A',
    '?%ff=%ff',
    `?${'a=1&'.repeat(1_500)}`,
    `?x${'[a]'.repeat(1_000)}=${secret}`,
  ];

  it.each(reading.map((route) => [label(route), route] as const))(
    'that is nonsense does no harm: %s',
    async (_, route) => {
      const client = await callerWith(host, route);
      const before = await rowCounts(host);
      for (const query of odd) {
        const answer = await client.get(`${pathTo(route)}${query}`);
        expect(answer.status).toBeLessThan(500);
        expect(answer.text).not.toContain(secret);
        expect(newCookies(answer)).toEqual([]);
      }
      expect(await rowCounts(host)).toEqual(before);
    },
  );

  const nothings = [
    'x',
    '0',
    '-1',
    '%00',
    '%20',
    '%E0%A4%A',
    '..%2F..%2Fetc%2Fpasswd',
    '__proto__',
    'constructor',
    'toString',
    "'%20OR%201=1--",
    '%3Cscript%3Ealert(1)%3C%2Fscript%3E',
    '%0D%0ASet-Cookie:%20a=b',
    '%ED%A0%80',
    '0190A1B2-0000-7000-8000-00000000000G',
    'x'.repeat(5_000),
  ];

  it.each(withParameter.map((route) => [label(route), route] as const))(
    'has nothing to do with a path that names nothing: %s',
    async (_, route) => {
      const client = await callerWith(host, route);
      const before = await rowCounts(host);
      for (const name of nothings) {
        const path = route.path.replaceAll(/:\w+/g, name);
        const { status, text, headers } = await sendRaw(host, {
          method: route.method,
          path,
          headers: { cookie: client.cookies.header() },
        });
        expect([name, status < 500]).toEqual([name, true]);
        expect(text).not.toMatch(/<script>alert|node_modules|\bat \w+ \(/);
        expect(headers['set-cookie'] ?? []).toEqual([]);
        expect(headers.location ?? '').not.toMatch(/^\/\/|[\r\n]/);
      }
      expect(await rowCounts(host)).toEqual(before);
    },
  );
});
