import { Inject, Injectable, Logger } from '@nestjs/common';
import type { ThrottlerStorage } from '@nestjs/throttler';
import { Clock } from '../../common/clock.js';
import { atMost, reasonOf } from '../mail/trouble.js';
import { MemoryLimits } from './memory-limits.js';
import {
  type LimitSettings,
  THROTTLE_SETTINGS,
  type ThrottleSettings,
} from './throttle.settings.js';

/** A storage that has not answered by then counts as one that fails. */
const PATIENCE_MS = 500;
/** How long a storage that has failed is left alone. */
const REST_MS = 5_000;

/** Where requests are counted: in the host's storage, and in this process while that fails. */
@Injectable()
export class LimitStorage {
  private readonly logger = new Logger(LimitStorage.name);
  private readonly memory: MemoryLimits;
  private isFailing = false;
  private restsUntil = 0;

  constructor(
    @Inject(THROTTLE_SETTINGS) private readonly settings: ThrottleSettings,
    clock: Clock,
  ) {
    this.memory = new MemoryLimits(clock);
  }

  /**
   * Counts one more, in one step, so that of parallel requests no more than the limit pass.
   * @returns for how many seconds it is too many; `undefined` when it is not.
   */
  async count(key: string, limit: LimitSettings, name: string): Promise<number | undefined> {
    const { isBlocked, timeToBlockExpire } = await this.increment(key, limit, name);
    return isBlocked ? Math.max(1, timeToBlockExpire) : undefined;
  }

  private async increment(
    key: string,
    { most, withinMs }: LimitSettings,
    name: string,
  ): ReturnType<ThrottlerStorage['increment']> {
    const { storage } = this.settings;
    if (storage && performance.now() >= this.restsUntil) {
      try {
        const hits = await atMost(
          PATIENCE_MS,
          storage.increment(key, withinMs, most, withinMs, name),
        );
        this.isFailing = false;
        return hits;
      } catch (error) {
        this.fail(error);
      }
    }
    return this.memory.increment(key, withinMs, most, withinMs);
  }

  /** Once for each time that it goes down, however many requests there are meanwhile. */
  private fail(error: unknown): void {
    this.restsUntil = performance.now() + REST_MS;
    if (this.isFailing) return;
    this.isFailing = true;
    this.logger.error(
      `The storage of the limits fails, so each instance counts by itself: ${reasonOf(error)}`,
    );
  }
}
