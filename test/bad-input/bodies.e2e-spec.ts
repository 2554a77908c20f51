import { rowCounts } from '../support/expectations.js';
import type { TestApp } from '../support/test-app.js';
import {
  adapters,
  bodyWith,
  callerOf,
  closeFullApp,
  createFullApp,
  expectRefused,
  expectUncached,
  jsonRoutes,
  populate,
  routeAt,
  routes,
  sendRaw,
  validBody,
} from './refused.js';

const json = { 'content-type': 'application/json' };
const FORM = 'application/x-www-form-urlencoded';
const secret = 'kzqxjwv';
/** Parsers differ in whether such a text is no JSON or no object. */
const notAnObject = /^(MALFORMED_JSON|VALIDATION_FAILED)$/;

describe.each(adapters)('a body on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createFullApp({ adapter });
    await populate(host);
  });
  afterAll(() => closeFullApp(host));

  it.each(routes)(
    'that is no JSON is refused without repeating a piece of it: %s',
    async (path) => {
      const client = await callerOf(host, path);
      for (const raw of [
        `{"email":"${secret}`,
        `{"email":"${secret}"}}`,
        `{email:${secret}}`,
        `{"email":"${secret}",}`,
        `{"email":"${secret}\u0001"}`,
        secret,
        '{',
      ]) {
        await expectRefused(host, () => client.request('POST', path, { headers: json, raw }), {
          status: 400,
          code: 'MALFORMED_JSON',
          secrets: [secret],
        });
      }
    },
  );

  it.each(routes)('that is JSON but no object is refused: %s', async (path) => {
    const client = await callerOf(host, path);
    for (const raw of [
      'null',
      `"${secret}"`,
      '1',
      'true',
      '[]',
      `[{"email":"${secret}"}]`,
      '[[]]',
    ]) {
      await expectRefused(host, () => client.request('POST', path, { headers: json, raw }), {
        status: 400,
        code: notAnObject,
        secrets: [secret],
      });
    }
  });

  it.each(routes)('that would poison a prototype is refused: %s', async (path) => {
    const client = await callerOf(host, path);
    for (const name of ['__proto__', 'constructor', 'prototype']) {
      for (const value of ['{"isAnonymous":false}', '{"prototype":{"a":1}}', '1']) {
        const fields = JSON.stringify(validBody(path)).slice(1, -1);
        const raw = `{${fields}${fields && ','}"${name}":${value}}`;
        await expectRefused(host, () => client.request('POST', path, { headers: json, raw }), {
          status: 400,
          code: notAnObject,
        });
      }
    }
    expect(({} as { isAnonymous?: unknown }).isAnonymous).toBeUndefined();
  });

  const types: [string, string | undefined, (path: string) => string][] = [
    [
      'a form',
      FORM,
      (path) => new URLSearchParams({ ...validBody(path), name: secret } as never).toString(),
    ],
    ['plain text', 'text/plain', (path) => JSON.stringify(bodyWith(path, { name: secret }))],
    [
      'multipart',
      'multipart/form-data; boundary=x',
      () => `--x\r\nContent-Disposition: form-data; name="email"\r\n\r\n${secret}\r\n--x--\r\n`,
    ],
    ['no type at all', undefined, (path) => JSON.stringify(bodyWith(path, { name: secret }))],
    ['text/json', 'text/json', (path) => JSON.stringify(validBody(path))],
    ['JSON in its name only', 'application/jsonp', (path) => JSON.stringify(validBody(path))],
    ['XML', 'application/xml', () => `<email>${secret}</email>`],
  ];

  it.each(types)('that is %s is refused by every route', async (_, type, raw) => {
    for (const path of type === FORM ? jsonRoutes : routes) {
      const client = await callerOf(host, path);
      const headers = { 'content-type': type };
      const options = { headers, raw: Buffer.from(raw(path)) };
      await expectRefused(host, () => client.request('POST', path, options), {
        status: 415,
        code: 'UNSUPPORTED_MEDIA_TYPE',
        secrets: [secret],
      });
    }
  });

  it('that comes in chunks and is no JSON is refused as well', async () => {
    const before = await rowCounts(host);
    for (const type of ['text/plain', 'application/x-www-form-urlencoded']) {
      const answer = await sendRaw(host, {
        method: 'POST',
        path: '/auth/anonymous',
        headers: { 'content-type': type, 'transfer-encoding': 'chunked' },
        body: 'a=b',
      });
      expect(answer.status).toBe(415);
      expect(JSON.parse(answer.text)).toMatchObject({ code: 'UNSUPPORTED_MEDIA_TYPE' });
    }
    expect(await rowCounts(host)).toEqual(before);
  });

  it.each(routes)('that goes 2 000 or 20 000 levels deep is refused: %s', async (path) => {
    const client = await callerOf(host, path);
    for (const depth of [2_000, 20_000]) {
      for (const [open, close] of [
        ['[', ']'],
        ['{"a":', '}'],
      ] as const) {
        const deep = `${open.repeat(depth)}${open === '[' ? '' : '1'}${close.repeat(depth)}`;
        if (deep.length > 90_000) continue;
        for (const name of ['email', 'password', 'name', 'x']) {
          const raw = `{"${name}":${deep}}`;
          await expectRefused(host, () => client.request('POST', path, { headers: json, raw }), {
            status: 400,
            code: notAnObject,
          });
        }
      }
    }
  });

  it('that is larger than the server takes is refused with 413', async () => {
    const size = adapter === 'express' ? 150_000 : 1_500_000;
    for (const path of routes) {
      const client = await callerOf(host, path);
      const body = bodyWith(path, { name: 'x'.repeat(size) });
      await expectRefused(host, () => client.post(path, body), {
        status: 413,
        code: 'PAYLOAD_TOO_LARGE',
      });
    }
  });

  const unknown = [
    'isAnonymous',
    'id',
    'userId',
    'guestId',
    'anonymousUserId',
    'role',
    'emailVerified',
    'mergedInto',
    'epoch',
    'token',
    'toString',
    'hasOwnProperty',
  ].map((name) => [name, name]);
  const endless = ['a name of 5 000 letters', 'x'.repeat(5_000)];

  it.each([...unknown, endless])(
    'with a field that no route knows is refused: %s',
    async (_, name) => {
      for (const path of routes) {
        if (routeAt(path).body!.some((field) => field.name === name)) continue;
        const client = await callerOf(host, path);
        const answer = await expectRefused(
          host,
          () => client.post(path, bodyWith(path, { [name!]: secret })),
          { status: 400, code: 'VALIDATION_FAILED', secrets: [secret, 'x'.repeat(500)] },
        );
        expectUncached(answer);
        expect(answer.body.errors).toEqual([
          { field: name!.slice(0, 64), messages: ['is not allowed'] },
        ]);
      }
    },
  );

  it('is no way around the forgery rules', async () => {
    for (const path of routes) {
      const client = await callerOf(host, path);
      for (const origin of ['null', 'https://app.example.evil', 'https://app.example:444']) {
        const answer = await expectRefused(
          host,
          () => client.post(path, validBody(path), { headers: { origin } }),
          { status: 403, code: 'INVALID_ORIGIN', secrets: ['evil', ':444'] },
        );
        expectUncached(answer);
      }
    }
  });
});
