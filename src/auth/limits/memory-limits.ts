import type { ThrottlerStorage } from '@nestjs/throttler';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../common/clock.js';

type Hits = Awaited<ReturnType<ThrottlerStorage['increment']>>;

interface Count {
  hits: number;
  readonly endsAt: number;
  blockedUntil: number;
}

/** Some 20 MB. Past it, whoever has asked longest ago is forgotten; who has so many addresses is not kept off by one anyway. */
const MOST_COUNTED = 50_000;

/** Counts in the memory of this process, in a bounded part of it. Counts as the storages for Redis do. */
export class MemoryLimits implements ThrottlerStorage {
  // With `max`, the memory would be taken at the start and not as it fills.
  private readonly counts = new LRUCache<string, Count>({
    maxSize: MOST_COUNTED,
    sizeCalculation: () => 1,
  });

  constructor(private readonly clock: Clock) {}

  /** In one go, so that parallel requests cannot pass together. */
  // oxlint-disable-next-line typescript/require-await -- the interface is made for storages that have to wait
  async increment(key: string, ttl: number, limit: number, blockDuration: number): Promise<Hits> {
    const now = this.clock.now().getTime();
    const count = this.current(key, now) ?? { hits: 0, endsAt: now + ttl, blockedUntil: 0 };
    count.hits += 1;
    if (count.hits > limit && count.blockedUntil === 0) count.blockedUntil = now + blockDuration;
    this.counts.set(key, count);
    const isBlocked = count.blockedUntil > now;
    return {
      totalHits: count.hits,
      timeToExpire: seconds(count.endsAt - now),
      isBlocked,
      timeToBlockExpire: isBlocked ? seconds(count.blockedUntil - now) : 0,
    };
  }

  private current(key: string, now: number): Count | undefined {
    const count = this.counts.get(key);
    if (!count) return undefined;
    return (count.blockedUntil === 0 ? count.endsAt : count.blockedUntil) > now ? count : undefined;
  }
}

function seconds(ms: number): number {
  return Math.max(0, Math.ceil(ms / 1000));
}
