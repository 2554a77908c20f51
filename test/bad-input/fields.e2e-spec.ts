import { refusal } from '../support/expectations.js';
import type { FieldKind } from '../support/library-routes.js';
import type { TestApp } from '../support/test-app.js';
import {
  adapters,
  bodyWith,
  callerOf,
  createFullApp,
  expectRefused,
  expectUncached,
  type FieldAt,
  fieldsOfKind,
  fieldsThat,
  NOTHING,
  password,
  populate,
  routeAt,
  routes,
} from './refused.js';
import { noAddress, noText } from './values.js';

const TEXTS: readonly FieldKind[] = [
  'address',
  'password',
  'line',
  'picture',
  'redirect',
  'id',
  'choice',
  'text',
];

/** Taken because clients send them, and never looked at again. */
const LEADING_NOWHERE: ReadonlySet<string> = new Set([
  '/auth/sign-out callbackURL',
  '/auth/magic-link/verify errorCallbackURL',
  '/auth/delete-user callbackURL',
]);

describe.each(adapters)('a field on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createFullApp({ adapter });
    await populate(host);
  });
  afterAll(() => host.close());

  /** Every route that has such a field refuses the value. */
  async function expectInvalid(fields: readonly FieldAt[], value: unknown) {
    expect(fields.length).toBeGreaterThan(0);
    for (const [path, name] of fields) {
      const secrets =
        typeof value === 'string' && value.trim().length > 3 ? [value.slice(0, 200)] : [];
      const client = await callerOf(host, path);
      const answer = await expectRefused(
        host,
        () => client.post(path, bodyWith(path, { [name]: value })),
        { status: 400, code: 'VALIDATION_FAILED', secrets },
      );
      expectUncached(answer);
      expect(answer.body.errors).toEqual([{ field: name, messages: [expect.any(String)] }]);
    }
  }

  it.each(noAddress)('that is an address is none when it is, or has, %s', (_, value) =>
    expectInvalid(fieldsOfKind('address'), value),
  );

  it.each(noText)('that is text is none when it is %s', (_, value) =>
    expectInvalid(fieldsOfKind(...TEXTS), value),
  );

  it.each(noText.filter(([, value]) => typeof value !== 'boolean'))(
    'that is a flag is none when it is %s',
    (_, value) => expectInvalid(fieldsOfKind('flag'), value),
  );

  it('that is a flag is none when it is text', async () => {
    for (const value of ['true', 'false', '1', ''])
      await expectInvalid(fieldsOfKind('flag'), value);
  });

  it('that is required is not null, and not absent', async () => {
    const required = fieldsThat(({ isRequired }) => isRequired);
    for (const value of [null, undefined]) await expectInvalid(required, value);
  });

  it.each([
    ['a NUL', 'Ada\u0000Byron'],
    ['half a surrogate pair', 'Ada\ud800Byron'],
    ['a line break', 'Ada\r\n{"level":"info"}'],
    ['an escape', 'Ada\u001b[31m'],
    ['blanks only', '    '],
    ['64 KB', 'Ada'.padEnd(65_000, 'a')],
  ])('that is a line of text is refused when it has %s', (_, value) =>
    expectInvalid(fieldsOfKind('line'), value),
  );

  it('that is a line of text is refused when it has a character too many', async () => {
    for (const [path, name] of fieldsOfKind('line')) {
      const { longest } = routeAt(path).body!.find((field) => field.name === name)!;
      await expectInvalid([[path, name]], 'Ada'.padEnd(longest! + 1, 'a'));
    }
  });

  it.each([
    ['a NUL', 'kzqxjwvk\u0000zqxjwv'],
    ['half a surrogate pair', 'kzqxjwvk\ud800zqxjwv'],
    ['257 characters', 'kzq'.padEnd(257, 'xyz')],
    ['1 025 bytes', '\u{1f436}'.repeat(257)],
    ['64 KB', 'kzq'.padEnd(65_000, 'xyz')],
  ])('that is a password is refused when it has %s', (_, value) =>
    expectInvalid(fieldsOfKind('password'), value),
  );

  it('that is a password is refused when it is empty', () =>
    expectInvalid(
      fieldsThat(({ kind, mayBeEmpty }) => kind === 'password' && !mayBeEmpty),
      '',
    ));

  it.each([
    ['a script', 'javascript:alert(1)'],
    ['data', 'data:text/html,<script>alert(1)</script>'],
    ['no URL', 'picture of me'],
    ['a relative URL', '/picture.png'],
    ['a NUL', 'https://pictures.example/\u0000'],
    ['half a surrogate pair', 'https://pictures.example/\ud800'],
    ['3 000 characters', `https://pictures.example/${'a'.repeat(3_000)}`],
  ])('that is a picture is refused when it is, or has, %s', (_, value) =>
    expectInvalid(fieldsOfKind('picture'), value),
  );

  it.each([
    ['another host', '//evil.example'],
    ['another host with a backslash', '/\\evil.example'],
    ['a scheme without slashes', 'https:evil.example'],
    ['a script', 'javascript:alert(1)'],
    ['a line break', '/path\r\nSet-Cookie: a=b'],
    ['a tab before a host', '/\t/evil.example'],
    ['a NUL', '/path\u0000'],
    ['half a surrogate pair', '/path/\ud800'],
    ['10 KB', `/${'a'.repeat(10_000)}`],
  ])('that leads somewhere is refused when it is, or has, %s', (_, value) =>
    expectInvalid(fieldsOfKind('redirect'), value),
  );

  it.each([
    ['another origin', 'https://evil.example/'],
    ['our name as the start of another', 'https://app.example.evil/'],
    ['our name as the user of another', 'https://app.example@evil.example/'],
    ['our origin on another port', 'https://app.example:444/'],
    ['a broken URL', 'http://['],
  ])('that leads somewhere is refused when it leads to %s', async (_, value) => {
    for (const [path, name] of fieldsOfKind('redirect')) {
      if (LEADING_NOWHERE.has(`${path} ${name}`)) continue;
      const client = await callerOf(host, path);
      await expectRefused(host, () => client.post(path, bodyWith(path, { [name]: value })), {
        status: 400,
        // The secret that comes along is none either, and may be looked at first.
        code: /^(VALIDATION_FAILED|INVALID_OR_EXPIRED)$/,
        secrets: [value],
      });
    }
  });

  it.each([
    ['nothing', ''],
    ['no UUID', 'kzqxjwvf'],
    ['a UUID and more', `${NOTHING}' OR 1=1--`],
    ['a NUL', `${NOTHING}\u0000`],
    ['64 KB', 'kzq'.padEnd(65_000, 'xyz')],
  ])('that is an id is none when it is, or has, %s', (_, value) =>
    expectInvalid(fieldsOfKind('id'), value),
  );

  it.each([
    ['kzqxjwvf', 'kzqxjwvf'],
    ['a property of every object', '__proto__'],
    ['64 KB', 'kzq'.padEnd(65_000, 'xyz')],
  ])('with a few values is refused when it is %s', (_, value) =>
    expectInvalid(fieldsOfKind('choice'), value),
  );

  it('that is any text is refused when it is longer than any of ours', async () => {
    for (const path of routes) {
      for (const { kind, name, longest } of routeAt(path).body!) {
        if (kind !== 'text') continue;
        expect(longest).toBeLessThanOrEqual(2048);
        await expectInvalid([[path, name]], 'kzq'.padEnd(longest! + 1, 'xyz'));
      }
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
