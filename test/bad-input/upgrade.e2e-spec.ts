import { Clock } from '../../src/index.js';
import { refusal, rowCounts } from '../support/expectations.js';
import type { HttpClient } from '../support/http-client.js';
import { bearer, newAccount, newGuest } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';
import { TestClock } from '../support/test-clock.js';
import { adapters, expectRefused, expectUncached, password, populate } from './refused.js';

const path = '/auth/anonymous/upgrade';
const body = { email: 'ada@mail.example', password };

describe.each(adapters)('an upgrade on %s', (adapter) => {
  const clock = new TestClock();
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ adapter, overrides: [{ token: Clock, value: clock }] });
    await populate(host);
  });
  afterEach(() => clock.reset());
  afterAll(() => host.close());

  const withCookie = (cookie?: string) => {
    const client = host.browser();
    if (cookie !== undefined) client.cookies.set('__Host-session', cookie);
    return client;
  };
  const nobodies: [string, () => Promise<HttpClient>][] = [
    ['nothing', async () => withCookie()],
    ['a malformed cookie', async () => withCookie('j:{"a":1}')],
    ['a malformed token', async () => bearer(host, 'a.b.c')],
    [
      'an expired guest',
      async () => {
        const { client } = await newGuest(host);
        clock.advance({ days: 40 });
        return client;
      },
    ],
    [
      'a guest that has signed out',
      async () => {
        const { client, token } = await newGuest(host);
        await client.post('/auth/sign-out');
        return bearer(host, token);
      },
    ],
    [
      'a guest that was deleted',
      async () => {
        const { client, token } = await newGuest(host);
        await client.delete('/auth/anonymous');
        return bearer(host, token);
      },
    ],
    [
      'a guest that was merged',
      async () => {
        const { client, token } = await newGuest(host);
        const { email } = await newAccount(host, { password });
        await client.post('/auth/sign-in/email', { email, password });
        return bearer(host, token);
      },
    ],
    [
      'a guest that was reaped',
      async () => {
        const { client, userId } = await newGuest(host);
        await host.sql('DELETE FROM users WHERE id = $1', [userId]);
        return client;
      },
    ],
  ];

  it.each(nobodies)('needs a living guest: %s is none', async (_, caller) => {
    const client = await caller();
    const answer = await expectRefused(host, () => client.post(path, body), {
      status: 401,
      code: 'UNAUTHORIZED',
      secrets: [body.email, password],
    });
    expectUncached(answer);
  });

  it('is not for accounts', async () => {
    const { client } = await newAccount(host);
    const answer = await expectRefused(host, () => client.post(path, body), {
      status: 400,
      code: 'NOT_ANONYMOUS',
      secrets: [body.email, password],
    });
    expectUncached(answer);
    expect(await client.get('/access/account')).toMatchObject({ status: 200 });
  });

  it.each(['known@example.com', 'KNOWN@example.com', 'Known@Example.COM'])(
    'to the address of an account leaves a guest as it was: %s',
    async (email) => {
      const { client, userId } = await newGuest(host);
      await client.post('/notes', { text: 'kept' });
      for (const route of [path, '/auth/sign-up/email']) {
        const answer = await expectRefused(host, () => client.post(route, { email, password }), {
          status: 409,
          code: 'EMAIL_TAKEN',
          secrets: [email, password],
        });
        expectUncached(answer);
      }
      expect(await client.get('/access/guest')).toMatchObject({ status: 200, body: { userId } });
      expect((await client.get('/notes')).body).toMatchObject([{ text: 'kept' }]);
    },
  );

  it('sent twice at the same time happens once', async () => {
    const { token, userId } = await newGuest(host);
    const answers = await Promise.all(
      ['one', 'two', 'three'].map((name) =>
        bearer(host, token).post(path, { email: `${name}.${userId}@mail.example`, password }),
      ),
    );
    const [winner, ...others] = answers.toSorted((a, b) => a.status - b.status);
    expect(winner).toMatchObject({ status: 200, body: { user: { id: userId } } });
    for (const { status, body: loser } of others) {
      expect(`${status} ${loser.code}`).toMatch(/^(400 NOT_ANONYMOUS|401 UNAUTHORIZED)$/);
    }
    const rows = await host.sql('SELECT email FROM users WHERE id = $1', [userId]);
    expect(rows).toEqual([{ email: winner!.body.user.email }]);
    const identities = await host.sql('SELECT 1 FROM identities WHERE user_id = $1', [userId]);
    expect(identities).toHaveLength(1);
  });

  it('sent again after it succeeded changes nothing', async () => {
    const { client, token, userId } = await newGuest(host);
    const email = `${userId}@mail.example`;
    expect(await client.post(path, { email, password })).toMatchObject({ status: 200 });
    const before = await rowCounts(host);
    const again = await client.post(path, { email, password: `${password}!` });
    expect(again).toMatchObject(refusal(400, 'NOT_ANONYMOUS'));
    const stale = await bearer(host, token).post(path, { email, password: `${password}!` });
    expect(stale).toMatchObject(refusal(401, 'UNAUTHORIZED'));
    expect(await rowCounts(host)).toEqual(before);
    const signedIn = await host.browser().post('/auth/sign-in/email', { email, password });
    expect(signedIn).toMatchObject({ status: 200, body: { user: { id: userId } } });
  });

  it('of two guests to one address has one winner, and the other stays a guest', async () => {
    const guests = await Promise.all([newGuest(host), newGuest(host), newGuest(host)]);
    const addresses = ['race@mail.example', 'RACE@mail.example', 'Race@Mail.Example'];
    const answers = await Promise.all(
      guests.map(({ client }, n) => client.post(path, { email: addresses[n], password })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const [n, answer] of answers.entries()) {
      if (answer.status === 200) continue;
      expect(answer).toMatchObject(refusal(409, 'EMAIL_TAKEN'));
      expect(await guests[n]!.client.get('/access/guest')).toMatchObject({ status: 200 });
    }
    const rows = await host.sql(`SELECT 1 FROM users WHERE lower(email) = 'race@mail.example'`);
    expect(rows).toHaveLength(1);
  });
});

describe('guest.allowUpgrade: false', () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ options: { guest: { allowUpgrade: false } } });
  });
  afterAll(() => host.close());

  it.each([path, '/auth/sign-up/email'])(
    'refuses a guest at %s, which stays a guest',
    async (route) => {
      const { client, userId } = await newGuest(host);
      const answer = await expectRefused(host, () => client.post(route, body), {
        status: 403,
        code: 'UPGRADE_DISABLED',
      });
      expectUncached(answer);
      expect(await client.get('/access/guest')).toMatchObject({ status: 200, body: { userId } });
    },
  );
});
