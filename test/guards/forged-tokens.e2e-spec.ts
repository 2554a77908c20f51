import { randomUUID } from 'node:crypto';
import { Clock } from '../../src/index.js';
import { newCookies, refusal, rowCounts } from '../support/expectations.js';
import { bearer, newAccount, newGuest } from '../support/people.js';
import { createTestApp, SECRET, type TestApp } from '../support/test-app.js';
import { TestClock } from '../support/test-clock.js';
import { forgeToken, type Forgery, readToken } from '../support/tokens.js';

const year = 365 * 86_400;
const seconds = () => Math.floor(Date.now() / 1000);
const forged = (changes: Omit<Forgery, 'secret'>) => (genuine: string) =>
  forgeToken(genuine, { secret: SECRET, ...changes });
const withoutSignature = (token: string) => `${token.split('.').slice(0, 2).join('.')}.`;
const OTHER_SECRET = 'another secret that is long enough to sign with';
const X5C = Buffer.from(OTHER_SECRET).toString('base64');
const JWK = { kty: 'oct', alg: 'HS256', k: Buffer.from(OTHER_SECRET).toString('base64url') };

/** All but the first few are signed with our own secret, as by somebody who found another use of it. */
const forgeries: [string, (genuine: string) => string][] = [
  ['no signature', withoutSignature],
  ['alg none', (t) => withoutSignature(forged({ header: { alg: 'none' } })(t))],
  ['alg nOnE', (t) => withoutSignature(forged({ header: { alg: 'nOnE' } })(t))],
  ['alg none with a signature', forged({ header: { alg: 'none' } })],
  ['another secret', (t) => forgeToken(t, { secret: OTHER_SECRET })],
  ['an empty secret', (t) => forgeToken(t, { secret: '' })],
  ['the key id as secret', (t) => forgeToken(t, { secret: String(readToken(t).header.kid) })],
  ['HS384', forged({ header: { alg: 'HS384' }, hash: 'sha384' })],
  ['HS512', forged({ header: { alg: 'HS512' }, hash: 'sha512' })],
  ['RS256 in name', forged({ header: { alg: 'RS256' } })],
  ['no alg', forged({ header: { alg: undefined } })],
  ['typ JWT', forged({ header: { typ: 'JWT' } })],
  ['no typ', forged({ header: { typ: undefined } })],
  ['an unknown kid', forged({ header: { kid: 'other' } })],
  ['no kid', forged({ header: { kid: undefined } })],
  ['a kid that is a path', forged({ header: { kid: '../../../dev/null' } })],
  ['a kid that is a property of every object', forged({ header: { kid: '__proto__' } })],
  ['a kid that is a list', forged({ header: { kid: ['a'] } })],
  ...['jwk', 'jku', 'x5u', 'x5c'].map((name): (typeof forgeries)[number] => [
    `a key of its own in ${name}`,
    (t) =>
      forgeToken(t, {
        secret: OTHER_SECRET,
        header: { [name]: name === 'jwk' ? JWK : name === 'x5c' ? [X5C] : 'https://evil.example' },
      }),
  ]),
  ['another iss', forged({ claims: { iss: 'https://evil.example' } })],
  ['no iss', forged({ claims: { iss: undefined } })],
  ['another aud', forged({ claims: { aud: 'https://evil.example' } })],
  ['no aud', forged({ claims: { aud: undefined } })],
  ['no exp', forged({ claims: { exp: undefined } })],
  ['an exp that is text', forged({ claims: { exp: '99999999999' } })],
  ['an nbf in the future', forged({ claims: { nbf: seconds() + year } })],
  ['no iat', forged({ claims: { iat: undefined } })],
  [
    'an iat in ten years',
    forged({ claims: { iat: seconds() + 10 * year, exp: seconds() + 11 * year } }),
  ],
  ['no sub', forged({ claims: { sub: undefined } })],
  ['a sub that is an object', forged({ claims: { sub: { $ne: '' } } })],
  ['a sub that is a list', forged({ claims: { sub: [randomUUID()] } })],
  ['a sub that is a number', forged({ claims: { sub: 1 } })],
  ['a sub that is null', forged({ claims: { sub: null } })],
  ['a sub that is no uuid', forged({ claims: { sub: "' OR 1=1--" } })],
  ['a sub with a NUL', forged({ claims: { sub: '\u0000' } })],
  ['the sub of nobody', forged({ claims: { sub: randomUUID() } })],
  ['no jti', forged({ claims: { jti: undefined } })],
  ['a jti that is no uuid', forged({ claims: { jti: "'; DROP TABLE users" } })],
  ['another epoch', forged({ claims: { epoch: 1 } })],
  ['no epoch', forged({ claims: { epoch: undefined } })],
  ['an epoch beyond an integer', forged({ claims: { epoch: 2 ** 40 } })],
  ['an epoch that is text', forged({ claims: { epoch: '0' } })],
  ['a guest that calls itself an account', forged({ claims: { anon: false } })],
  ['an anon that is text', forged({ claims: { anon: 'true' } })],
  ['a payload that is a list', forged({ payload: '["a"]' })],
  ['a payload that is null', forged({ payload: 'null' })],
  ['a payload that is text', forged({ payload: '"a"' })],
  ['a payload that is no JSON', forged({ payload: '{"sub":' })],
  ['an empty payload', forged({ payload: '' })],
  ['its end cut off', (t) => t.slice(0, -5)],
  ['its start cut off', (t) => t.slice(5)],
  ['a part too many', (t) => `${t}.e30`],
  ['a part too few', (t) => t.split('.').slice(0, 2).join('.')],
  ['8 KB of garbage', () => 'x'.repeat(8000)],
  [
    '8 KB of garbage in three parts',
    () => `${'a'.repeat(2700)}.${'b'.repeat(2700)}.${'c'.repeat(2600)}`,
  ],
];

