import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { rowsOf, runInTransaction, type SqlExecutor } from '../../common/sql.js';
import { UsersService } from '../../users/users.service.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { type GuestCount, GuestCounts } from './guest-counts.service.js';
import { type OwnerColumns, OwnerColumnsService } from './owner-columns.service.js';

/** Some time of a day. */
interface Part {
  readonly day: string;
  readonly since: string;
  readonly until: string;
}

const DAY_MS = 86_400_000;
/** Guests of a day that are looked at one by one. */
const MOST_LOOKED_AT = 100;
/** Where a day has more: so many parts of it, and as many guests of each, for people of one hour are not those of another. */
const PARTS = 10;

/** How many guests own something, by the day of their last visit. */
@Injectable()
export class Contributors {
  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly users: UsersService,
    private readonly columns: OwnerColumnsService,
    private readonly counts: GuestCounts,
  ) {}

  /** @param days in UTC, as `2026-11-22`. Those on which nobody was here last are not in the answer. */
  byDay(days: readonly string[]): Promise<ReadonlyMap<string, GuestCount>> {
    return runInTransaction(this.dataSource, async (manager) => {
      // To compile a statement takes longer than to look some thousand guests up.
      await manager.query('SET LOCAL jit = off');
      const guests = await this.countUpTo(manager, days, MOST_LOOKED_AT + 1);
      const isBusy = (day: string) => guests.get(day)! > MOST_LOOKED_AT;
      const columns = await this.columns.find(manager);
      const quiet = days.filter((day) => guests.get(day)! > 0 && !isBusy(day));
      const busy = days.filter(isBusy);
      return new Map([
        ...(await this.count(manager, quiet, columns)),
        ...(await this.estimate(manager, busy, columns)),
      ]);
    });
  }

  private async count(
    executor: SqlExecutor,
    days: readonly string[],
    columns: OwnerColumns,
  ): Promise<[string, GuestCount][]> {
    const samples = await this.look(executor, partsOf(days, 1), MOST_LOOKED_AT, columns);
    return samples.map(({ day, owners }) => [day, { guests: owners, isEstimate: false }]);
  }

  /** The share of owners among some guests of the day, of all that the planner believes were here last on it. */
  private async estimate(
    executor: SqlExecutor,
    days: readonly string[],
    columns: OwnerColumns,
  ): Promise<[string, GuestCount][]> {
    const most = MOST_LOOKED_AT / PARTS;
    const samples = await this.look(executor, partsOf(days, PARTS), most, columns);
    const totals = await this.counts.estimate(
      executor,
      partsOf(days, 1).map(
        ({ since, until }) =>
          (seen) =>
            `${seen} >= timestamptz '${since}' AND ${seen} < timestamptz '${until}'`,
      ),
    );
    return days.map((day, n) => {
      const { guests = 1, owners = 0 } = samples.find((sample) => sample.day === day) ?? {};
      const total = Math.max(totals[n]!, MOST_LOOKED_AT + 1);
      return [day, { guests: Math.round((total * owners) / guests), isEstimate: true }];
    });
  }

  /** How many guests were here last on each day, as far as that is less than `most`. The index alone says so. */
  private async countUpTo(
    executor: SqlExecutor,
    days: readonly string[],
    most: number,
  ): Promise<ReadonlyMap<string, number>> {
    const rows = await rowsOf<{ day: string; guests: number }>(
      executor,
      `SELECT p.day AS "day", (SELECT count(*)::int FROM (${this.guestsOf('seen')} LIMIT $4) found) AS "guests"
       FROM ${PART_ROWS}`,
      [...parametersOf(partsOf(days, 1)), most],
    );
    return new Map(rows.map(({ day, guests }) => [day, guests]));
  }

  /** The first few guests of each part, and how many of them own something, by day. */
  private async look(
    executor: SqlExecutor,
    parts: readonly Part[],
    most: number,
    { quick, slow }: OwnerColumns,
  ): Promise<{ readonly day: string; readonly guests: number; readonly owners: number }[]> {
    if (parts.length === 0) return [];
    const lists = slow.map((owns) => `SELECT g.id FROM guest g WHERE ${owns('g.id')}`);
    const listed = lists.length === 0 ? [] : ['g.id IN (SELECT o.id FROM owner o)'];
    const owns = [...quick.map((condition) => condition('g.id')), ...listed].join(' OR ');
    return rowsOf(
      executor,
      `WITH guest AS MATERIALIZED (SELECT p.day, found.id FROM ${PART_ROWS}
         CROSS JOIN LATERAL (${this.guestsOf('id')} LIMIT $4) found)
       ${lists.length === 0 ? '' : `, owner AS (${lists.join(' UNION ')})`}
       SELECT g.day AS "day", count(*)::int AS "guests",
         (count(*) FILTER (WHERE ${owns || 'false'}))::int AS "owners"
       FROM guest g GROUP BY g.day`,
      [...parametersOf(parts), most],
    );
  }

  /** In the order of the index that has only guests in it, so that a limit ends the search. */
  private guestsOf(what: 'id' | 'seen'): string {
    const { path, columns: c, live } = this.users.table;
    const column = what === 'id' ? c.id : c.lastSeenAt;
    return `SELECT u.${column} AS ${what} FROM ${path} u WHERE u.${c.isAnonymous} AND ${live('u')}
      AND u.${c.lastSeenAt} >= p.since AND u.${c.lastSeenAt} < p.until ORDER BY u.${c.lastSeenAt}`;
  }
}

/** Lists of values, because of them Postgres sees how long they are. */
const PART_ROWS =
  'unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) AS p (day, since, until)';

function parametersOf(parts: readonly Part[]): string[][] {
  return [
    parts.map(({ day }) => day),
    parts.map(({ since }) => since),
    parts.map(({ until }) => until),
  ];
}

/** As many equal parts of each day. */
function partsOf(days: readonly string[], parts: number): Part[] {
  return days.flatMap((day) => {
    const moment = (part: number) =>
      new Date(Date.parse(day) + (part * DAY_MS) / parts).toISOString();
    return Array.from({ length: parts }, (_, n) => ({
      day,
      since: moment(n),
      until: moment(n + 1),
    }));
  });
}
