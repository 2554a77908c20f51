import type { PasswordHashing } from '../../src/index.js';
import { refusal, rowCounts } from '../support/expectations.js';
import { createTestApp, type TestApp } from '../support/test-app.js';
import { adapters, callerOf, expectRefused, password, populate } from './refused.js';

/** Hashes by reversing, and counts: no bad password may cost a real hash. */
class CountingHash implements PasswordHashing {
  calls = 0;

  async hash(text: string): Promise<string> {
    this.calls++;
    return Array.from(text).toReversed().join('');
  }

  async verify(hash: string, text: string): Promise<boolean> {
    return hash === Array.from(text).toReversed().join('');
  }
}

const email = 'ada.lovelace@mail.example';

describe.each(adapters)('a password on %s', (adapter) => {
  const hashing = new CountingHash();
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ adapter, options: { password: { hash: hashing } } });
    await populate(host);
  });
  afterAll(() => host.close());

  const bad: [string, string][] = [
    ['nothing', ''],
    ['one character', 'k'],
    ['7 characters', 'kzqxjwv'],
    ['7 characters of two code units', '\u{1f436}'.repeat(7)],
    ['blanks only', ' '.repeat(20)],
    ['all kinds of blanks', '\u00a0\u2003\t\n\r \u3000\u2009'],
    ['the address', email],
    ['the address in upper case', email.toUpperCase()],
    ['one character again and again', 'kkkkkkkkkkkk'],
    ['257 characters', 'kzq'.padEnd(257, 'xyz')],
    ['257 characters of two code units', '\u{1f436}\u{1f431}'.repeat(129).slice(0, 514)],
    ['10 KB', 'kzq'.padEnd(10_000, 'xyz')],
    ['a NUL', 'kzqxjwvk\u0000zqxjwv'],
    ['half a surrogate pair', 'kzqxjwvk\ud800zqxjwv'],
  ];

  it.each(bad)(
    'is refused by sign-up and upgrade, without hashing, when it is %s',
    async (_, value) => {
      for (const path of ['/auth/sign-up/email', '/auth/anonymous/upgrade']) {
        const client = await callerOf(host, path);
        const calls = hashing.calls;
        const answer = await expectRefused(
          host,
          () => client.post(path, { email, password: value, name: 'Ada' }),
          {
            status: 400,
            code: 'VALIDATION_FAILED',
            secrets: value.length > 5 ? [value.trim() || value] : [],
          },
        );
        expect(answer.body.errors).toMatchObject([{ field: 'password' }]);
        expect(hashing.calls).toBe(calls);
      }
    },
  );

  it('of 1 MB is refused before anybody looks at it', async () => {
    for (const path of ['/auth/sign-up/email', '/auth/anonymous/upgrade', '/auth/sign-in/email']) {
      const client = await callerOf(host, path);
      const body = { email, password: 'kzq'.repeat(400_000) };
      const calls = hashing.calls;
      await expectRefused(host, () => client.post(path, body), {
        status: 413,
        code: 'PAYLOAD_TOO_LARGE',
      });
      expect(hashing.calls).toBe(calls);
    }
  });

  const good: [string, string, string][] = [
    ['8 characters', 'kzqxjwvf', 'Kzqxjwvf'],
    ['14 characters', 'kzqxjwvfkzqxjw', 'kzqxjwvfkzqxj'],
    ['64 characters', 'kzq'.padEnd(64, 'xjw'), 'kzq'.padEnd(63, 'xjw')],
    ['256 characters', 'kzq'.padEnd(256, 'xjw'), 'kzq'.padEnd(255, 'xjw')],
    [
      'emoji',
      '\u{1f436}\u{1f431}\u{1f42d}\u{1f439}\u{1f430}\u{1f98a}\u{1f43b}\u{1f43c}',
      'dogs and cats',
    ],
    ['blanks at both ends', '  kzq xjw vfk  ', 'kzq xjw vfk'],
    [
      'Cyrillic letters',
      '\u043f\u0430\u0440\u043e\u043b\u044c\u0434\u043b\u044f\u0441\u043e\u0431\u0430\u043a\u0438',
      'parol',
    ],
    ['a letter in two parts', 'cafe\u0301 kzqxjw', 'caf\u00e9 kzqxjw'],
    ['what looks like SQL', "' OR 1=1-- kzq", "' OR 1=1--"],
    ['JSON', '{"$ne":"kzqxjw"}', '{"$ne":""}'],
  ];

  it.each(good)('may be %s, and then signs in exactly as given', async (label, value, other) => {
    const account = { email: `${label.replaceAll(' ', '-')}@mail.example`, password: value };
    const signedUp = await host.browser().post('/auth/sign-up/email', account);
    expect(signedUp).toMatchObject({ status: 200, body: { user: { email: expect.any(String) } } });
    expect(await host.browser().post('/auth/sign-in/email', account)).toMatchObject({
      status: 200,
      body: { user: { id: signedUp.body.user.id } },
    });
    for (const wrong of [other, Array.from(value).slice(0, -1).join('')]) {
      const answer = await host
        .browser()
        .post('/auth/sign-in/email', { ...account, password: wrong });
      expect(answer).toMatchObject(refusal(401, 'INVALID_EMAIL_OR_PASSWORD'));
    }
  });
});

describe.each(adapters)('a sign-in that fails on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ adapter });
    await populate(host);
  });
  afterAll(() => host.close());

  const known = 'known@example.com';
  const attempts: [string, { email: string; password: string }][] = [
    ['an unknown address', { email: 'unknown@example.com', password }],
    ['a wrong password', { email: known, password: `${password}!` }],
    ['a password in another case', { email: known, password: password.toUpperCase() }],
    ['a shorter password', { email: known, password: 'x' }],
    ['SQL as password', { email: known, password: "' OR 1=1--" }],
    ['a pattern as address', { email: '%@example.com', password }],
    ['an underscore for any letter', { email: 'know_@example.com', password }],
  ];

  it.each(attempts)('answers the same for %s as for all others', async (_, attempt) => {
    const answer = await expectRefused(
      host,
      () => host.browser().post('/auth/sign-in/email', attempt),
      { status: 401, code: 'INVALID_EMAIL_OR_PASSWORD', secrets: [attempt.email] },
    );
    const reference = await host.browser().post('/auth/sign-in/email', attempts[0]![1]);
    expect(answer.text).toBe(reference.text);
    expect([...answer.headers.keys()]).toEqual([...reference.headers.keys()]);
  });

  it.each(['', "' OR 1=1--"])(
    'is a bad request for the password "%s" and no address',
    async (value) => {
      const answer = await host
        .browser()
        .post('/auth/sign-in/email', { email: "' OR 1=1--", password: value });
      expect(answer).toMatchObject(refusal(400, 'VALIDATION_FAILED'));
    },
  );

  it('is a bad request with an empty password', async () => {
    await expectRefused(
      host,
      () => host.browser().post('/auth/sign-in/email', { email: known, password: '' }),
      { status: 400, code: 'VALIDATION_FAILED' },
    );
  });

  it('leaves a guest with its session and its rows', async () => {
    const client = host.browser();
    await client.post('/notes', { text: 'kept' });
    const before = await rowCounts(host);
    for (const [, attempt] of attempts) {
      const answer = await client.post('/auth/sign-in/email', attempt);
      expect(answer).toMatchObject(refusal(401, 'INVALID_EMAIL_OR_PASSWORD'));
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
    expect(await rowCounts(host)).toEqual(before);
    expect((await client.get('/notes')).body).toMatchObject([{ text: 'kept' }]);
  });
});
