import { refusal } from '../support/expectations.js';
import type { HttpClient } from '../support/http-client.js';
import { createTestApp, type TestApp } from '../support/test-app.js';
import {
  adapters,
  bodyWith,
  callerOf,
  emailRoutes,
  expectRefused,
  expectUncached,
  password,
  populate,
} from './refused.js';

const noAddress: [string, string][] = [
  ['empty', ''],
  ['blank', '   '],
  ['two addresses', 'a1@mail.example,b2@mail.example'],
  ['two addresses with a semicolon', 'a1@mail.example;b2@mail.example'],
  ['a header in it', 'a1@mail.example\r\nBcc: victim@mail.example'],
  ['a line feed at its end', 'a1@mail.example\n'],
  ['in brackets', '<a1@mail.example>'],
  ['with a name', 'Ada <a1@mail.example>'],
  ['a quoted local part', '"a b"@mail.example'],
  ['a comment', 'a1(comment)@mail.example'],
  ['no at sign', 'mail.example'],
  ['two at signs', 'a1@b2@mail.example'],
  ['no local part', '@mail.example'],
  ['no domain', 'a1@'],
  ['no top level', 'a1@mailexample'],
  ['localhost', 'a1@localhost'],
  ['an IP address', 'a1@127.0.0.1'],
  ['an IP literal', 'a1@[127.0.0.1]'],
  ['two dots', 'a1..b2@mail.example'],
  ['a dot at the start', '.a1@mail.example'],
  ['a dot at the end', 'a1@mail.example.'],
  ['an empty label', 'a1@mail..example'],
  ['a hyphen at the start of the domain', 'a1@-mail.example'],
  ['a blank before', ' a1@mail.example'],
  ['a blank after', 'a1@mail.example '],
  ['a blank inside', 'a 1@mail.example'],
  ['a tab', 'a1@mail.example\t'],
  ['a NUL', 'a1\u0000@mail.example'],
  ['a right-to-left override', 'a1\u202e@mail.example'],
  ['a zero-width space', 'a1\u200b@mail.example'],
  ['a byte order mark', '\ufeffa1@mail.example'],
  ['a soft hyphen', 'a1\u00ad@mail.example'],
  ['half a surrogate pair', 'a1\ud800@mail.example'],
  ['Cyrillic letters', '\u0430dmin@mail.example'],
  ['a dotless i', 'adm\u0131n@mail.example'],
  ['a full-width at sign', 'a1\uff20mail.example'],
  ['a Kelvin sign', '\u212aa1@mail.example'],
  ['a local part of 65', `${'a'.repeat(65)}@mail.example`],
  [
    '321 characters',
    `a1@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.${'e'.repeat(60)}.${'f'.repeat(66)}.example`,
  ],
  ['64 KB', `a1@${'b'.repeat(65_000)}.example`],
  ['SQL', "' OR 1=1--"],
  ['SQL in an address', "a1'--@mail.example'; DROP TABLE users; --"],
];

const noText: [string, unknown][] = [
  ['an object', { $ne: '' }],
  ['a list', ['a1@mail.example']],
  ['a number', 12_345_678],
  ['true', true],
  ['false', false],
];

