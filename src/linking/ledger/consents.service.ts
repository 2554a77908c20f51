import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { rowsOf, type SqlExecutor, type SqlTable } from '../../common/sql.js';
import type { UserId } from '../../users/user.js';
import { Tables } from '../../users/tables.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { LINKING_SETTINGS, type LinkingSettings } from '../linking.options.js';
import type { LinkDecision } from '../policy/link-policy.js';
import { AccountLink, CONFIRMABLE_STATUSES, statusList } from './account-link.js';
import { openingOf, UNDECIDED } from './opening.js';

const MOST_LISTED = 100;

/** What people and policies decide about links, in the ledger. */
@Injectable()
export class ConsentsService {
  private readonly table: SqlTable<AccountLink>;

  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(LINKING_SETTINGS) private readonly settings: LinkingSettings,
    tables: Tables,
  ) {
    this.table = tables.of(AccountLink);
  }

  /** The links of an account or a guest, latest first. */
  list(userId: UserId): Promise<AccountLink[]> {
    const { path, columns: c, select } = this.table;
    return rowsOf<AccountLink>(
      this.dataSource,
      `SELECT ${select('l')} FROM ${path} l WHERE l.${c.accountId} = $1 OR l.${c.guestId} = $1
       ORDER BY l.${c.createdAt} DESC, l.${c.id} DESC LIMIT ${MOST_LISTED}`,
      [userId],
    );
  }

  /** One link, if it is about this user. */
  async find(
    linkId: string,
    userId: UserId,
    executor: SqlExecutor = this.dataSource,
  ): Promise<AccountLink | undefined> {
    const { path, columns: c, select } = this.table;
    const [link] = await rowsOf<AccountLink>(
      executor,
      `SELECT ${select('l')} FROM ${path} l
       WHERE l.${c.id} = $1 AND (l.${c.accountId} = $2 OR l.${c.guestId} = $2)`,
      [linkId, userId],
    );
    return link;
  }

  /** Takes the link up: from now on the guest's credential is dead and the merge is due. */
  confirm(executor: SqlExecutor, linkId: string): Promise<AccountLink | undefined> {
    const { columns: c } = this.table;
    return this.change(
      executor,
      linkId,
      `${c.status} = 'pending', ${c.attempts} = 0, ${c.error} = NULL,
       ${c.nextAttemptAt} = now() + $2 * interval '1 millisecond'`,
      statusList(CONFIRMABLE_STATUSES),
      [this.settings.leaseMs],
    );
  }

  decline(linkId: string): Promise<AccountLink | undefined> {
    const { columns: c } = this.table;
    const changes = `${c.status} = 'declined', ${c.nextAttemptAt} = NULL`;
    return this.change(this.dataSource, linkId, changes, statusList(CONFIRMABLE_STATUSES), []);
  }

  /** Writes down what a policy has decided late. */
  async decide(linkId: string, decision: LinkDecision): Promise<AccountLink | undefined> {
    const { path, columns: c, select } = this.table;
    const { status, policy, nextAttemptMs } = openingOf(decision, this.settings);
    const [link] = await rowsOf<AccountLink>(
      this.dataSource,
      `UPDATE ${path} AS l SET ${c.status} = $2, ${c.policy} = $3, ${c.updatedAt} = now(),
         ${c.nextAttemptAt} = now() + $4 * interval '1 millisecond'
       WHERE l.${c.id} = $1 AND l.${c.status} = 'pending' AND l.${c.policy} = '${UNDECIDED}'
       RETURNING ${select('l')}`,
      [linkId, status, policy, nextAttemptMs],
    );
    return link;
  }

  /** Whoever does not answer in time keeps both. */
  async lapse(): Promise<void> {
    const { path, columns: c } = this.table;
    await this.dataSource.query(
      `UPDATE ${path} SET ${c.status} = 'kept', ${c.nextAttemptAt} = NULL, ${c.updatedAt} = now()
       WHERE ${c.status} = 'awaiting-consent' AND ${c.nextAttemptAt} <= now()`,
    );
  }

  async forget(executor: SqlExecutor, guestId: UserId): Promise<void> {
    const { path, columns: c } = this.table;
    await executor.query(
      `DELETE FROM ${path} WHERE ${c.guestId} = $1 AND ${c.status} IN (${statusList(CONFIRMABLE_STATUSES)})`,
      [guestId],
    );
  }

  private async change(
    executor: SqlExecutor,
    linkId: string,
    changes: string,
    statuses: string,
    parameters: readonly unknown[],
  ): Promise<AccountLink | undefined> {
    const { path, columns: c, select } = this.table;
    const [link] = await rowsOf<AccountLink>(
      executor,
      `UPDATE ${path} AS l SET ${changes}, ${c.updatedAt} = now()
       WHERE l.${c.id} = $1 AND l.${c.status} IN (${statuses}) RETURNING ${select('l')}`,
      [linkId, ...parameters],
    );
    return link;
  }
}
