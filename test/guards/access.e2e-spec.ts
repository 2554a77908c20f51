import { refusal, rowCounts } from '../support/expectations.js';
import { bearer, newAccount, newGuest, type Person } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

type Caller = 'nobody' | 'guest' | 'account';

/** Who gets what: a status, or a status with the code that clients branch on. */
const rules: [method: string, path: string, Record<Caller, number | [number, string]>][] = [
  ['GET', '/access/session', { nobody: [401, 'UNAUTHORIZED'], guest: 200, account: 200 }],
  [
    'GET',
    '/access/account',
    { nobody: [401, 'UNAUTHORIZED'], guest: [403, 'UPGRADE_REQUIRED'], account: 200 },
  ],
  [
    'GET',
    '/access/guest',
    { nobody: [401, 'UNAUTHORIZED'], guest: 200, account: [403, 'USER_IS_NOT_ANONYMOUS'] },
  ],
  ['GET', '/access/optional', { nobody: 200, guest: 200, account: 200 }],
  ['GET', '/access/ensure', { nobody: [401, 'UNAUTHORIZED'], guest: 200, account: 200 }],
  ['GET', '/access/public', { nobody: 200, guest: 200, account: 200 }],
  ['POST', '/access/write', { nobody: [401, 'UNAUTHORIZED'], guest: 201, account: 201 }],
];
const table = rules.flatMap(([method, path, answers]) =>
  Object.entries(answers).map(([caller, answer]) => [method, path, caller, answer] as const),
);

describe.each(['express', 'fastify'] as const)('the guards on %s', (adapter) => {
  let host: TestApp;
  let people: Record<Caller, Person | undefined>;
  beforeAll(async () => {
    host = await createTestApp({ adapter });
    people = { nobody: undefined, guest: await newGuest(host), account: await newAccount(host) };
  });
  afterAll(() => host.close());

  it.each(table)('answer %s %s by %s with %j', async (method, path, caller, expected) => {
    const before = await rowCounts(host);
    const person = people[caller as Caller];
    const clients = person ? [person.client, bearer(host, person.token)] : [host.browser()];
    for (const client of clients) {
      const answer = await client.request(method, path);
      if (Array.isArray(expected)) {
        expect(answer).toMatchObject(refusal(...expected));
        expect(Object.keys(answer.body).toSorted()).toEqual(['code', 'message', 'statusCode']);
      } else expect(answer.status).toBe(expected);
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
    expect(await rowCounts(host)).toEqual(before);
  });

  it.each(['guest', 'account'] as const)('hand the %s to the controller', async (caller) => {
    const { client, userId } = people[caller]!;
    const principal = {
      userId,
      isAnonymous: caller === 'guest',
      sessionId: expect.stringMatching(/^[\da-f-]{36}$/),
    };
    expect((await client.get('/access/session')).body).toEqual(principal);
    expect((await client.get(`/access/${caller}`)).body).toEqual(principal);
    expect((await client.get('/access/optional')).body).toEqual({ user: principal });
  });

  it('hand null to the controller for nobody, and always on a public route', async () => {
    expect((await host.browser().get('/access/optional')).body).toEqual({ user: null });
    for (const client of [host.browser(), people.guest!.client, people.account!.client]) {
      expect((await client.get('/access/public')).body).toEqual({ user: null });
    }
  });

  it('ask nobody anything on a public route, whatever comes along', async () => {
    const strange = host.browser();
    strange.cookies.set('__Host-session', 'garbage');
    host.statements.length = 0;
    for (const client of [strange, people.guest!.client, people.account!.client]) {
      const headers = { authorization: 'Bearer garbage' };
      expect(await client.get('/access/public', { headers })).toMatchObject({ status: 200 });
    }
    expect(host.statements).toEqual([]);
  });

  it('cost one statement each, however many of them a route has', async () => {
    for (const [caller, path] of [
      ['guest', '/access/session'],
      ['guest', '/access/guest'],
      ['guest', '/access/account'],
      ['account', '/access/account'],
      ['account', '/access/guest'],
      ['account', '/access/optional'],
      ['account', '/access/ensure'],
    ] as const) {
      host.statements.length = 0;
      await people[caller]!.client.get(path);
      expect([caller, path, host.statements.length]).toEqual([caller, path, 1]);
    }
  });

  it('cost nothing for a request without a credential or with a forged one', async () => {
    host.statements.length = 0;
    for (const client of [host.browser(), bearer(host, 'a.b.c')]) {
      for (const path of ['session', 'account', 'guest', 'optional', 'ensure']) {
        await client.get(`/access/${path}`);
      }
    }
    expect(host.statements).toEqual([]);
  });
});

describe('a token after the end of its session', () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp();
  });
  afterAll(() => host.close());

  const ends: [string, (guest: Person) => Promise<{ status: number }>][] = [
    [
      'upgrades',
      ({ client, userId }) =>
        client.post('/auth/anonymous/upgrade', {
          email: `${userId}@example.com`,
          password: 'correct horse battery',
        }),
    ],
    [
      'signs up',
      ({ client, userId }) =>
        client.post('/auth/sign-up/email', {
          email: `${userId}@example.com`,
          password: 'correct horse battery',
        }),
    ],
    [
      'signs in to another account',
      async ({ client }) => {
        const { email, password } = await newAccount(host);
        return client.post('/auth/sign-in/email', { email, password });
      },
    ],
    ['signs out', ({ client }) => client.post('/auth/sign-out')],
    ['is deleted', ({ client }) => client.delete('/auth/anonymous')],
  ];

  it.each(ends)('is dead in every copy once the guest %s', async (_, end) => {
    const guest = await newGuest(host);
    const thief = host.browser();
    guest.client.cookies.copyTo(thief.cookies);
    const { body: renewed } = await guest.client.post('/auth/anonymous');
    expect(await end(guest)).toMatchObject({ status: 200 });
    for (const client of [thief, bearer(host, guest.token), bearer(host, renewed.token)]) {
      for (const [method, path] of [
        ['GET', '/access/session'],
        ['POST', '/access/write'],
        ['POST', '/auth/anonymous/upgrade'],
        ['DELETE', '/auth/anonymous'],
      ] as const) {
        const answer = await client.request(method, path);
        expect(answer).toMatchObject(refusal(401, 'UNAUTHORIZED'));
      }
      expect((await client.get('/auth/get-session')).text).toBe('null');
    }
  });

  it('leaves the browser that upgraded with a live session of the same user', async () => {
    const { client, userId } = await newGuest(host);
    const account = { email: `${userId}@example.com`, password: 'correct horse battery' };
    expect(await client.post('/auth/anonymous/upgrade', account)).toMatchObject({ status: 200 });
    expect(await client.get('/access/account')).toMatchObject({
      status: 200,
      body: { userId, isAnonymous: false },
    });
  });
});
