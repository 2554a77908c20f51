import fc from 'fast-check';
import { rowCounts } from '../support/expectations.js';
import { bearer, newGuest } from '../support/people.js';
import { HttpClient } from '../support/http-client.js';
import { type TestApp } from '../support/test-app.js';
import { anyText, check, createAnyApp, expectNoTrouble, headerText, TIME } from './anything.js';
import { adapters, password, sendRaw } from './refused.js';

describe.each(adapters)('whatever is sent to be somebody on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createAnyApp(adapter);
  });
  afterAll(() => host.close());

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
    TIME,
  );

  it(
    'a token that has been changed is nobody’s',
    async () => {
      const { token } = await newGuest(host);
      expect((await bearer(host, token).get('/access/session')).status).toBe(200);
      const place = fc.nat(token.length - 1);
      const letter = fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcxyz0189-_.='.split(''));
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
    TIME,
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
    TIME,
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
    TIME,
  );
});
