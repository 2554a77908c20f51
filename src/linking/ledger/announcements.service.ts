import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { rowsOf, type SqlTable } from '../../common/sql.js';
import { Tables } from '../../users/tables.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { LINKING_SETTINGS, type LinkingSettings } from '../linking.options.js';
import { AccountLink } from './account-link.js';

/** Which finished merges still have to be told to the host: `announced` in the ledger, and when to try again. */
@Injectable()
export class AnnouncementsService {
  private readonly table: SqlTable<AccountLink>;

  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(LINKING_SETTINGS) private readonly settings: LinkingSettings,
    tables: Tables,
  ) {
    this.table = tables.of(AccountLink);
  }

  /** Takes one that is due. Others skip it for as long as its listeners may take. */
  async takeDue(): Promise<AccountLink | undefined> {
    const { path, columns: c, select } = this.table;
    const [link] = await rowsOf<AccountLink>(
      this.dataSource,
      `UPDATE ${path} AS l SET ${c.nextAttemptAt} = now() + $1 * interval '1 millisecond'
       WHERE l.${c.id} = (SELECT ${c.id} FROM ${path}
         WHERE ${c.status} = 'merged' AND NOT ${c.announced} AND ${c.nextAttemptAt} <= now()
         ORDER BY ${c.nextAttemptAt} LIMIT 1 FOR UPDATE SKIP LOCKED)
       RETURNING ${select('l')}`,
      [this.settings.leaseMs],
    );
    return link;
  }

  async done(linkId: string): Promise<void> {
    const { path, columns: c } = this.table;
    await this.dataSource.query(
      `UPDATE ${path} SET ${c.announced} = true, ${c.nextAttemptAt} = NULL WHERE ${c.id} = $1`,
      [linkId],
    );
  }

  /** Puts it off for as long as it has waited since the merge, so that the pauses double, up to the longest. */
  async postpone(linkId: string): Promise<void> {
    const { path, columns: c } = this.table;
    const { firstDelayMs, maxDelayMs } = this.settings;
    await this.dataSource.query(
      `UPDATE ${path} SET ${c.nextAttemptAt} = now() + (0.75 + random() / 2) * least(
         greatest(now() - ${c.updatedAt}, $2 * interval '1 millisecond'), $3 * interval '1 millisecond')
       WHERE ${c.id} = $1 AND NOT ${c.announced}`,
      [linkId, firstDelayMs, maxDelayMs],
    );
  }
}
