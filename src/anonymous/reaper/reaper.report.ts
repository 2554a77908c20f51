import type { ContributorPolicy } from './reaper.options.js';

/**
 * Why a stale guest stays. The list is closed and in this order of precedence:
 * - `locked`: somebody is working on it right now: a request, an upgrade, a merge, another reaper
 * - `open-link`: a link to an account is pending, waits for consent or has failed
 * - `recently-merged`: the tombstone of a merge of the last 24 hours
 * - `owns-rows`: it owns rows, or rows of an ignored table keep it
 * - `has-dependents`: rows of somebody else refer to it or to what it owns
 * - `kept-by-host`: `onBeforeDelete` answered `false`
 * - `failed`: `onBeforeDelete`, `discard()` or the database refused; the log says why
 */
export const KEPT_REASONS = [
  'locked',
  'open-link',
  'recently-merged',
  'owns-rows',
  'has-dependents',
  'kept-by-host',
  'failed',
] as const;

/** One of the closed list of reasons why a stale guest stays. */
export type KeptReason = (typeof KEPT_REASONS)[number];

/** What a run of the reaper has done, or, as a dry run, would have done. */
export interface ReaperReport {
  readonly dryRun: boolean;
  /** Milliseconds that a guest must not have been seen. */
  readonly olderThanMs: number;
  readonly contributors: ContributorPolicy;
  /** Stale guests that were looked at: those that went and those that stayed. */
  readonly stale: number;
  /** Guests that are gone. */
  readonly reaped: number;
  /** Guests that stayed, by reason. Each counts once. */
  readonly kept: Readonly<Record<KeptReason, number>>;
  /** `false` when the run was stopped, or left to another instance, before it had seen every stale guest. */
  readonly finished: boolean;
}

/** How far a run has come. */
export interface ReaperProgress {
  /** Stale guests when the run began. */
  readonly total: number;
  readonly looked: number;
  readonly reaped: number;
}
