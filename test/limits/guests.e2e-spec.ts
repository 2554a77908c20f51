import { randomBytes } from 'node:crypto';
import { Clock } from '../../src/index.js';
import { closeApps, startApp } from '../support/running-apps.js';
import { newAccount, newGuest } from '../support/people.js';
import type { TestApp, TestAppSettings } from '../support/test-app.js';
import { TestClock } from '../support/test-clock.js';
import { rowCounts } from '../support/expectations.js';
import { browserAt, expectTooMany, inParallel, tally } from './clients.js';

const newKey = () => randomBytes(24).toString('base64url');

describe.each(['express', 'fastify'] as const)('the limit of guests on %s', (adapter) => {
  afterEach(closeApps);

  const start = (most: number, more: TestAppSettings = {}): Promise<TestApp> =>
    startApp({
      adapter,
      ...more,
      options: { throttle: { guests: { limit: most, within: '1h' } }, ...more.options },
    });

  it('is thirty in an hour unless the host says otherwise', async () => {
    const host = await startApp({ adapter, options: { throttle: {} } });
    const answers = await inParallel(31, () => host.browser().post('/auth/anonymous'));
    expect(tally(answers)).toEqual({ 201: 30, 429: 1 });
    expectTooMany(
      answers.find(({ status }) => status === 429)!,
      3600,
    );
    expect((await rowCounts(host)).users).toBe(30);
  });

  it('lets exactly so many of fifty parallel requests pass, by whatever route', async () => {
    const host = await start(10);
    const paths = ['/auth/anonymous', '/auth/sign-in/anonymous', '/notes', '/access/ensure'];
    const answers = await inParallel(50, (n) =>
      n % 4 === 3
        ? host.browser().post('/notes', { text: 'x' })
        : host.browser().post(paths[n % 4]!, n % 4 === 2 ? { text: 'x' } : undefined),
    );
    expect(tally(answers)).toEqual({ 201: 10, 429: 40 });
    for (const answer of answers.filter(({ status }) => status === 429)) {
      expectTooMany(answer, 3600);
    }
    expect((await rowCounts(host)).users).toBe(10);
  });

  it('refuses a write on a route of the host before the handler has run', async () => {
    const host = await start(1);
    expect((await host.browser().post('/notes', { text: 'mine' })).status).toBe(201);
    expectTooMany(await host.browser().post('/notes', { text: 'too much' }), 3600);
    expect(await host.sql('SELECT text FROM note')).toEqual([{ text: 'mine' }]);
  });

  it('does not count whoever has a session, and reads never', async () => {
    const host = await start(2);
    const { client } = await newGuest(host);
    const account = await newAccount(host);
    for (let n = 0; n < 5; n += 1) {
      expect((await client.post('/notes', { text: 'x' })).status).toBe(201);
      expect((await client.post('/auth/anonymous')).status).toBe(200);
      expect((await account.client.post('/notes', { text: 'x' })).status).toBe(201);
      expect((await host.browser().get('/auth/get-session')).status).toBe(200);
      expect((await host.browser().get('/access/ensure')).status).toBe(401);
    }
    await newGuest(host);
    expectTooMany(await host.browser().post('/auth/anonymous'), 3600);
  });

  it('counts requests with one key once, parallel and later ones', async () => {
    const host = await start(2);
    const headers = { 'idempotency-key': newKey() };
    const first = await inParallel(12, (n) =>
      n % 2 === 0
        ? host.browser().post('/auth/anonymous', undefined, { headers })
        : host.browser().post('/notes', { text: 'x' }, { headers }),
    );
    const later = [await host.browser().post('/auth/anonymous', undefined, { headers })];
    const users = [...first, ...later].map(({ body }) => body.user?.id ?? body.userId);
    expect(new Set(users).size).toBe(1);
    expect(users[0]).toEqual(expect.any(String));
    await newGuest(host);
    expectTooMany(await host.browser().post('/auth/anonymous'), 3600);
  });

  it('counts a key that is void again, so that it opens no way around', async () => {
    const host = await start(2);
    const headers = { 'idempotency-key': newKey() };
    await host.browser().post('/notes', { text: 'x' }, { headers });
    for (const expected of [201, 429, 429]) {
      // As if the first page had been done for longer than its parallel requests may take.
      await host.sql(`UPDATE auth_flows SET consumed_at = now() - interval '11 seconds'`);
      const answer = await host.browser().post('/notes', { text: 'x' }, { headers });
      expect(answer.status).toBe(expected);
    }
    expect((await rowCounts(host)).users).toBe(2);
  });

  it('answers all requests with one key alike when there is no room', async () => {
    const host = await start(1);
    await newGuest(host);
    const headers = { 'idempotency-key': newKey() };
    const answers = await inParallel(5, () =>
      host.browser().post('/auth/anonymous', undefined, { headers }),
    );
    for (const answer of answers) expectTooMany(answer, 3600);
  });

  it('is over when its time is', async () => {
    const clock = new TestClock();
    const host = await start(1, { overrides: [{ token: Clock, value: clock }] });
    await newGuest(host);
    clock.advance({ seconds: 1800 });
    const refused = await host.browser().post('/auth/anonymous');
    expectTooMany(refused, 3600);
    clock.advance({ seconds: Number(refused.headers.get('retry-after')) });
    await newGuest(host);
    expectTooMany(await host.browser().post('/auth/anonymous'), 3600);
  });

  it('is one for each address, and none with `false`', async () => {
    const host = await start(1, { trustsProxy: true });
    const ask = (address: string) => browserAt(host, address).post('/auth/anonymous');
    const addresses = Array.from({ length: 20 }, (_, n) => `198.51.100.${n}`);
    const first = await Promise.all(addresses.map(ask));
    const second = await Promise.all(addresses.map(ask));
    expect([tally(first), tally(second)]).toEqual([{ 201: 20 }, { 429: 20 }]);
    const free = await startApp({ adapter, options: { throttle: { guests: false } } });
    const answers = await inParallel(40, () => free.browser().post('/auth/anonymous'));
    expect(tally(answers)).toEqual({ 201: 40 });
  });
});
