import { gzipSync } from 'node:zlib';
import type { TestApp } from '../support/test-app.js';
import { callerOf, createFullApp, expectRefused, routes } from './refused.js';

// Express unpacks what it receives; Fastify takes every body as it is.
describe('an encoded body on express', () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createFullApp({});
  });
  afterAll(() => host.close());

  it.each([
    [
      'plain bytes that call themselves br',
      { 'content-encoding': 'br' },
      '{}',
      400,
      'MALFORMED_JSON',
    ],
    [
      'plain bytes that call themselves gzip',
      { 'content-encoding': 'gzip' },
      '{}',
      400,
      'MALFORMED_JSON',
    ],
    ['an unknown encoding', { 'content-encoding': 'xyz' }, '{}', 415, 'UNSUPPORTED_MEDIA_TYPE'],
    [
      'an unknown charset',
      { 'content-type': 'application/json; charset=latin1' },
      '{}',
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    [
      'a kilobyte that unpacks to 50 MB',
      { 'content-encoding': 'gzip' },
      gzipSync(Buffer.alloc(50_000_000, 0x20)),
      413,
      'PAYLOAD_TOO_LARGE',
    ],
  ])('is refused when it is %s', async (_, headers, raw, status, code) => {
    for (const path of routes) {
      const client = await callerOf(host, path);
      const options = { headers: { 'content-type': 'application/json', ...headers }, raw };
      await expectRefused(host, () => client.request('POST', path, options), { status, code });
    }
  });
});
