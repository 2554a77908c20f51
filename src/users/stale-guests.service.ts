import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { rowsOf, type SqlExecutor } from '../common/sql.js';
import type { FoundGuest, Judgement, JudgedGuest, StaleGuest, StaleRange } from './stale-guest.js';
import type { User, UserId } from './user.js';
import { UsersService } from './users.service.js';
import { USERS_DATA_SOURCE } from './users.tokens.js';

/** Finds and deletes guests that have not been here for long, any number of them with one statement. */
@Injectable()
export class StaleGuestsService {
  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly users: UsersService,
  ) {}

  /** The moment so long ago, and, when it is asked for, how many guests have not been seen since. */
  async measure(
    olderThanMs: number,
    isCounted: boolean,
  ): Promise<{ readonly cutoff: string; readonly total: number | null }> {
    const cutoff = `now() - $1 * interval '1 millisecond'`;
    const total = isCounted
      ? `(SELECT count(*) FROM ${this.users.table.path} u WHERE ${this.isStale(cutoff)})::int`
      : 'NULL';
    const [row] = await rowsOf<{ cutoff: string; total: number | null }>(
      this.dataSource,
      `SELECT (${cutoff})::text AS "cutoff", ${total} AS "total"`,
      [olderThanMs],
    );
    return row!;
  }

  /** The next guests in the order of their last visit. Locks nothing. */
  find(range: StaleRange, most: number): Promise<StaleGuest[]> {
    const { columns: c } = this.users.table;
    return rowsOf<StaleGuest>(
      this.dataSource,
      `WITH candidate AS (${this.candidates(range, most)})
       SELECT c.${c.id}::text AS "id", c.${c.lastSeenAt}::text AS "lastSeenAt"
       FROM candidate c ORDER BY c.${c.lastSeenAt}, c.${c.id}`,
      parametersOf(range),
    );
  }

  /**
   * The same, and locks those that nobody else has locked until the transaction ends. A guest that a request is writing
   * for, that is upgraded, merged or touched at this moment is passed over, not waited for.
   */
  hold(executor: SqlExecutor, range: StaleRange, most: number): Promise<FoundGuest[]> {
    const { path, columns: c } = this.users.table;
    return rowsOf<FoundGuest>(
      executor,
      `WITH candidate AS (${this.candidates(range, most)})
       SELECT c.${c.id}::text AS "id", c.${c.lastSeenAt}::text AS "lastSeenAt", held.yes IS NOT NULL AS "isHeld"
       FROM candidate c LEFT JOIN LATERAL (SELECT true AS yes FROM ${path} u
         WHERE u.${c.id} = c.${c.id} AND ${this.isStale('$1::timestamptz')} FOR UPDATE SKIP LOCKED) held ON true
       ORDER BY c.${c.lastSeenAt}, c.${c.id}`,
      parametersOf(range),
    );
  }

  /** Locks one guest, if it still is stale and nobody else has. */
  async holdOne(executor: SqlExecutor, id: UserId, cutoff: string): Promise<boolean> {
    const { path, columns: c } = this.users.table;
    const rows = await rowsOf(
      executor,
      `SELECT 1 FROM ${path} u WHERE u.${c.id} = $2 AND ${this.isStale('$1::timestamptz')}
       FOR UPDATE SKIP LOCKED`,
      [cutoff, id],
    );
    return rows.length === 1;
  }

  /** What the rules say about guests. */
  judge<Reason extends string>(
    executor: SqlExecutor,
    ids: readonly UserId[],
    cutoff: string,
    judgement: Judgement<Reason>,
  ): Promise<JudgedGuest<Reason>[]> {
    return rowsOf<JudgedGuest<Reason>>(
      executor,
      `WITH ${this.verdict(judgement)} SELECT id::text AS "id", reason AS "reason", "isCurrent" FROM verdict`,
      [cutoff, ids],
    );
  }

  /**
   * Deletes the guests that no rule keeps. They must be locked: the rules then see every row that somebody has written for
   * them, because this statement is younger than the locks.
   */
  remove<Reason extends string>(
    executor: SqlExecutor,
    ids: readonly UserId[],
    cutoff: string,
    judgement: Judgement<Reason>,
  ): Promise<JudgedGuest<Reason>[]> {
    const { path, columns: c } = this.users.table;
    return rowsOf<JudgedGuest<Reason>>(
      executor,
      `WITH ${this.verdict(judgement)},
       gone AS (DELETE FROM ${path} u
         WHERE u.${c.id} IN (SELECT id FROM verdict WHERE reason IS NULL AND "isCurrent")
           AND ${this.isStale('$1::timestamptz')}
         RETURNING u.${c.id} AS id),
       forgotten AS (${judgement.forget('SELECT id FROM gone')})
       SELECT v.id::text AS "id", v."isCurrent",
         coalesce(v.reason, CASE WHEN g.id IS NULL THEN 'failed' END) AS "reason"
       FROM verdict v LEFT JOIN gone g ON g.id = v.id`,
      [cutoff, ids],
    );
  }

  /** The rows of guests. */
  read(executor: SqlExecutor, ids: readonly UserId[]): Promise<User[]> {
    const { path, columns: c, select } = this.users.table;
    return rowsOf<User>(
      executor,
      `SELECT ${select('u')} FROM ${path} u WHERE u.${c.id} = ANY ($1)`,
      [ids],
    );
  }

  /** Keeps the work for this transaction alone, on any number of instances. `false` when another one has it. */
  async takeTurn(executor: SqlExecutor): Promise<boolean> {
    const [row] = await rowsOf<{ mine: boolean }>(
      executor,
      `SELECT pg_try_advisory_xact_lock(hashtextextended('nestjs-anonymous:reaper:' || $1::regclass::oid, 0)) AS "mine"`,
      [this.users.table.path],
    );
    return row!.mine;
  }

  /** In two steps, so that only as many rows as are wanted are sorted, even when all were last seen at the same time. */
  private candidates({ after }: StaleRange, most: number): string {
    const { path, columns: c } = this.users.table;
    const behind = after
      ? `AND u.${c.lastSeenAt} >= $2::timestamptz AND (u.${c.lastSeenAt}, u.${c.id}) > ($2::timestamptz, $3)`
      : '';
    return `SELECT u.${c.id}, u.${c.lastSeenAt} FROM ${path} u WHERE ${this.isStale('$1::timestamptz')} ${behind}
      ORDER BY u.${c.lastSeenAt}, u.${c.id} LIMIT ${most}`;
  }

  private isStale(cutoff: string): string {
    const { columns: c, live } = this.users.table;
    return `u.${c.isAnonymous} AND ${live('u')} AND u.${c.lastSeenAt} < ${cutoff}`;
  }

  /** Each condition is a join of its own, so that Postgres may read a table once for all guests. $1 cutoff, $2 ids. */
  private verdict<Reason extends string>({ rules, isCurrent }: Judgement<Reason>): string {
    const { path, columns: c } = this.users.table;
    const kept = rules.flatMap(({ reason, conditions }, rank) =>
      conditions('d.id').map(
        (condition) =>
          `SELECT d.id, ${rank} AS rank, '${reason}' AS reason FROM due d WHERE ${condition}`,
      ),
    );
    return `due AS MATERIALIZED (SELECT u.${c.id} AS id FROM ${path} u
        WHERE u.${c.id} = ANY ($2) AND ${this.isStale('$1::timestamptz')}),
      kept AS (SELECT DISTINCT ON (id) id, reason FROM (${kept.join(' UNION ALL ')}) k ORDER BY id, rank),
      verdict AS MATERIALIZED (SELECT d.id, k.reason, (SELECT ${isCurrent}) AS "isCurrent"
        FROM due d LEFT JOIN kept k ON k.id = d.id)`;
  }
}

function parametersOf({ cutoff, after }: StaleRange): string[] {
  return after ? [cutoff, after.lastSeenAt, after.id] : [cutoff];
}
