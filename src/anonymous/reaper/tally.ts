import { KEPT_REASONS, type KeptReason } from './reaper.report.js';

/** The counts of a run, or of a part of one. */
export class Tally {
  reaped = 0;
  readonly kept = Object.fromEntries(KEPT_REASONS.map((reason) => [reason, 0])) as Record<
    KeptReason,
    number
  >;

  /** Whoever was looked at has gone or stayed. */
  get stale(): number {
    return Object.values(this.kept).reduce((sum, guests) => sum + guests, this.reaped);
  }

  reap(guests: number): void {
    this.reaped += guests;
  }

  add(part: Tally): void {
    this.reap(part.reaped);
    for (const reason of KEPT_REASONS) this.keep(reason, part.kept[reason]);
  }

  keep(reason: KeptReason, guests = 1): void {
    this.kept[reason] += guests;
  }
}
