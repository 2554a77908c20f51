import type { LinkStatus } from '../../auth/account-linker.js';
import type { ClaimTime } from '../../users/figures/guest-figure.js';
import type { UserId } from '../../users/user.js';

/** Which days are asked for. */
export interface InsightsPeriod {
  /** So many, of which today is the last: 1 to 366. @default 30 */
  readonly days?: number;
}

/** What happened to guests on one day. Figures for people, not records: a process that is killed loses those it has not written. */
export interface GuestDay {
  /** In UTC, as `2026-11-22`. */
  readonly day: string;
  /** Guests that were made. */
  readonly issued: number;
  /** Guests that were here: those issued on this day, and those that came back to the app after an earlier one. */
  readonly active: number;
  /**
   * Of the guests whose last visit was on this day and that are guests still: how many own something. Counted when it is asked
   * for, so the number of a day changes as its guests come back, are claimed or reaped.
   */
  readonly contributed: number;
  /** `contributed` is worked out from a hundred guests of that day, because there are more. */
  readonly isContributedEstimated: boolean;
  /** Guests that became accounts. */
  readonly upgraded: number;
  /** Guests that were merged into an account. */
  readonly linked: number;
  /** Guests that the reaper deleted. */
  readonly reaped: number;
}

/** How many guests took how long to become an account, or to be merged into one. */
export interface ClaimBucket {
  /** Up to this long after they were issued, and longer than the bucket before. */
  readonly within: ClaimTime;
  readonly guests: number;
}

/** How many guests there are. */
export interface GuestTotals {
  readonly guests: number;
  /** Those that the reaper would look at, by `reaper.olderThan`. */
  readonly stale: number;
  /** There are so many guests that the number is the planner's, as good as the last ANALYZE. */
  readonly isGuestsEstimated: boolean;
  /** The same of those that are stale. */
  readonly isStaleEstimated: boolean;
}

/** What a link is that still can be merged and is not. */
export const OPEN_LINK_STATUSES = ['pending', 'awaiting-consent', 'failed'] as const;

/** Which links are asked for. */
export interface OpenLinksQuery {
  /** @default both those that are pending and those that have failed */
  readonly status?: (typeof OPEN_LINK_STATUSES)[number];
  /** At most so many, those that have waited longest: 1 to 1000. @default 100 */
  readonly limit?: number;
}

/** A guest that has met an account, and is not merged. */
export interface OpenLink {
  readonly id: string;
  readonly guestId: UserId;
  /** `null` once the account has been deleted. */
  readonly accountId: UserId | null;
  readonly status: LinkStatus;
  /** How often the merge has been tried. */
  readonly attempts: number;
  /** Why the last attempt failed, for the operator: it may quote the database. `null` when none has. */
  readonly error: string | null;
  /** When an instance tries again; for one that waits for consent, when that lapses. `null` when nobody will. */
  readonly nextAttemptAt: Date | null;
  readonly createdAt: Date;
  /** Milliseconds since then. */
  readonly ageMs: number;
}
