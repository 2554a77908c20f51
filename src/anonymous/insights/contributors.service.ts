import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { rowsOf } from '../../common/sql.js';
import { OwnershipService } from '../../linking/ownership/ownership.service.js';
import { UsersService } from '../../users/users.service.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { type GuestCount, GuestCounts } from './guest-counts.service.js';

interface Sample {
  readonly day: string;
  readonly guests: number;
  readonly owners: number;
}

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
    private readonly ownership: OwnershipService,
    private readonly counts: GuestCounts,
  ) {}

  /** @param days in UTC, as `2026-11-22`. Those on which nobody was here last are not in the answer. */
  async byDay(days: readonly string[]): Promise<ReadonlyMap<string, GuestCount>> {
    const first = await this.look(days, 1, MOST_LOOKED_AT + 1);
    const busy = first.filter(({ guests }) => guests > MOST_LOOKED_AT).map(({ day }) => day);
    const counts = first.map(({ day, owners }): [string, GuestCount] => [
      day,
      { guests: owners, isEstimate: false },
    ]);
    return new Map([...counts, ...(busy.length === 0 ? [] : await this.estimate(busy))]);
  }

  /** The share of owners among some guests of the day, of all that the planner believes were here last on it. */
  private async estimate(days: readonly string[]): Promise<[string, GuestCount][]> {
    const samples = await this.look(days, PARTS, MOST_LOOKED_AT / PARTS);
    const totals = await this.counts.estimate(
      days.map(
        (day) => (seen) =>
          `${seen} >= timestamptz '${day} 00:00+00' AND ${seen} < timestamptz '${day} 00:00+00' + interval '24 hours'`,
      ),
    );
    return days.map((day, n) => {
      const { guests, owners } = samples.find((sample) => sample.day === day)!;
      const total = Math.max(totals[n]!, MOST_LOOKED_AT + 1);
      return [day, { guests: Math.round((total * owners) / guests), isEstimate: true }];
    });
  }

  /**
   * The first few guests of each part of each day, and how many of them own something. Each table is a join of its own, so
   * that Postgres may read it once for all guests.
   */
  private look(days: readonly string[], parts: number, most: number): Promise<Sample[]> {
    const { path, columns: c, live } = this.users.table;
    const owning = this.ownership
      .holdings(['owned'], 'g.id')
      .map((holding) => `SELECT g.id FROM guest g WHERE ${holding}`);
    const moment = (part: string) =>
      `((d.day + ${part} * interval '1 day' / $2::int) AT TIME ZONE 'UTC')`;
    return rowsOf<Sample>(
      this.dataSource,
      `WITH guest AS MATERIALIZED (
         SELECT d.day, found.id FROM unnest($1::date[]) AS d (day) CROSS JOIN generate_series(0, $2::int - 1) AS p (part)
         CROSS JOIN LATERAL (SELECT u.${c.id} AS id FROM ${path} u
           WHERE u.${c.isAnonymous} AND ${live('u')}
             AND u.${c.lastSeenAt} >= ${moment('p.part')} AND u.${c.lastSeenAt} < ${moment('(p.part + 1)')}
           ORDER BY u.${c.lastSeenAt} LIMIT $3) found),
       owner AS (${owning.join(' UNION ') || 'SELECT g.id FROM guest g WHERE false'})
       SELECT to_char(g.day, 'YYYY-MM-DD') AS "day", count(*)::int AS "guests", count(o.id)::int AS "owners"
       FROM guest g LEFT JOIN owner o ON o.id = g.id GROUP BY g.day`,
      [days, parts, most],
    );
  }
}