describe.each(['express', 'fastify'] as const)('a forged token on %s', (adapter) => {
  const clock = new TestClock();
  let host: TestApp;
  let genuine: string;
  beforeAll(async () => {
    host = await createTestApp({ adapter, overrides: [{ token: Clock, value: clock }] });
    genuine = (await newGuest(host)).token;
  });
  afterEach(() => clock.reset());
  afterAll(() => host.close());

  it('is the forger’s fault: the untouched copy is accepted', async () => {
    const copy = forgeToken(genuine, { secret: SECRET });
    expect(await bearer(host, copy).get('/access/session')).toMatchObject({ status: 200 });
  });

  it.each(forgeries)('is nobody with %s, as bearer and as cookie', async (_, forge) => {
    const token = forge(genuine);
    const before = await rowCounts(host);
    const browser = host.browser();
    for (const client of [bearer(host, token), browser]) {
      browser.cookies.set('__Host-session', token);
      for (const path of ['/access/session', '/access/guest', '/access/account']) {
        expect(await client.get(path)).toMatchObject(refusal(401, 'UNAUTHORIZED'));
      }
      expect(await client.post('/access/write')).toMatchObject(refusal(401, 'UNAUTHORIZED'));
      const { status, text } = await client.get('/auth/get-session');
      expect([status, text]).toEqual([200, 'null']);
      expect(await client.post('/auth/sign-out')).toMatchObject({ status: 200 });
    }
    expect(await rowCounts(host)).toEqual(before);
    expect(await bearer(host, genuine).get('/access/guest')).toMatchObject({ status: 200 });
  });

  it('gets a guest of its own, as everybody does without a credential', async () => {
    const token = forgeToken(genuine, { secret: OTHER_SECRET });
    const client = host.browser();
    client.cookies.set('__Host-session', token);
    const answer = await client.post('/auth/anonymous');
    expect(answer.status).toBe(201);
    expect(answer.body.user.id).not.toBe(readToken(genuine).claims.sub);
    expect(newCookies(answer)).toHaveLength(1);
  });

  it('opens no account: neither another session of it, nor a guest token with its id', async () => {
    const account = await newAccount(host);
    for (const claims of [{ jti: randomUUID() }, { anon: true }, { anon: true, epoch: 0 }]) {
      const token = forgeToken(account.token, { secret: SECRET, claims });
      const answer = await bearer(host, token).get('/access/session');
      expect(answer).toMatchObject(refusal(401, 'UNAUTHORIZED'));
    }
  });

  it('is what a genuine token becomes after its end', async () => {
    const { token } = await newGuest(host);
    clock.advance({ days: 8 });
    const answer = await bearer(host, token).get('/access/session');
    expect(answer).toMatchObject(refusal(401, 'UNAUTHORIZED'));
  });
});
