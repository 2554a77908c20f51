import { type Duration, durationMs } from '../../common/duration.js';
import { ConfigurationError } from '../../common/errors.js';
import { isCronExpression } from './cron-expression.js';
import type { ContributorPolicy, ReaperOptions } from './reaper.options.js';

/** {@link ReaperOptions} checked and with every default filled in. Times are milliseconds. */
export interface ReaperSettings extends Pick<ReaperOptions, 'schedule' | 'onBeforeDelete'> {
  readonly olderThanMs: number;
  readonly contributors: ContributorPolicy;
  readonly batchSize: number;
  readonly pauseMs: number;
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
    pauseMs: durationMs('reaper.pause', options.pause ?? '250ms'),
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
