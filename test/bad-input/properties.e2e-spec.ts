import fc from 'fast-check';
import { rowCounts } from '../support/expectations.js';
import { bearer, newAccount, newGuest } from '../support/people.js';
import { type HttpAnswer, HttpClient } from '../support/http-client.js';
import { MeetingHashing } from '../support/meeting-hashing.js';
import { ORIGIN, type TestApp } from '../support/test-app.js';
import { adapters, callerOf, createFullApp, password, routes, sendRaw } from './refused.js';

const RUNS = Number(process.env.PROPERTY_RUNS ?? 60);
const seed = Number(process.env.PROPERTY_SEED ?? Date.now() % 2 ** 31);

const check = <Values extends [unknown, ...unknown[]]>(property: fc.IAsyncProperty<Values>) =>
  fc.assert(property, { numRuns: RUNS, seed });

/** Any text: of one kind of letters, of all of Unicode, and with what only UTF-16 can say. */
const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('\ud800', '\0', '\r\n', '\u202e', '@', '.', '/', '\\', 'a') }),
);
/** What a header can carry at all. */
const headerText = fc
  .string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)) })
  .filter((text) => !/[\x7f-\x9f]/.test(text));

/** What must hold of every answer, whatever was asked. */
function expectNoTrouble({ status, body, text }: HttpAnswer): void {
  expect(status).toBeLessThan(500);
  expect(text).not.toMatch(/node_modules|\bat \w+ \(|SELECT|INSERT/);
  if (status >= 400) {
    expect(body).toMatchObject({ statusCode: status, message: expect.any(String) });
    expect(body.code).toMatch(/^[A-Z_]+$/);
  }
}

describe.each(adapters)('whatever comes in on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    console.info(`PROPERTY_SEED=${seed}`);
    host = await createFullApp({ adapter, options: { password: { hash: new MeetingHashing() } } });
  });
  afterAll(() => host.close());

  const signUp = (body: object) => host.browser().post('/auth/sign-up/email', body);
  const signIn = (body: object) => host.browser().post('/auth/sign-in/email', body);

  it(
    'an address that is accepted is one address, in one form',
    () => {
      const address = fc.oneof(
        fc.emailAddress(),
        fc.emailAddress().map((email) => email.toUpperCase()),
        fc.tuple(fc.emailAddress(), anyText).map(([email, text]) => email + text),
        fc.tuple(anyText, anyText).map(([local, domain]) => `${local}@${domain}.example`),
        anyText,
      );
      return check(
        fc.asyncProperty(address, async (email) => {
          const answer = await signUp({ email, password });
          expectNoTrouble(answer);
          expect([200, 400, 409]).toContain(answer.status);
          if (answer.status !== 200) return;
          const stored: string = answer.body.user.email;
          expect(stored).toBe(email.toLowerCase());
          expect(stored).toMatch(/^[\x21-\x7e]+$/);
          expect(stored).toMatch(/^[^@,;<>()[\]"\\\s]{1,64}@[^@,;<>()[\]"\\\s]+\.[^@.]+$/);
          expect(stored.length).toBeLessThanOrEqual(254);
          const again = await signIn({ email: stored.toUpperCase(), password });
          expect(again.body.user.id).toBe(answer.body.user.id);
          expect((await signUp({ email: stored, password })).status).toBe(409);
        }),
      );
    },
    RUNS * 2_000,
  );

  it(
    'a password that is accepted signs in as it was typed, and no other does',
    () => {
      let people = 0;
      const word = fc.oneof(anyText, fc.string({ minLength: 7, unit: 'grapheme', maxLength: 300 }));
      return check(
        fc.asyncProperty(word, word, async (typed, other) => {
          people += 1;
          const email = `person-${adapter}-${people}@mail.example`;
          const answer = await signUp({ email, password: typed });
          expectNoTrouble(answer);
          expect([200, 400]).toContain(answer.status);
          if (answer.status !== 200) return;
          const length = Array.from(typed).length;
          expect(length >= 8 && length <= 256 && Buffer.byteLength(typed) <= 1024).toBe(true);
          expect(typed.trim()).not.toBe('');
          expect((await signIn({ email, password: typed })).status).toBe(200);
          for (const wrong of [other, `${typed} `, typed.slice(0, -1), typed.normalize('NFKD')]) {
            const { status } = await signIn({ email, password: wrong });
            expect(status === 200).toBe(wrong === typed);
          }
        }),
      );
    },
    RUNS * 2_000,
  );

  it(
    'a target that is accepted lies within the app',
    async () => {
      const { email } = await newAccount(host, { password });
      const target = fc.oneof(
        fc.webPath(),
        fc.webUrl({ withQueryParameters: true, withFragments: true }),
        fc.webUrl().map((url) => url.replace(/^https?:\/\/[^/]*/, ORIGIN)),
        anyText.map((text) => `/${text}`),
        anyText.map((text) => ORIGIN + text),
        fc
          .array(
            fc.constantFrom(
              '/',
              '\\',
              '//',
              'evil.example',
              '@',
              ':',
              '?',
              '#',
              '%2f',
              '\t',
              'https:',
              '.',
            ),
          )
          .map((parts) => parts.join('')),
      );
      await check(
        fc.asyncProperty(target, async (callbackURL) => {
          const answer = await signIn({ email, password, callbackURL });
          expectNoTrouble(answer);
          if (answer.status !== 200) return expect(answer.status).toBe(400);
          expect(answer.body.url).toBe(callbackURL);
          // As a browser reads it, which drops tabs and line breaks and turns backslashes round.
          expect(new URL(callbackURL, ORIGIN).origin).toBe(ORIGIN);
        }),
      );
    },
    RUNS * 2_000,
  );

  it(
    'a cookie that is not ours is nobody’s',
    () =>
      check(
        fc.asyncProperty(headerText, fc.boolean(), async (text, isNamed) => {
          const before = await rowCounts(host);
          const headers = { cookie: isNamed ? `__Host-session=${text}` : text };
          const read = await sendRaw(host, { method: 'GET', path: '/auth/get-session', headers });
          expect([read.status, read.text]).toEqual([200, 'null']);
          const path = '/auth/anonymous/upgrade';
          expect((await sendRaw(host, { method: 'POST', path, headers })).status).toBe(401);
          expect(await rowCounts(host)).toEqual(before);
        }),
      ),
    RUNS * 2_000,
  );

  it(
    'a token that has been changed is nobody’s',
    async () => {
      const { token } = await newGuest(host);
      expect((await bearer(host, token).get('/access/session')).status).toBe(200);
      const place = fc.nat(token.length - 1);
      const letter = fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcxyz0189-_.=');
      const changed = fc.oneof(
        fc.tuple(place, letter).map(([n, one]) => token.slice(0, n) + one + token.slice(n + 1)),
        fc.tuple(place, letter).map(([n, one]) => token.slice(0, n) + one + token.slice(n)),
        fc.tuple(place, place).map(([n, m]) => token.slice(0, n) + token.slice(Math.max(n, m))),
        fc
          .tuple(fc.json(), fc.json(), fc.string())
          .map((parts) => parts.map((part) => Buffer.from(part).toString('base64url')).join('.')),
        fc.json().map((payload) => {
          const [head, , signature] = token.split('.');
          return [head, Buffer.from(payload).toString('base64url'), signature].join('.');
        }),
      );
      await check(
        fc.asyncProperty(changed, async (other) => {
          fc.pre(other !== token && /^[\x21-\x7e]+$/.test(other));
          const answer = await bearer(host, other).get('/access/session');
          expectNoTrouble(answer);
          expect(answer.status).toBe(401);
        }),
      );
    },
    RUNS * 2_000,
  );

  it(
    'an Idempotency-Key that is accepted is long, visible, and stands for one guest',
    () => {
      const key = fc.oneof(
        headerText,
        fc.string({ minLength: 20, maxLength: 24 }),
        fc.string({ minLength: 250, maxLength: 260 }),
        fc.uuid(),
      );
      return check(
        fc.asyncProperty(key, async (text) => {
          // Of a blank at either end no server ever hears.
          fc.pre(text === text.trim() && text !== '' && /^[\x20-\xff]*$/.test(text));
          const before = await rowCounts(host);
          const client = () => new HttpClient(host.url, { 'idempotency-key': text });
          const first = await client().post('/auth/anonymous');
          expectNoTrouble(first);
          if (!/^[\x21-\x7e]{22,255}$/.test(text)) {
            expect([first.status, first.body.code]).toEqual([400, 'INVALID_IDEMPOTENCY_KEY']);
            return expect(await rowCounts(host)).toEqual(before);
          }
          const second = await client().post('/auth/anonymous');
          expect([first.status, second.body.user.id]).toEqual([201, first.body.user.id]);
          expect(JSON.stringify(await host.sql('SELECT * FROM auth_flows'))).not.toContain(text);
        }),
      );
    },
    RUNS * 2_000,
  );

  it(
    'any body is answered in words of ours, by every route',
    () =>
      check(
        fc.asyncProperty(fc.constantFrom(...routes), fc.jsonValue(), async (path, body) => {
          fc.pre(!(isEmpty(body) && /sign-out|anonymous|delete|revoke|links/.test(path)));
          const before = await rowCounts(host);
          const answer = await (await callerOf(host, path)).post(path, body);
          expectNoTrouble(answer);
          if (answer.status >= 400) expect(await rowCounts(host)).toEqual(before);
        }),
      ),
    RUNS * 2_000,
  );

  it(
    'a secret that nobody has made opens nothing',
    () => {
      const flows = ['/auth/magic-link/verify', '/auth/sign-in/email-otp', '/auth/reset-password'];
      return check(
        fc.asyncProperty(fc.constantFrom(...flows), anyText, async (path, text) => {
          const before = await rowCounts(host);
          const secret = {
            token: text,
            otp: text,
            email: 'ada@example.com',
            newPassword: password,
          };
          const names = { [flows[0]!]: ['token'], [flows[1]!]: ['otp', 'email'] };
          const fields = names[path] ?? ['token', 'newPassword'];
          const body = Object.fromEntries(
            Object.entries(secret).filter(([name]) => fields.includes(name)),
          );
          const answer = await host.browser().post(path, body);
          expectNoTrouble(answer);
          expect([answer.status, answer.body.code]).toEqual([400, 'INVALID_OR_EXPIRED']);
          expect(await rowCounts(host)).toEqual(before);
        }),
      );
    },
    RUNS * 2_000,
  );
});

/** Such a body is right where a route takes none. */
function isEmpty(body: unknown): boolean {
  return typeof body === 'object' && body !== null && Object.keys(body).length === 0;
}
