import { closeApps, startApp } from '../support/running-apps.js';
import { createTestApp, type TestApp } from '../support/test-app.js';
import { browserAt, expectTooMany, inParallel, tally } from './clients.js';

const wrong = { email: 'nobody@example.com', password: 'wrong password' };

describe.each(['express', 'fastify'] as const)('addresses on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({
      adapter,
      trustsProxy: true,
      options: { throttle: { guests: { limit: 1, within: '1h' } } },
    });
  });
  afterAll(() => host.close());

  it.each([
    [
      'one client',
      429,
      ['203.0.113.7', '::ffff:203.0.113.7', '::FFFF:cb00:7107', '203.0.113.7:50123'],
    ],
    [
      'one client',
      429,
      ['2001:db8:1:2::1', '2001:db8:1:2:ffff:ffff:ffff:ffff', '2001:DB8:1:2:0::1'],
    ],
    ['one client', 429, ['[2001:db8:1:9::1]:443', '[2001:db8:1:9::2]:443', '2001:db8:1:9::3']],
    ['one client', 429, ['fe80::1%eth0', 'fe80::2%eth1']],
    ['one client', 429, ['unknown', '_hidden', '1.2.3.4.5', 'not an address']],
    ['several clients', 201, ['203.0.113.17', '203.0.113.18', '::ffff:203.0.113.19']],
    ['several clients', 201, ['2001:db8:2:2::1', '2001:db8:2:3::1', '2001:db9:2:2::1']],
    ['several clients', 201, ['::1', '127.0.0.1']],
  ])('says that these are %s (%i): %j', async (_, expected, [first, ...others]) => {
    expect((await browserAt(host, first!).post('/auth/anonymous')).status).toBe(201);
    for (const address of others) {
      expect((await browserAt(host, address).post('/auth/anonymous')).status).toBe(expected);
    }
  });
});

describe.each(['express', 'fastify'] as const)('one client on %s', (adapter) => {
  afterEach(closeApps);

  const start = (most: number): Promise<TestApp> =>
    startApp({
      adapter,
      options: {
        throttle: {
          guests: { limit: most, within: '1h' },
          signIn: { limit: most, within: '15m' },
          perAddress: { password: false, passwordAnywhere: false },
        },
      },
    });

  it('is not told by headers that anybody can send', async () => {
    const host = await start(3);
    const headers = [
      'x-forwarded-for',
      'x-real-ip',
      'forwarded',
      'cf-connecting-ip',
      'x-client-ip',
    ];
    const answers = await inParallel(30, (n) => {
      const address = `198.51.100.${n}`;
      return host.browser().post('/auth/anonymous', undefined, {
        headers: Object.fromEntries(
          headers.map((name) => [name, name === 'forwarded' ? `for=${address}` : address]),
        ),
      });
    });
    expect(tally(answers)).toEqual({ 201: 3, 429: 27 });
  });

  it('has one bucket for each handler, however its path is spelt', async () => {
    const host = await start(2);
    const paths = [
      '/auth/sign-in/email',
      '/auth/sign-in/email/',
      '/AUTH/Sign-In/EMAIL',
      '/auth//sign-in/email',
      '/auth/sign-in/%65mail',
      '/auth/sign-in/email?again',
      '/auth/./sign-in/email',
    ];
    const statuses: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      for (const path of paths) statuses.push((await host.browser().post(path, wrong)).status);
    }
    expect(statuses.filter((status) => status === 401)).toHaveLength(2);
    expect(statuses.filter((status) => ![401, 404, 429].includes(status))).toEqual([]);
    for (const method of ['GET', 'HEAD', 'PUT', 'PATCH']) {
      const headers = { 'x-http-method-override': 'POST', 'x-method-override': 'POST' };
      const answer = await host.browser().request(method, '/auth/sign-in/email', { headers });
      expect(answer.status).toBe(404);
    }
    // Another handler has room of its own.
    expect((await host.browser().post('/auth/anonymous')).status).toBe(201);
  });

  it('spends one limit on both names of one thing', async () => {
    const host = await startApp({
      adapter,
      options: { throttle: { signUp: { limit: 2, within: '15m' } } },
    });
    const account = (n: number) => ({ email: `a${n}@example.com`, password: 'correct horse' });
    const guest = host.browser();
    await guest.post('/auth/anonymous');
    expect((await guest.post('/auth/anonymous/upgrade', account(1))).status).toBe(200);
    expect((await host.browser().post('/auth/sign-up/email', account(2))).status).toBe(200);
    expectTooMany(await host.browser().post('/auth/sign-up/email', account(3)), 900);
    const other = host.browser();
    await other.post('/auth/anonymous');
    // The guest stays what it was, and keeps its session.
    const refused = await other.post('/auth/anonymous/upgrade', account(4));
    expect(refused.status).toBe(429);
    expect((await other.get('/access/guest')).status).toBe(200);
  });

  it('is not counted for what another site has made it send', async () => {
    const host = await start(1);
    const headers = { origin: 'https://evil.example' };
    for (let n = 0; n < 3; n += 1) {
      const answer = await host.browser().post('/auth/sign-in/email', wrong, { headers });
      expect(answer.status).toBe(403);
    }
    expect((await host.browser().post('/auth/sign-in/email', wrong)).status).toBe(401);
    expectTooMany(await host.browser().post('/auth/sign-in/email', wrong), 900);
  });
});
