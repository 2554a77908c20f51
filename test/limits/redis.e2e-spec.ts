import { ThrottlerStorageRedisService } from '@nest-lab/throttler-storage-redis';
import { Redis } from 'ioredis';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { anonymousEntities, anonymousMigrations } from '../../src/index.js';
import { eventually } from '../support/barrier.js';
import { killRaceProcesses, RaceProcess } from '../support/race-process.js';
import { RedisServer } from '../support/redis-server.js';
import { closeApps, startApp, startBeside } from '../support/running-apps.js';
import { ORIGIN, SECRET, type TestApp } from '../support/test-app.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { expectTooMany, inParallel, tally } from './clients.js';

jest.setTimeout(90_000);

const INSTANCE = join(import.meta.dirname, 'limited-instance.ts');

describe('limits in Redis', () => {
  let redis: RedisServer;
  const clients: Redis[] = [];
  beforeEach(async () => {
    redis = await RedisServer.start();
  });
  afterEach(async () => {
    await closeApps();
    for (const client of clients.splice(0)) client.disconnect();
    await redis.stop();
  });

  const connected = (): Redis => {
    const client = new Redis(redis.url, { maxRetriesPerRequest: 1, retryStrategy: () => 50 });
    client.on('error', () => undefined);
    clients.push(client);
    return client;
  };
  const options = (most = 10) => ({
    throttle: {
      guests: { limit: most, within: '1h' },
      storage: new ThrottlerStorageRedisService(connected()),
    } as const,
  });
  const ask = (host: TestApp) => host.browser().post('/auth/anonymous');

  it('let exactly ten of fifty parallel requests on two instances pass', async () => {
    const host = await startApp({ options: options() });
    const beside = await startBeside(host, { options: options() });
    const answers = await inParallel(50, (n) => ask(n % 2 === 0 ? host : beside));
    expect(tally(answers)).toEqual({ 201: 10, 429: 40 });
    expectTooMany(
      answers.find(({ status }) => status === 429)!,
      3600,
    );
    expect(await connected().keys('*')).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^\{nestjs-anonymous:[\w-]{43}:guests\}:hits$/),
      ]),
    );
  });

  it('go on in each instance while Redis is away, and in Redis once it is back', async () => {
    const host = await startApp({ options: options(4) });
    expect(tally(await inParallel(3, () => ask(host)))).toEqual({ 201: 3 });
    await redis.stop();
    // Another count than that in Redis, but a count.
    const away = await inParallel(10, () => ask(host));
    expect(tally(away)).toEqual({ 201: 4, 429: 6 });
    redis = await RedisServer.start(redis.port);
    await eventually(
      'Redis counts again',
      async () => {
        await ask(host);
        return (await connected().keys('*')).length > 0;
      },
      15_000,
    );
  });
});

describe('limits in Redis, on two processes', () => {
  let redis: RedisServer;
  let database: TestDatabase;
  let dataSource: DataSource;
  beforeAll(async () => {
    redis = await RedisServer.start();
    database = await createTestDatabase();
    dataSource = await new DataSource({
      type: 'postgres',
      url: database.url,
      entities: anonymousEntities(),
      migrations: anonymousMigrations(),
      uuidExtension: 'pgcrypto',
      installExtensions: false,
    }).initialize();
    await dataSource.runMigrations();
  });
  afterAll(async () => {
    await killRaceProcesses();
    await dataSource?.destroy();
    await database?.drop();
    await redis?.stop();
  });

  it('let exactly ten of fifty parallel requests pass', async () => {
    const variables = { DATABASE_URL: database.url, REDIS_URL: redis.url, SECRET, ORIGIN };
    const processes = await inParallel(2, () => RaceProcess.start(INSTANCE, variables));
    const answers = await inParallel(50, (n) =>
      processes[n % 2]!.browser().post('/auth/anonymous'),
    );
    expect(tally(answers)).toEqual({ 201: 10, 429: 40 });
    const [{ guests }] = await dataSource.query('SELECT count(*)::int AS guests FROM users');
    expect(guests).toBe(10);
  });
});
