import { readConfig } from '../../examples/paws/config/config.js';
import { expectTooMany, inParallel, tally } from '../limits/clients.js';
import { RedisServer } from '../support/redis-server.js';
import { closePaws, startPaws } from './paws-app.js';

describe('THROTTLE', () => {
  afterEach(closePaws);

  it.each([
    [{}, true],
    [{ THROTTLE: 'on' }, true],
    [{ THROTTLE: 'off' }, false],
  ])('is on unless it is off: %j', (variables, isThrottled) => {
    expect(readConfig(variables).app).toMatchObject({ isThrottled });
  });

  it('lets thirty visitors from one address make something in an hour', async () => {
    const host = await startPaws({ isThrottled: true });
    const answers = await inParallel(31, (n) => host.browser().post('/pets', { name: `Rex ${n}` }));
    expect(tally(answers)).toEqual({ 201: 30, 429: 1 });
    expectTooMany(
      answers.find(({ status }) => status === 429)!,
      3600,
    );
    const free = await startPaws({ isThrottled: false });
    const others = await inParallel(40, (n) => free.browser().post('/pets', { name: `Rex ${n}` }));
    expect(tally(others)).toEqual({ 201: 40 });
  });
});

describe('REDIS_URL', () => {
  let redis: RedisServer;
  beforeEach(async () => {
    redis = await RedisServer.start();
  });
  afterEach(async () => {
    await closePaws();
    await redis.stop();
  });

  it('makes instances count together', async () => {
    const { app } = readConfig({ REDIS_URL: redis.url });
    expect(app.redisUrl).toBe(redis.url);
    const { isThrottled, redisUrl } = app;
    const hosts = await inParallel(2, () => startPaws({ isThrottled, redisUrl }));
    const answers = await inParallel(40, (n) => hosts[n % 2]!.browser().post('/auth/anonymous'));
    expect(tally(answers)).toEqual({ 201: 30, 429: 10 });
  });
});
