import { randomUUID } from 'node:crypto';
import { isIP } from 'node:net';
import { MeetingHashing } from '../support/meeting-hashing.js';
import { createTestApp, type TestApp } from '../support/test-app.js';
import { adapters, password, sendRaw } from './refused.js';

/** What a client may say of its own address. */
const SAID: readonly (readonly [what: string, value: string])[] = [
  ['an address', '203.0.113.7'],
  ['an address of six', '2001:db8::7'],
  ['nothing', ''],
  ['blanks', '   '],
  ['a name', 'localhost'],
  ['a word', 'unknown'],
  ['markup', '<script>alert(1)</script>'],
  ['SQL', "'; DROP TABLE users; --"],
  ['a log record', '{"level":"info"}'],
  ['an address and a port', '203.0.113.7:4711'],
  ['an address in brackets', '[2001:db8::7]'],
  ['too many parts', '203.0.113.7.7'],
  ['too large a part', '203.0.113.256'],
  ['letters that are no ASCII', '\u00e9\u00ff'],
  ['2 KB', 'x'.repeat(2_000)],
];

/** Session that somebody gets who signs up with these headers. */
async function sessionWith(host: TestApp, headers: Record<string, string>) {
  const { status, text } = await sendRaw(host, {
    method: 'POST',
    path: '/auth/sign-up/email',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ email: `${randomUUID()}@mail.example`, password }),
  });
  expect(status).toBe(200);
  return JSON.parse(text).session as { ipAddress: string | null };
}

describe.each(adapters)('where a request on %s comes from', (adapter) => {
  let direct: TestApp;
  let behindProxy: TestApp;
  beforeAll(async () => {
    const options = { password: { hash: new MeetingHashing() } };
    direct = await createTestApp({ adapter, options });
    behindProxy = await createTestApp({ adapter, trustsProxy: true, options });
  });
  afterAll(async () => {
    await direct.close();
    await behindProxy.close();
  });

  it.each(SAID)('is not for it to say: %s', async (_, value) => {
    const headers = ['x-forwarded-for', 'x-real-ip', 'x-client-ip', 'cf-connecting-ip'];
    const all = Object.fromEntries(headers.map((name) => [name, value]));
    const { ipAddress } = await sessionWith(direct, { ...all, forwarded: `for=${value}` });
    expect(ipAddress).toMatch(/^(::ffff:)?127\.0\.0\.1$/);
  });

  it.each(SAID)('is an address or nothing, when the proxy says %s', async (_, value) => {
    const { ipAddress } = await sessionWith(behindProxy, { 'x-forwarded-for': value });
    expect(ipAddress === null || isIP(ipAddress) !== 0).toBe(true);
  });

  it.each(['203.0.113.7', '2001:db8::7', '::1'])(
    'is %s, when the proxy says so',
    async (address) => {
      const { ipAddress } = await sessionWith(behindProxy, { 'x-forwarded-for': address });
      expect(ipAddress).toBe(address);
    },
  );
});
