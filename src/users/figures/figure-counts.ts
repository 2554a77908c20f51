import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { durationMs } from '../../common/duration.js';
import { Tables } from '../tables.js';
import type { User } from '../user.js';
import { CLAIM_TIMES, claimFigure, type GuestChange } from './guest-figure.js';

/** How often something happened on a day. */
export interface FigureCount {
  /** In UTC, as `2026-11-22`. */
  readonly day: string;
  readonly figure: string;
  readonly count: number;
}

/**
 * Counts what happens to guests, in the memory of this process, so that no request has to write it. A number for each figure
 * and day, whatever happens: it stays small.
 */
@Injectable()
export class FigureCounts {
  private readonly counts = new Map<string, FigureCount>();

  constructor(
    private readonly clock: Clock,
    private readonly tables: Tables,
  ) {}

  /** The day that it is, in UTC. */
  get today(): string {
    return this.clock.now().toISOString().slice(0, 10);
  }

  count(change: GuestChange, guests = 1): void {
    this.add({ day: this.today, figure: change, count: guests });
  }

  /** A guest has become an account. @param user its row, as the upgrade has left it. */
  countUpgrade({ createdAt, lastSeenAt }: User): void {
    const isKnown = this.tables.users.has('createdAt');
    this.countClaim('upgraded', isKnown ? lastSeenAt.getTime() - createdAt.getTime() : null);
  }

  /** A guest was claimed. @param afterMs how long after it was issued; `null` when nobody can tell. */
  countClaim(change: 'upgraded' | 'linked', afterMs: number | null): void {
    this.count(change);
    if (afterMs === null) return;
    const time = CLAIM_TIMES.find(
      (longest) => longest === 'later' || afterMs <= durationMs('longest', longest),
    )!;
    this.add({ day: this.today, figure: claimFigure(time), count: 1 });
  }

  /** All that has been counted. It is whoever takes it who keeps it from now on. */
  take(): FigureCount[] {
    const taken = [...this.counts.values()];
    this.counts.clear();
    return taken;
  }

  /** It could not be written. */
  giveBack(counts: readonly FigureCount[]): void {
    for (const count of counts) this.add(count);
  }

  private add({ day, figure, count }: FigureCount): void {
    const key = `${day} ${figure}`;
    const before = this.counts.get(key)?.count ?? 0;
    this.counts.set(key, { day, figure, count: before + count });
  }
}
