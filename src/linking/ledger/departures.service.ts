import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { rowsOf, type SqlExecutor, type SqlTable } from '../../common/sql.js';
import { Tables } from '../../users/tables.js';
import type { UserId } from '../../users/user.js';
import { AccountLink, CONFIRMABLE_STATUSES, statusList } from './account-link.js';

/** Somebody, or the reconciler, still has to do something about the guest. */
const OPEN_STATUSES = ['pending', 'awaiting-consent', 'failed'] as const;

/** What the ledger says about users that are about to go for good. */
@Injectable()
export class DeparturesService {
  private readonly table: SqlTable<AccountLink>;

  constructor(tables: Tables) {
    this.table = tables.of(AccountLink);
  }

  /** SQL condition over a user's id, itself a SQL expression: a link of this guest is not at its end. */
  hasOpenLink(user: string): string {
    return this.exists(user, `l.${this.table.columns.status} IN (${statusList(OPEN_STATUSES)})`);
  }

  /** The same: this is the tombstone of a merged guest. */
  isMerged(user: string): string {
    return this.exists(user, `l.${this.table.columns.status} = 'merged'`);
  }

  /** The same: rows that come late may still have to follow it to its account. */
  isLatelyMerged(user: string): string {
    const { columns: c } = this.table;
    const isLate = `l.${c.updatedAt} > now() - interval '24 hours'`;
    return this.exists(user, `l.${c.status} = 'merged' AND ${isLate}`);
  }

  /** Statement that removes the links that could still have been confirmed while these guests lived. */
  forgetting(guests: string): string {
    const { path, columns: c } = this.table;
    return `DELETE FROM ${path} WHERE ${c.guestId} IN (${guests})
      AND ${c.status} IN (${statusList(CONFIRMABLE_STATUSES)})`;
  }

  /**
   * Holds the guest's place in the ledger until the transaction ends, waiting for a sign-in that is opening a link. A row
   * is all that does: a sign-in never locks the guest, because it must not wait for those who do.
   * @returns what to {@link release}; `undefined` when there is a link.
   */
  async reserve(executor: SqlExecutor, guestId: UserId): Promise<string | undefined> {
    const { path, columns: c } = this.table;
    const [row] = await rowsOf<{ id: string }>(
      executor,
      `INSERT INTO ${path} (${c.id}, ${c.guestId}, ${c.status}, ${c.policy})
       VALUES ($1, $2, 'pending', 'reap') ON CONFLICT DO NOTHING RETURNING ${c.id} AS "id"`,
      [uuidv7(), guestId],
    );
    return row?.id;
  }

  async release(executor: SqlExecutor, reservation: string): Promise<void> {
    const { path, columns: c } = this.table;
    await executor.query(`DELETE FROM ${path} WHERE ${c.id} = $1`, [reservation]);
  }

  /**
   * An account goes: no guest waits for it any more, and each of them can be claimed by somebody else. Links that are merged
   * stay, with nobody for an account, and nobody is told any more of those that a listener has not heard of.
   */
  async abandon(executor: SqlExecutor, accountId: UserId): Promise<void> {
    const { path, columns: c } = this.table;
    await executor.query(
      `DELETE FROM ${path} WHERE ${c.accountId} = $1 AND ${c.status} <> 'merged'`,
      [accountId],
    );
    await executor.query(
      `UPDATE ${path} SET ${c.announced} = true, ${c.nextAttemptAt} = NULL
       WHERE ${c.accountId} = $1 AND NOT ${c.announced}`,
      [accountId],
    );
  }

  private exists(user: string, condition: string): string {
    const { path, columns: c } = this.table;
    return `EXISTS (SELECT 1 FROM ${path} l WHERE l.${c.guestId} = ${user} AND ${condition})`;
  }
}
