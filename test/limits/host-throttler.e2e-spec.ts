import { Controller, Get } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ThrottlerGuard, ThrottlerModule, ThrottlerStorage } from '@nestjs/throttler';
import { closeApps, startApp } from '../support/running-apps.js';
import { expectTooMany, inParallel, tally } from './clients.js';

@Controller('weather')
class WeatherController {
  @Get()
  ask() {
    return { weather: 'fine' };
  }
}

const HOUR = 3_600_000;

describe.each(['express', 'fastify'] as const)("a host's own throttler on %s", (adapter) => {
  afterEach(closeApps);

  it('stands beside the limits of the library, and neither counts for the other', async () => {
    const host = await startApp({
      adapter,
      imports: [ThrottlerModule.forRoot([{ ttl: HOUR, limit: 5 }])],
      controllers: [WeatherController],
      providers: [{ provide: APP_GUARD, useClass: ThrottlerGuard }],
      options: { throttle: { guests: { limit: 3, within: '1h' } } },
    });
    const weather = await inParallel(8, () => host.browser().get('/weather'));
    expect(tally(weather)).toEqual({ 200: 5, 429: 3 });
    // The host's guard comes first, and refuses in its own words.
    const guests = await inParallel(8, () => host.browser().post('/auth/anonymous'));
    expect(tally(guests)).toEqual({ 201: 3, 429: 5 });
    const codes = guests.filter(({ status }) => status === 429).map(({ body }) => body.code);
    expect(codes.filter((code) => code === 'TOO_MANY_REQUESTS')).toHaveLength(2);
    // What the host counts is the host's: one key for each of its two handlers.
    const storage = host.app.get<{ storage: Map<string, unknown> }>(ThrottlerStorage);
    expect(storage.storage.size).toBe(2);
  });

  it('is not needed, and no guard of ours is global', async () => {
    const host = await startApp({
      adapter,
      controllers: [WeatherController],
      options: { throttle: { guests: { limit: 1, within: '1h' } } },
    });
    await host.browser().post('/auth/anonymous');
    expectTooMany(await host.browser().post('/auth/anonymous'), 3600);
    const weather = await inParallel(40, () => host.browser().get('/weather'));
    expect(tally(weather)).toEqual({ 200: 40 });
    expect(weather[0]!.headers.get('x-ratelimit-limit')).toBeNull();
  });

  it('of one app says nothing about another in the same process', async () => {
    const options = { throttle: { guests: { limit: 1, within: '1h' } } } as const;
    const [one, other] = [
      await startApp({ adapter, options }),
      await startApp({ adapter, options }),
    ];
    for (const host of [one, other]) {
      expect((await host.browser().post('/auth/anonymous')).status).toBe(201);
      expectTooMany(await host.browser().post('/auth/anonymous'), 3600);
    }
  });
});
