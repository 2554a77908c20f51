import { Inject, Injectable } from '@nestjs/common';
import { validate as isUuid } from 'uuid';
import { Clock } from '../../common/clock.js';
import { ConfigurationError } from '../../common/errors.js';
import { LinkOperationsService } from '../../linking/ledger/link-operations.service.js';
import { type FigureCount, FigureCounts } from '../../users/figures/figure-counts.js';
import { FiguresService } from '../../users/figures/figures.service.js';
import { CLAIM_TIMES, claimFigure } from '../../users/figures/guest-figure.js';
import { REAPER_SETTINGS, type ReaperSettings } from '../reaper/reaper.settings.js';
import { Contributors } from './contributors.service.js';
import { GuestCounts } from './guest-counts.service.js';
import {
  type ClaimBucket,
  type GuestDay,
  type GuestTotals,
  type InsightsPeriod,
  OPEN_LINK_STATUSES,
  type OpenLink,
  type OpenLinksQuery,
} from './insights.views.js';

const DAY_MS = 86_400_000;
const MOST_DAYS = 366;
const MOST_LINKS = 1_000;

/**
 * Numbers about guests for whoever runs the app. They are figures, not records: counted in the memory of each instance, written
 * every `insights.writeEvery` and when it ends, so one that is killed loses those of that time. Who has to know of each guest
 * listens to the events. Reads take well under 100 ms with a million guests.
 */
@Injectable()
export class InsightsService {
  constructor(
    @Inject(REAPER_SETTINGS) private readonly reaper: ReaperSettings,
    private readonly clock: Clock,
    private readonly counts: FigureCounts,
    private readonly figures: FiguresService,
    private readonly contributors: Contributors,
    private readonly guestCounts: GuestCounts,
    private readonly operations: LinkOperationsService,
  ) {}

  /**
   * Every day of the period, oldest first, in UTC; today is the last.
   * @throws ConfigurationError for a number of days that is not from 1 to 366.
   */
  async days(period: InsightsPeriod = {}): Promise<GuestDay[]> {
    const days = this.daysOf(period);
    const counted = byFigure(await this.figures.read(days[0]!, days.at(-1)!));
    const contributed = await this.contributors.byDay(days);
    return days.map((day) => {
      const count = (figure: string) => counted.get(`${day} ${figure}`) ?? 0;
      const { guests = 0, isEstimate = false } = contributed.get(day) ?? {};
      return {
        day,
        issued: count('issued'),
        active: count('issued') + count('returned'),
        contributed: guests,
        isContributedEstimated: isEstimate,
        upgraded: count('upgraded'),
        linked: count('linked'),
        reaped: count('reaped'),
      };
    });
  }

  /**
   * How long the guests waited who became accounts, or were merged into one, in the period. Every bucket, the shortest first.
   * @throws ConfigurationError as {@link days}.
   */
  async timeToClaim(period: InsightsPeriod = {}): Promise<ClaimBucket[]> {
    const days = this.daysOf(period);
    const counts = await this.figures.read(days[0]!, days.at(-1)!);
    return CLAIM_TIMES.map((within) => ({
      within,
      guests: counts
        .filter(({ figure }) => figure === claimFigure(within))
        .reduce((sum, { count }) => sum + count, 0),
    }));
  }

  /** How many guests there are now: exact up to ten thousand, and what the planner believes beyond. */
  async guests(): Promise<GuestTotals> {
    const [all, stale] = await this.guestCounts.count([
      () => 'true',
      (lastSeenAt) => `${lastSeenAt} < now() - interval '${this.reaper.olderThanMs} milliseconds'`,
    ]);
    return {
      guests: all!.guests,
      stale: stale!.guests,
      isGuestsEstimated: all!.isEstimate,
      isStaleEstimated: stale!.isEstimate,
    };
  }

  /**
   * Links that are not merged, the one that has waited longest first.
   * @throws ConfigurationError for another status, or a limit that is not from 1 to 1000.
   */
  async links({ status, limit = 100 }: OpenLinksQuery = {}): Promise<OpenLink[]> {
    checkWhole('limit', limit, MOST_LINKS);
    const statuses = status === undefined ? (['pending', 'failed'] as const) : [checked(status)];
    const now = this.clock.now().getTime();
    const links = await this.operations.list(statuses, limit);
    return links.map(
      ({ id, guestId, accountId, status: state, attempts, error, nextAttemptAt, createdAt }) => ({
        id,
        guestId,
        accountId,
        status: state,
        attempts,
        error,
        // The ledger keeps the time of the last one.
        nextAttemptAt: state === 'failed' ? null : nextAttemptAt,
        createdAt,
        ageMs: Math.max(0, now - createdAt.getTime()),
      }),
    );
  }

  /**
   * Makes a failed link due again, with all its attempts before it. A running instance takes it up.
   * @returns `false` when there is no such link, or it has not failed.
   */
  async retry(linkId: string): Promise<boolean> {
    return isUuid(linkId) && (await this.operations.retry([linkId])).length === 1;
  }

  private daysOf({ days = 30 }: InsightsPeriod): string[] {
    checkWhole('days', days, MOST_DAYS);
    const today = Date.parse(this.counts.today);
    return Array.from({ length: days }, (_, n) =>
      new Date(today - (days - 1 - n) * DAY_MS).toISOString().slice(0, 10),
    );
  }
}

function byFigure(counts: readonly FigureCount[]): ReadonlyMap<string, number> {
  return new Map(counts.map(({ day, figure, count }) => [`${day} ${figure}`, count]));
}

/** It becomes a part of the statement, and hosts may take it from a request. */
function checked(status: NonNullable<OpenLinksQuery['status']>): typeof status {
  if (OPEN_LINK_STATUSES.includes(status)) return status;
  throw new ConfigurationError(
    `"status" is ${JSON.stringify(status)}. Write one of ${OPEN_LINK_STATUSES.join(', ')}.`,
  );
}

function checkWhole(name: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  throw new ConfigurationError(
    `"${name}" is ${String(value)}. Write a whole number from 1 to ${most}.`,
  );
}
