import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { setTimeout as wait } from 'node:timers/promises';
import { DomainEvents } from '../../auth/domain-events.js';
import { SessionCache } from '../../auth/sessions/session-cache.js';
import type { Duration } from '../../common/duration.js';
import { EVENTS } from '../../common/events.js';
import { FigureCounts } from '../../users/figures/figure-counts.js';
import type { StaleGuest } from '../../users/stale-guest.js';
import { StaleGuestsService } from '../../users/stale-guests.service.js';
import type { UserId } from '../../users/user.js';
import { type Batch, BatchReaper } from './batch-reaper.js';
import { ContributorReaper } from './contributor-reaper.js';
import { DryRun } from './dry-run.js';
import type { ReapOrder } from './reap-order.js';
import type { ContributorPolicy } from './reaper.options.js';
import type { ReaperProgress, ReaperReport } from './reaper.report.js';
import {
  checkedAge,
  checkedPolicy,
  REAPER_SETTINGS,
  type ReaperSettings,
} from './reaper.settings.js';
import { Tally } from './tally.js';

/** What one run does differently from the options. */
export interface ReaperRunOptions {
  /** @default option `reaper.olderThan` */
  readonly olderThan?: Duration;
  /** `true` deletes nothing and counts what would be. @default false */
  readonly dryRun?: boolean;
  /** @default option `reaper.contributors` */
  readonly contributors?: ContributorPolicy;
  /** Stops the run after the batch that it is at. */
  readonly signal?: AbortSignal;
  /** Called after each batch. Costs one count of the stale guests. */
  readonly onProgress?: (progress: ReaperProgress) => void;
}

/** Deletes guests that nobody has seen for long, and says why it keeps the others. */
@Injectable()
export class ReaperService implements OnModuleDestroy {
  private readonly running = new Set<Promise<unknown>>();
  private readonly closing = new AbortController();

  constructor(
    @Inject(REAPER_SETTINGS) private readonly settings: ReaperSettings,
    private readonly stale: StaleGuestsService,
    private readonly batches: BatchReaper,
    private readonly contributors: ContributorReaper,
    private readonly dryRun: DryRun,
    private readonly cache: SessionCache,
    private readonly events: DomainEvents,
    private readonly figures: FigureCounts,
  ) {}

  /** Runs end after the batch that they are at. */
  async onModuleDestroy(): Promise<void> {
    this.closing.abort();
    await Promise.allSettled(this.running);
  }

  /**
   * Looks at every guest that is stale when the run begins, once. Any number of runs may go on beside each other, here and
   * elsewhere: each leaves alone what another one holds.
   * @throws ConfigurationError for an option that cannot work; Error when a newer deploy has brought foreign keys that
   * this instance does not know. Batches that are done stay done.
   */
  run(options: ReaperRunOptions = {}): Promise<ReaperReport> {
    return this.start(options, false);
  }

  /** The same, unless another instance is doing it. */
  runAlone(): Promise<ReaperReport> {
    return this.start({}, true);
  }

  private async start(options: ReaperRunOptions, isExclusive: boolean): Promise<ReaperReport> {
    const run = this.work(options, isExclusive);
    this.running.add(run);
    try {
      return await run;
    } finally {
      this.running.delete(run);
    }
  }

  private async work(
    { olderThan, dryRun = false, contributors, signal, onProgress }: ReaperRunOptions,
    isExclusive: boolean,
  ): Promise<ReaperReport> {
    const rules = {
      dryRun,
      olderThanMs: olderThan ? checkedAge('olderThan', olderThan) : this.settings.olderThanMs,
      contributors: contributors
        ? checkedPolicy('contributors', contributors)
        : this.settings.contributors,
    };
    const stop = AbortSignal.any([this.closing.signal, ...(signal ? [signal] : [])]);
    const tally = new Tally();
    const isCounted = onProgress !== undefined;
    const { cutoff, total } = await this.stale.measure(rules.olderThanMs, isCounted);
    const order: ReapOrder = { ...rules, cutoff, isExclusive };
    let finished = false;
    for (let after: StaleGuest | undefined; !finished && !stop.aborted;) {
      const batch = await (dryRun
        ? this.dryRun.look(order, after, tally)
        : this.reap(order, after, tally, stop));
      if (!batch) break;
      after = batch.seen.at(-1);
      finished = batch.seen.length < this.settings.batchSize;
      onProgress?.({ total: total ?? 0, looked: tally.stale, reaped: tally.reaped });
      if (!dryRun && !finished) await this.rest(stop);
    }
    const { stale, reaped, kept } = tally;
    return { ...rules, stale, reaped, kept, finished };
  }

  private async rest(stop: AbortSignal): Promise<void> {
    await wait(this.settings.pauseMs, undefined, { signal: stop }).catch(() => undefined);
  }

  private async reap(
    order: ReapOrder,
    after: StaleGuest | undefined,
    tally: Tally,
    stop: AbortSignal,
  ): Promise<Batch | undefined> {
    const part = new Tally();
    const batch = await this.batches.reap(order, after, part);
    if (!batch) return undefined;
    tally.add(part);
    this.tell(batch.gone, tally);
    for (const id of batch.remaining) {
      if (stop.aborted) return undefined;
      const outcome = await this.contributors.reap(id, order);
      if (outcome === 'not-our-turn') return undefined;
      if (outcome === 'gone') this.tell([id], tally);
      else tally.keep(outcome);
    }
    return batch;
  }

  /** After the commit. */
  private tell(gone: readonly UserId[], tally: Tally): void {
    if (gone.length === 0) return;
    tally.reap(gone.length);
    this.cache.forget(...gone);
    this.figures.count('reaped', gone.length);
    this.events.emit(EVENTS.guestReaped, { guestIds: gone });
  }
}
