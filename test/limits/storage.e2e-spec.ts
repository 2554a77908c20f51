import { Logger } from '@nestjs/common';
import type { ThrottlerStorage } from '@nestjs/throttler';
import { MemoryLimits } from '../../src/auth/limits/memory-limits.js';
import { Clock } from '../../src/index.js';
import { closeApps, startApp } from '../support/running-apps.js';
import { inParallel, tally } from './clients.js';

type Increment = ThrottlerStorage['increment'];

/** Counts the calls, and answers what the test says. */
class Storage implements ThrottlerStorage {
  readonly calls: Parameters<Increment>[] = [];

  constructor(private readonly answer: Increment) {}

  increment(...call: Parameters<Increment>): ReturnType<Increment> {
    this.calls.push(call);
    return this.answer(...call);
  }
}

const LIMIT = { limit: 3, within: '1h' } as const;

describe('the storage of the host', () => {
  afterEach(async () => {
    jest.restoreAllMocks();
    await closeApps();
  });
  const start = (storage: ThrottlerStorage) =>
    startApp({ options: { throttle: { guests: LIMIT, storage } } });

  it('does the counting, under keys that tell nobody', async () => {
    const memory = new MemoryLimits(new Clock());
    const storage = new Storage((...[key, ttl, limit, block]) =>
      memory.increment(key, ttl, limit, block),
    );
    const host = await start(storage);
    const answers = await inParallel(5, () => host.browser().post('/auth/anonymous'));
    expect(tally(answers)).toEqual({ 201: 3, 429: 2 });
    expect(storage.calls).toHaveLength(5);
    const [[key, ttl, limit, blockDuration, name]] = storage.calls as [Parameters<Increment>];
    expect({ ttl, limit, blockDuration, name }).toEqual({
      ttl: 3_600_000,
      limit: 3,
      blockDuration: 3_600_000,
      name: 'guests',
    });
    expect(key).toMatch(/^nestjs-anonymous:[\w-]{43}$/);
  });

  it.each([
    ['throws', () => Promise.reject(new Error('ECONNREFUSED'))],
    ['hangs', () => new Promise<never>(() => undefined)],
    [
      'throws before it promises anything',
      () => {
        throw new TypeError('not connected');
      },
    ],
  ])(
    'gives way to the memory of the process when it %s, which is logged once',
    async (_, answer) => {
      const error = jest.spyOn(Logger.prototype, 'error').mockImplementation();
      const storage = new Storage(answer as Increment);
      const host = await start(storage);
      const answers = [
        await host.browser().post('/auth/anonymous'),
        ...(await inParallel(9, () => host.browser().post('/auth/anonymous'))),
      ];
      expect(tally(answers)).toEqual({ 201: 3, 429: 7 });
      const lines = error.mock.calls.filter(([line]) =>
        String(line).includes('storage of the limits'),
      );
      expect(lines).toHaveLength(1);
      // It is left alone for a while, so that nobody waits for it again and again.
      expect(storage.calls).toHaveLength(1);
    },
  );
});

describe('the memory of a process', () => {
  it('forgets who has asked longest ago rather than grow', async () => {
    const memory = new MemoryLimits(new Clock());
    const ask = (key: string) => memory.increment(key, 60_000, 1, 60_000);
    await ask('first');
    expect((await ask('first')).isBlocked).toBe(true);
    for (let n = 0; n < 50_000; n += 1) await ask(`client ${n}`);
    expect((await ask('first')).isBlocked).toBe(false);
    expect((await ask('client 49999')).isBlocked).toBe(true);
  });
});
