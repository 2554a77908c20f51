import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { GuestCredential, LinkView, TableReceipt } from '../../auth/account-linker.js';
import { rowsOf, type SqlExecutor, SqlParameters, type SqlTable } from '../../common/sql.js';
import type { UserId } from '../../users/user.js';
import { UsersService } from '../../users/users.service.js';
import { Tables } from '../../users/tables.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import type { ResidueQuery } from '../ownership/ownership.service.js';
import { LINKING_SETTINGS, type LinkingSettings } from '../linking.options.js';
import { AccountLink, type LinkPair, statusList, TAKEN_OVER_STATUSES } from './account-link.js';

const MOST_SWEPT = 1_000;
/** Merges that an id is followed over. Only rows that a host has written itself could make a circle. */
const LONGEST_CHAIN = 100;

/** What is said of the guest at the end of a merge, in SQL. */
export interface LastWords {
  /** In which tables the user of this id still owns rows. */
  readonly residue: (id: string) => ResidueQuery;
  /** The statement that ends the guest of this id under this condition, and returns a row for it, with its `ageMs`. */
  readonly farewell: (id: string, condition: string) => string;
}

export interface Settlement {
  /** `undefined`: rows are left, or there was no guest to end. */
  readonly link: AccountLink | undefined;
  /** Names of the tables in which rows are left. */
  readonly left: readonly string[];
  /** How old the guest was; `null` when nobody can tell. */
  readonly ageMs: number | null;
}

