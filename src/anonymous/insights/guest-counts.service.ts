import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { rowsOf, type SqlExecutor } from '../../common/sql.js';
import { UsersService } from '../../users/users.service.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';

/** Some number of guests. */
export interface GuestCount {
  readonly guests: number;
  readonly isEstimate: boolean;
}

interface Plan {
  readonly 'Plan Rows': number;
  readonly Plans?: readonly Plan[];
}

/** Guests that are counted one by one. Beyond that it would take the longer the more there are. */
const MOST_COUNTED = 10_000;
/** No limit at all, but one keeps Postgres from sharing the work, after which a plan says what one worker is to find. */
const ALL = 2_147_483_647;

/** Counts guests in the time that it takes to count a few. */
@Injectable()
export class GuestCounts {
  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly users: UsersService,
  ) {}

  /**
   * How many guests meet each of these conditions.
   * @param conditions SQL over the column of the last visit, itself a SQL expression.
   */
  async count(
    conditions: readonly ((lastSeenAt: string) => string)[],
  ): Promise<readonly GuestCount[]> {
    const { lastSeenAt } = this.users.table.columns;
    // In the order of the index that has only guests in it, so that Postgres reads no others to find so many.
    const counts = conditions.map(
      (condition) => `(SELECT count(*)::int FROM (${this.guests(condition)}
        ORDER BY u.${lastSeenAt} LIMIT ${MOST_COUNTED + 1}) g)`,
    );
    const [row] = await rowsOf<{ counts: number[] }>(
      this.dataSource,
      `SELECT ARRAY[${counts.join(', ')}] AS "counts"`,
    );
    const isMore = (guests: number) => guests > MOST_COUNTED;
    if (!row!.counts.some(isMore)) return row!.counts.map(exactly);
    const estimates = await this.estimate(this.dataSource, conditions);
    return row!.counts.map((guests, n) =>
      isMore(guests)
        ? { guests: Math.max(guests, estimates[n]!), isEstimate: true }
        : exactly(guests),
    );
  }

  /** What the planner believes, all in one question. It reads no guest. */
  async estimate(
    executor: SqlExecutor,
    conditions: readonly ((lastSeenAt: string) => string)[],
  ): Promise<readonly number[]> {
    if (conditions.length === 0) return [];
    const parts = conditions.map((condition) => `(${this.guests(condition)} LIMIT ${ALL})`);
    const [row] = await rowsOf<{ 'QUERY PLAN': readonly { readonly Plan: Plan }[] }>(
      executor,
      `EXPLAIN (FORMAT JSON) ${parts.join(' UNION ALL ')}`,
    );
    const { Plan: plan } = row!['QUERY PLAN'][0]!;
    const plans = parts.length === 1 ? [plan] : (plan.Plans ?? []);
    return plans.map((part) => part['Plan Rows']);
  }

  private guests(condition: (lastSeenAt: string) => string): string {
    const { path, columns: c, live } = this.users.table;
    return `SELECT 1 FROM ${path} u WHERE u.${c.isAnonymous} AND ${live('u')} AND ${condition(`u.${c.lastSeenAt}`)}`;
  }
}

function exactly(guests: number): GuestCount {
  return { guests, isEstimate: false };
}
