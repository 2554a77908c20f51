import type { EntityManager } from 'typeorm';
import { type Duration, durationMs } from '../../common/duration.js';
import { ConfigurationError } from '../../common/errors.js';
import type { User } from '../../users/user.js';
import { isCronExpression } from './cron-expression.js';

/** What becomes of a stale guest that owns rows: it stays with them, or both go. */
export type ContributorPolicy = 'keep' | 'delete';

/** What the host works with before a guest is deleted. */
export interface BeforeDeleteContext {
  /** The connection of the deletion. Whatever is read or written goes through it, and is undone when the guest stays. */
  readonly manager: EntityManager;
}

/** Which guests are deleted when nobody has seen them for long. */
export interface ReaperOptions {
  /**
   * How long a guest must not have been seen, by `last_seen_at`, which is up to an hour behind. `'2h'` at the least.
   * @default '30d'
   */
  readonly olderThan?: Duration;
  /**
   * What becomes of stale guests that own rows. `delete` removes them with everything they own.
   * @default 'keep'
   */
  readonly contributors?: ContributorPolicy;
  /**
   * When the reaper runs by itself: a cron expression, of five fields or of six with seconds. Needs `@nestjs/schedule`
   * and `ScheduleModule.forRoot()`.
   * @default none: it runs when it is called
   */
  readonly schedule?: string;
  /** Guests that are looked at, and deleted, in one transaction: 1 to 500. @default 500 */
  readonly batchSize?: number;
  /**
   * Called for each guest before it is deleted, while its row is locked. Answering `false` keeps it, and so does an error.
   * @default none
   */
  readonly onBeforeDelete?: (
    guest: User,
    context: BeforeDeleteContext,
  ) => boolean | void | Promise<boolean | void>;
}

/** {@link ReaperOptions} checked and with every default filled in. Times are milliseconds. */
export interface ReaperSettings extends Pick<ReaperOptions, 'schedule' | 'onBeforeDelete'> {
  readonly olderThanMs: number;
  readonly contributors: ContributorPolicy;
  readonly batchSize: number;
}

export const REAPER_SETTINGS = Symbol('nestjs-anonymous:reaper-settings');

const LARGEST_BATCH = 500;
/** `last_seen_at` of somebody who is here right now can be an hour old. Twice that is on the safe side. */
const SHORTEST_MS = 7_200_000;

/** @throws ConfigurationError naming the option at fault. */
export function resolveReaperSettings(options: ReaperOptions = {}): ReaperSettings {
  const { batchSize = 500, schedule, onBeforeDelete } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > LARGEST_BATCH) {
    throw new ConfigurationError(
      `option "reaper.batchSize" is ${String(batchSize)}. Write a whole number from 1 to ${LARGEST_BATCH}.`,
    );
  }
  if (schedule !== undefined && !isCronExpression(schedule)) {
    throw new ConfigurationError(
      `option "reaper.schedule" is ${JSON.stringify(schedule)}, which is no cron expression. Write one such as '0 4 * * *', every day at four.`,
    );
  }
  return {
    olderThanMs: checkedAge('reaper.olderThan', options.olderThan ?? '30d'),
    contributors: checkedPolicy('reaper.contributors', options.contributors ?? 'keep'),
    batchSize,
    schedule: schedule?.trim(),
    onBeforeDelete,
  };
}

/** @throws ConfigurationError naming the option when it is no duration, or one that somebody who is here could reach. */
export function checkedAge(option: string, value: Duration): number {
  const ms = durationMs(option, value);
  if (ms >= SHORTEST_MS) return ms;
  throw new ConfigurationError(
    `option "${option}" is ${JSON.stringify(value)}, but visits are noted to the hour. Write '2h' or more.`,
  );
}

/** @throws ConfigurationError naming the option. */
export function checkedPolicy(option: string, value: ContributorPolicy): ContributorPolicy {
  if (value === 'keep' || value === 'delete') return value;
  throw new ConfigurationError(
    `option "${option}" is ${JSON.stringify(value)}. Write 'keep' or 'delete'.`,
  );
}