/** Links on their way to their end. */
@Injectable()
export class LedgerService {
  private readonly table: SqlTable<AccountLink>;

  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(LINKING_SETTINGS) private readonly settings: LinkingSettings,
    private readonly users: UsersService,
    tables: Tables,
  ) {
    this.table = tables.of(AccountLink);
  }

  /** Whether the guest lives and no account has taken it over, so that there is something to decide. */
  async isFree({ id, epoch }: GuestCredential): Promise<boolean> {
    const { path, columns: u } = this.users.table;
    const rows = await rowsOf(
      this.dataSource,
      `SELECT 1 FROM ${path} u WHERE u.${u.id} = $1 AND u.${u.epoch} = $2 AND u.${u.isAnonymous}
         AND ${this.users.table.live('u')} AND ${this.notTakenOver(`u.${u.id}`)}`,
      [id, epoch],
    );
    return rows.length === 1;
  }

  /**
   * Locks the link for the merge; `undefined` when it is no longer pending.
   * @param isCurrent SQL condition: the map of what belongs to users is still right.
   */
  async claim(
    executor: SqlExecutor,
    linkId: string,
    isCurrent: string,
  ): Promise<{ readonly isCurrent: boolean } | undefined> {
    const { path, columns: c } = this.table;
    const [claim] = await rowsOf<{ isCurrent: boolean }>(
      executor,
      `SELECT (${isCurrent}) AS "isCurrent" FROM ${path} l
       WHERE l.${c.id} = $1 AND l.${c.status} = 'pending' FOR UPDATE`,
      [linkId],
    );
    return claim;
  }

  /**
   * Writes the receipt, inside the merge's transaction, and ends the guest, if nothing of it is left. If this process then
   * dies, another one announces the link. Unless the link is settled the merge must not be committed.
   */
  async settle(
    executor: SqlExecutor,
    { id, guestId, isCounted }: LinkPair,
    tables: Readonly<Record<string, TableReceipt>>,
    { residue, farewell }: LastWords,
  ): Promise<Settlement> {
    const { path, columns: c, select } = this.table;
    const p = new SqlParameters();
    // Two places for one id: it is compared in the type of each column.
    const [owner, guest] = [p.bind(guestId), p.bind(guestId)];
    const { sql, names } = residue(owner);
    const next = `now() + ${p.bind(this.settings.leaseMs)} * interval '1 millisecond'`;
    const [row] = await rowsOf<
      { left: number[]; ageMs: number | null } & (AccountLink | { id: null })
    >(
      executor,
      `WITH residue AS MATERIALIZED (${sql}),
       gone AS (${farewell(guest, 'NOT EXISTS (SELECT 1 FROM residue)')}),
       settled AS (
       UPDATE ${path} AS l SET ${c.status} = 'merged', ${c.error} = NULL, ${c.nextAttemptAt} = ${next},
         ${c.attempts} = l.${c.attempts} + ${isCounted ? 0 : 1}, ${c.updatedAt} = now(),
         ${c.receipt} = jsonb_build_object('tables', ${p.bind(JSON.stringify(tables))}::jsonb, 'mergedAt',
           to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
       FROM gone WHERE l.${c.id} = ${p.bind(id)} RETURNING l.*)
       SELECT ARRAY(SELECT "n" FROM residue) AS "left", (SELECT "ageMs" FROM gone) AS "ageMs", ${select('l')}
       FROM (SELECT 1) one LEFT JOIN settled l ON true`,
      p.values,
    );
    const { left, ageMs, ...link } = row!;
    return { link: link.id === null ? undefined : link, left: left.map((n) => names[n]!), ageMs };
  }

  /** Removes a link whose guest became an account by itself, or whose account is gone: there is nothing to merge. */
  async withdraw(executor: SqlExecutor, linkId: string): Promise<void> {
    await executor.query(`DELETE FROM ${this.table.path} WHERE ${this.table.columns.id} = $1`, [
      linkId,
    ]);
  }

  async find(linkId: string): Promise<AccountLink | undefined> {
    const { path, columns: c, select } = this.table;
    const [link] = await rowsOf<AccountLink>(
      this.dataSource,
      `SELECT ${select('l')} FROM ${path} l WHERE l.${c.id} = $1`,
      [linkId],
    );
    return link;
  }

  /** The account that a guest was merged into, over any number of merges. */
  async survivorOf(guestId: UserId): Promise<UserId | undefined> {
    const { path, columns: c } = this.table;
    const [last] = await rowsOf<{ accountId: UserId }>(
      this.dataSource,
      `WITH RECURSIVE merges AS (
         SELECT l.${c.accountId} AS "accountId", 1 AS "depth" FROM ${path} l
         WHERE l.${c.guestId} = $1 AND l.${c.status} = 'merged' AND l.${c.accountId} IS NOT NULL
         UNION ALL SELECT l.${c.accountId}, "depth" + 1 FROM merges JOIN ${path} l ON l.${c.guestId} = "accountId"
         WHERE l.${c.status} = 'merged' AND l.${c.accountId} IS NOT NULL AND "depth" < ${LONGEST_CHAIN})
       SELECT "accountId"::text AS "accountId" FROM merges ORDER BY "depth" DESC LIMIT 1`,
      [guestId],
    );
    return last?.accountId;
  }

  /** Merges of the last 24 hours whose guest meets a condition over its id. */
  recentlyMerged(condition: (guestId: string) => string): Promise<AccountLink[]> {
    const { path, columns: c, select } = this.table;
    return rowsOf<AccountLink>(
      this.dataSource,
      `SELECT ${select('l')} FROM ${path} l
       WHERE l.${c.status} = 'merged' AND l.${c.updatedAt} > now() - interval '24 hours'
         AND l.${c.accountId} IS NOT NULL AND (${condition(`l.${c.guestId}`)})
       ORDER BY l.${c.updatedAt} LIMIT ${MOST_SWEPT}`,
    );
  }

  /** SQL condition: no account has taken this user over. */
  notTakenOver(userId: string): string {
    const { path, columns: c } = this.table;
    return `NOT EXISTS (SELECT 1 FROM ${path} taken WHERE taken.${c.guestId} = ${userId}
      AND taken.${c.status} IN (${statusList(TAKEN_OVER_STATUSES)}))`;
  }
}

export function linkView({ id, status, policy, receipt }: LinkView): LinkView {
  return { id, status, policy, receipt };
}