describe.each(adapters)('a field on %s', (adapter) => {
  let host: TestApp;
  const callers = new Map<string, HttpClient>();
  beforeAll(async () => {
    host = await createTestApp({ adapter });
    await populate(host);
    for (const path of emailRoutes) callers.set(path, await callerOf(host, path));
  });
  afterAll(() => host.close());

  /** Every route that has such a field refuses the value, whoever calls. */
  async function expectInvalid(paths: readonly string[], name: string, value: unknown) {
    for (const path of paths) {
      const secrets =
        typeof value === 'string' && value.trim().length > 3 ? [value.slice(0, 200)] : [];
      const answer = await expectRefused(
        host,
        () => callers.get(path)!.post(path, bodyWith(path, { [name]: value })),
        { status: 400, code: 'VALIDATION_FAILED', secrets },
      );
      expectUncached(answer);
      expect(answer.body.errors).toEqual([{ field: name, messages: [expect.any(String)] }]);
    }
  }

  it.each(noAddress)('email is no address when it is, or has, %s', (_, email) =>
    expectInvalid(emailRoutes, 'email', email),
  );

  it.each([...noText, ['null', null]])('email is no text when it is %s', (_, email) =>
    expectInvalid(emailRoutes, 'email', email),
  );

  it.each([...noText, ['null', null]])('password is no text when it is %s', (_, value) =>
    expectInvalid(emailRoutes, 'password', value),
  );

  it.each(noText)('name is no text when it is %s', (_, name) =>
    expectInvalid(['/auth/anonymous/upgrade', '/auth/sign-up/email'], 'name', name),
  );

  it.each([
    ['a NUL', 'Ada\u0000Byron'],
    ['half a surrogate pair', 'Ada\ud800Byron'],
    ['a line break', 'Ada\r\n{"level":"info"}'],
    ['an escape', 'Ada\u001b[31m'],
    ['blanks only', '    '],
    ['101 characters', 'Ada'.padEnd(101, 'a')],
    ['64 KB', 'Ada'.padEnd(65_000, 'a')],
  ])('name is refused when it has %s', (_, name) =>
    expectInvalid(['/auth/anonymous/upgrade', '/auth/sign-up/email'], 'name', name),
  );

  it.each([
    ['a script', 'javascript:alert(1)'],
    ['data', 'data:text/html,<script>alert(1)</script>'],
    ['no URL', 'picture of me'],
    ['a relative URL', '/picture.png'],
    ['a NUL', 'https://pictures.example/\u0000'],
    ['half a surrogate pair', 'https://pictures.example/\ud800'],
    ['3 000 characters', `https://pictures.example/${'a'.repeat(3_000)}`],
    ['a number', 12_345],
  ])('image is refused when it is, or has, %s', (_, image) =>
    expectInvalid(['/auth/anonymous/upgrade', '/auth/sign-up/email'], 'image', image),
  );

  it.each([
    ['another host', '//evil.example'],
    ['another host with a backslash', '/\\evil.example'],
    ['another origin', 'https://evil.example/'],
    ['our name as the start of another', 'https://app.example.evil/'],
    ['our name as the user of another', 'https://app.example@evil.example/'],
    ['our origin on another port', 'https://app.example:444/'],
    ['a scheme without slashes', 'https:evil.example'],
    ['a script', 'javascript:alert(1)'],
    ['a broken URL', 'http://['],
    ['a line break', '/path\r\nSet-Cookie: a=b'],
    ['a tab before a host', '/\t/evil.example'],
    ['a NUL', '/path\u0000'],
    ['half a surrogate pair', '/path/\ud800'],
    ['10 KB', `/${'a'.repeat(10_000)}`],
    ['a number', 12_345],
    ['a list', ['/path']],
  ])('callbackURL is refused when it is, or has, %s', (_, callbackURL) =>
    expectInvalid(emailRoutes, 'callbackURL', callbackURL),
  );

  it.each([
    ['text', 'true'],
    ['a number', 1],
    ['an object', {}],
  ])('rememberMe is refused when it is %s', (_, rememberMe) =>
    expectInvalid(emailRoutes, 'rememberMe', rememberMe),
  );

  it.each(['email', 'password'])('%s is required', async (name) => {
    for (const path of emailRoutes) {
      const body = { ...bodyWith(path, {}), [name]: undefined };
      const answer = await expectRefused(host, () => callers.get(path)!.post(path, body), {
        status: 400,
        code: 'VALIDATION_FAILED',
      });
      expect(answer.body.errors).toMatchObject([{ field: name }]);
    }
  });

  it('email counts without regard to case', async () => {
    const client = host.browser();
    const { body } = await client.post('/auth/sign-up/email', {
      email: 'Grace@Mail.Example',
      password,
    });
    expect(body.user.email).toBe('grace@mail.example');
    for (const email of ['grace@mail.example', 'GRACE@MAIL.EXAMPLE']) {
      const signedIn = await host.browser().post('/auth/sign-in/email', { email, password });
      expect(signedIn).toMatchObject({ status: 200, body: { user: { id: body.user.id } } });
      const taken = await host.browser().post('/auth/sign-up/email', { email, password });
      expect(taken).toMatchObject(refusal(409, 'EMAIL_TAKEN'));
    }
  });

  it('every optional one that better-auth sends is accepted', async () => {
    const answer = await host.browser().post('/auth/sign-up/email', {
      email: 'rosalind@mail.example',
      password,
      name: '',
      image: 'https://pictures.example/rosalind.png',
      callbackURL: '/welcome',
      rememberMe: false,
    });
    expect(answer).toMatchObject({
      status: 200,
      body: { user: { name: null, image: 'https://pictures.example/rosalind.png' } },
    });
  });
});
