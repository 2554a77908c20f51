import fc from 'fast-check';
import { newAccount } from '../support/people.js';
import { ORIGIN, type TestApp } from '../support/test-app.js';
import { anyText, check, createAnyApp, expectNoTrouble, TIME } from './anything.js';
import { adapters, password } from './refused.js';

describe.each(adapters)('whatever is sent as a field on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createAnyApp(adapter);
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
    TIME,
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
    TIME,
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
    TIME,
  );
});
