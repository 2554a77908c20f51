import type { EntityManager } from 'typeorm';
import type { Duration } from '../../common/duration.js';
import type { User } from '../../users/user.js';

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
   * How long a run rests after each batch, so that requests come first. `'0s'` takes what the database has.
   * @default '250ms'
   */
  readonly pause?: Duration;
  /**
   * Called for each guest before it is deleted, while its row is locked. Answering `false` keeps it, and so does an error.
   * @default none
   */
  readonly onBeforeDelete?: (
    guest: User,
    context: BeforeDeleteContext,
  ) => boolean | void | Promise<boolean | void>;
}
