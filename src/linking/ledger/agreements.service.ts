import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { rowsOf, type SqlExecutor, type SqlTable } from '../../common/sql.js';
import { Tables } from '../../users/tables.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { LINKING_SETTINGS, type LinkingSettings } from '../linking.options.js';
import { AccountLink, CONFIRMABLE_STATUSES, type LinkSide, statusList } from './account-link.js';
import { BOTH_SIDES } from './opening.js';

/** Codes that are not the link's, until no code is taken any more. */
export const MOST_WRONG_CODES = 5;

/** Who has said yes to a link that both sides confirm. */
export interface LinkAgreement {
  readonly guest: boolean;
  readonly account: boolean;
}

/** A yes counts only while the link waits: whoever declines, or lets its time run out, takes back both. */
export function agreementOf({
  status,
  guestAgreedAt,
  accountAgreedAt,
}: Pick<AccountLink, 'status' | 'guestAgreedAt' | 'accountAgreedAt'>): LinkAgreement {
  const isWaiting = status === 'awaiting-consent';
  return {
    guest: isWaiting && guestAgreedAt !== null,
    account: isWaiting && accountAgreedAt !== null,
  };
}

/** What guest and account say to a link that needs the word of both, in the ledger. */
@Injectable()
export class AgreementsService {
  private readonly table: SqlTable<AccountLink>;

  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(LINKING_SETTINGS) private readonly settings: LinkingSettings,
    tables: Tables,
  ) {
    this.table = tables.of(AccountLink);
  }

  /**
   * One side says yes. One statement, so of two that say so at once exactly one is the second, and makes the link due. A link
   * that does not wait any more waits again, for as long as a new one.
   * @returns `undefined` when no code is taken for this link any more.
   */
  async agree(
    executor: SqlExecutor,
    linkId: string,
    side: LinkSide,
  ): Promise<AccountLink | undefined> {
    const { path, columns: c, select } = this.table;
    const [own, other] =
      side === 'guest'
        ? [c.guestAgreedAt, c.accountAgreedAt]
        : [c.accountAgreedAt, c.guestAgreedAt];
    const isWaiting = `l.${c.status} = 'awaiting-consent'`;
    const isSecond = `${isWaiting} AND l.${other} IS NOT NULL`;
    const [link] = await rowsOf<AccountLink>(
      executor,
      `UPDATE ${path} AS l SET ${own} = now(), ${other} = CASE WHEN ${isWaiting} THEN l.${other} END,
         ${c.status} = CASE WHEN ${isSecond} THEN 'pending' ELSE 'awaiting-consent' END,
         ${c.nextAttemptAt} = CASE
           WHEN ${isSecond} THEN now() + $2 * interval '1 millisecond'
           WHEN ${isWaiting} THEN l.${c.nextAttemptAt}
           ELSE now() + $3 * interval '1 millisecond' END,
         ${c.attempts} = 0, ${c.error} = NULL, ${c.updatedAt} = now()
       WHERE l.${c.id} = $1 AND ${this.takesCodes('l')} RETURNING ${select('l')}`,
      [linkId, this.settings.leaseMs, this.settings.consentWithinMs],
    );
    return link;
  }

  /**
   * Notes that somebody has sent a code that is not the link's. The last one that is borne declines the link.
   * @returns whether there was one left.
   */
  async countWrongCode(linkId: string): Promise<boolean> {
    const { path, columns: c } = this.table;
    const isLast = `l.${c.wrongCodes} + 1 >= ${MOST_WRONG_CODES}`;
    const rows = await rowsOf(
      this.dataSource,
      `UPDATE ${path} AS l SET ${c.wrongCodes} = l.${c.wrongCodes} + 1, ${c.updatedAt} = now(),
         ${c.status} = CASE WHEN ${isLast} THEN 'declined' ELSE l.${c.status} END,
         ${c.nextAttemptAt} = CASE WHEN ${isLast} THEN NULL ELSE l.${c.nextAttemptAt} END
       WHERE l.${c.id} = $1 AND ${this.takesCodes('l')} RETURNING 1`,
      [linkId],
    );
    return rows.length === 1;
  }

  private takesCodes(alias: string): string {
    const { columns: c } = this.table;
    return `${alias}.${c.policy} = '${BOTH_SIDES}' AND ${alias}.${c.wrongCodes} < ${MOST_WRONG_CODES}
      AND ${alias}.${c.status} IN (${statusList(CONFIRMABLE_STATUSES)})`;
  }
}
