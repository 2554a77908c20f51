import type { ContributorPolicy } from './reaper.options.js';

/** What one run has been told to do. */
export interface ReapOrder {
  readonly dryRun: boolean;
  readonly olderThanMs: number;
  readonly contributors: ContributorPolicy;
  /** Guests seen since then are none of its business. A timestamp as Postgres writes it. */
  readonly cutoff: string;
  /** Whether it leaves the work to another instance that is at it. */
  readonly isExclusive: boolean;
}
