import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { LinkStatus } from '../../auth/account-linker.js';
import { rowsOf, type SqlTable } from '../../common/sql.js';
import { Tables } from '../../users/tables.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { AccountLink, statusList } from './account-link.js';

/** What an operator sees of the ledger, and the one thing to do about it. */
@Injectable()
export class LinkOperationsService {
  private readonly table: SqlTable<AccountLink>;

  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    tables: Tables,
  ) {
    this.table = tables.of(AccountLink);
  }

  /** Links in these states, the one that has waited longest first. */
  list(statuses: readonly LinkStatus[], most: number): Promise<AccountLink[]> {
    const { path, columns: c, select } = this.table;
    // State by state and as literals, so that the indexes of those that are not at their end serve.
    const parts = [...new Set(statuses)].map(
      (
        status,
      ) => `(SELECT ${select('l')} FROM ${path} l WHERE l.${c.status} = ${statusList([status])}
        ORDER BY l.${c.createdAt}, l.${c.id} LIMIT $1)`,
    );
    return rowsOf<AccountLink>(
      this.dataSource,
      `SELECT * FROM (${parts.join(' UNION ALL ')}) l ORDER BY l."createdAt", l."id" LIMIT $1`,
      [most],
    );
  }

  /**
   * Makes failed links due again, with all their attempts before them. A running instance takes them up.
   * @param ids only these; all that have failed when absent.
   * @returns the ids of those that are due now.
   */
  async retry(ids?: readonly string[]): Promise<string[]> {
    const { path, columns: c } = this.table;
    const rows = await rowsOf<{ id: string }>(
      this.dataSource,
      `UPDATE ${path} SET ${c.status} = 'pending', ${c.attempts} = 0, ${c.nextAttemptAt} = now(), ${c.updatedAt} = now()
       WHERE ${c.status} = 'failed' AND ($1::uuid[] IS NULL OR ${c.id} = ANY ($1)) RETURNING ${c.id} AS "id"`,
      [ids ?? null],
    );
    return rows.map(({ id }) => id);
  }
}
