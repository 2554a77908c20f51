import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { rowsOf, type SqlTable } from '../../common/sql.js';
import { Tables } from '../../users/tables.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { LINKING_SETTINGS, type LinkingSettings } from '../linking.options.js';
import { AccountLink, type LinkPair } from './account-link.js';
import { LedgerService } from './ledger.service.js';

const LONGEST_ERROR = 1_000;
const UNHEARD_OF =
  'The process that took the link up the last time ended, or lost the database, without a word.';

/** A link that is this instance's to try. The try counts from here on, so that one that kills its process counts too. */
export type TakenLink = AccountLink & { readonly isCounted: true };

/** When links are tried again, by any number of instances, and when no more. */
@Injectable()
export class DueLinksService {
  private readonly table: SqlTable<AccountLink>;

  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(LINKING_SETTINGS) private readonly settings: LinkingSettings,
    private readonly ledger: LedgerService,
    tables: Tables,
  ) {
    this.table = tables.of(AccountLink);
  }

  /**
   * Takes one link that is due. Others skip it for as long as an attempt may take, on any number of instances. It comes back
   * as `failed` when even its last attempt has ended without a word: nobody is to die of it again.
   */
  async take(): Promise<TakenLink | undefined> {
    const { path, columns: c, select } = this.table;
    const { leaseMs, maxAttempts } = this.settings;
    const isOver = `l.${c.attempts} >= $2`;
    const [link] = await rowsOf<AccountLink>(
      this.dataSource,
      `UPDATE ${path} AS l SET ${c.nextAttemptAt} = now() + $1 * interval '1 millisecond',
         ${c.attempts} = least(l.${c.attempts} + 1, $2),
         ${c.status} = CASE WHEN ${isOver} THEN 'failed' ELSE 'pending' END,
         ${c.error} = CASE WHEN ${isOver} THEN '${UNHEARD_OF}' ELSE l.${c.error} END
       WHERE l.${c.id} = (SELECT ${c.id} FROM ${path}
         WHERE ${c.status} = 'pending' AND ${c.nextAttemptAt} <= now()
         ORDER BY ${c.nextAttemptAt} LIMIT 1 FOR UPDATE SKIP LOCKED)
       RETURNING ${select('l')}`,
      [leaseMs, maxAttempts],
    );
    return link && Object.assign(link, { isCounted: true as const });
  }

  /** Puts a failed attempt off, longer each time, or gives it up after the last. */
  async postpone({ id, isCounted }: LinkPair, error: unknown): Promise<AccountLink | undefined> {
    const { path, columns: c, select } = this.table;
    const { firstDelayMs, maxDelayMs, maxAttempts } = this.settings;
    const reason = error instanceof Error ? error.message : String(error);
    const attempts = `(l.${c.attempts} + ${isCounted ? 0 : 1})`;
    const [link] = await rowsOf<AccountLink>(
      this.dataSource,
      `UPDATE ${path} AS l SET ${c.attempts} = ${attempts}, ${c.error} = $2, ${c.updatedAt} = now(),
         ${c.status} = CASE WHEN ${attempts} >= $5 THEN 'failed' ELSE 'pending' END,
         ${c.nextAttemptAt} = now() + (0.75 + random() / 2) * interval '1 millisecond'
           * least($3::float8 * power(2, least(${attempts} - 1, 30)), $4::float8)
       WHERE l.${c.id} = $1 AND l.${c.status} = 'pending' RETURNING ${select('l')}`,
      [id, reason.slice(0, LONGEST_ERROR), firstDelayMs, maxDelayMs, maxAttempts],
    );
    return link ?? this.ledger.find(id);
  }
}
