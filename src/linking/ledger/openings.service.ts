import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type {
  FoundAccount,
  GuestCredential,
  LinkPlan,
  OpeningLink,
} from '../../auth/account-linker.js';
import { rowsOf, type SqlExecutor, SqlParameters, type SqlTable } from '../../common/sql.js';
import { Tables } from '../../users/tables.js';
import type { UserId } from '../../users/user.js';
import { UsersService } from '../../users/users.service.js';
import { LINKING_SETTINGS, type LinkingSettings } from '../linking.options.js';
import { AccountLink, CONFIRMABLE_STATUSES, statusList } from './account-link.js';
import { BOTH_SIDES, openingOf } from './opening.js';

/** How links begin. The unique indexes, over the guest and over the pair, decide every race. */
@Injectable()
export class OpeningsService {
  private readonly table: SqlTable<AccountLink>;

  constructor(
    @Inject(LINKING_SETTINGS) private readonly settings: LinkingSettings,
    private readonly users: UsersService,
    tables: Tables,
  ) {
    this.table = tables.of(AccountLink);
  }

  /**
   * Opens the link of a live guest to an account. The same pair always gets the same link; `undefined` when the guest
   * does not live or belongs to another account already, or there is no such account. A link that waits for both sides is
   * nobody's word, so it gives way: to one that is, and to a later one of its kind.
   */
  async open(
    executor: SqlExecutor,
    guest: GuestCredential,
    accountId: UserId,
    plan: LinkPlan,
  ): Promise<AccountLink | undefined> {
    const opened = await this.insert(executor, uuidv7(), guest, accountId, plan);
    if (opened) return opened;
    const known = await this.findPair(executor, guest.id, accountId);
    if (known && known.policy !== BOTH_SIDES) return known;
    if (!(await this.makeWay(executor, guest, accountId, plan))) return known;
    const id = plan === BOTH_SIDES ? known?.id : undefined;
    return this.insert(executor, id ?? uuidv7(), guest, accountId, plan);
  }

  /** What opens the link of a live guest as a part of a statement; nothing when a link is in the way. */
  opening(
    p: SqlParameters,
    guest: GuestCredential,
    account: FoundAccount,
    plan: LinkPlan,
    id: string = uuidv7(),
  ): OpeningLink {
    const { path, columns: c, select } = this.table;
    const { path: users, columns: u, live } = this.users.table;
    const { status, policy, nextAttemptMs } = openingOf(
      plan === 'undecided' ? undefined : plan,
      this.settings,
    );
    const next = `now() + ${p.bind(nextAttemptMs)} * interval '1 millisecond'`;
    const sql = `INSERT INTO ${path} AS l (${c.id}, ${c.guestId}, ${c.accountId}, ${c.status}, ${c.policy}, ${c.nextAttemptAt})
       SELECT ${p.bind(id)}, u.${u.id}, ${account.key}, ${p.bind(status)}, ${p.bind(policy)}, ${next}
       FROM ${users} u CROSS JOIN ${account.from}
       WHERE u.${u.id} = ${p.bind(guest.id)} AND u.${u.epoch} = ${p.bind(guest.epoch)}
         AND u.${u.isAnonymous} AND ${live('u')}
       ON CONFLICT DO NOTHING
       RETURNING ${select('l')}`;
    const link = { id, guestId: guest.id, accountId: account.id, status, policy, receipt: null };
    return { link, sql };
  }

  private async insert(
    executor: SqlExecutor,
    id: string,
    guest: GuestCredential,
    accountId: UserId,
    plan: LinkPlan,
  ): Promise<AccountLink | undefined> {
    const { path, columns: u, live } = this.users.table;
    const p = new SqlParameters();
    const from = `(SELECT a.${u.id} AS "key" FROM ${path} a
         WHERE a.${u.id} = ${p.bind(accountId)} AND NOT a.${u.isAnonymous} AND ${live('a')}) account`;
    const account = { id: accountId, from, key: 'account."key"' };
    const { sql } = this.opening(p, guest, account, plan, id);
    const [opened] = await rowsOf<AccountLink>(executor, sql, p.values);
    return opened;
  }

  private async findPair(
    executor: SqlExecutor,
    guestId: UserId,
    accountId: UserId,
  ): Promise<AccountLink | undefined> {
    const { path, columns: c, select } = this.table;
    const [known] = await rowsOf<AccountLink>(
      executor,
      `SELECT ${select('l')} FROM ${path} l WHERE l.${c.guestId} = $1 AND l.${c.accountId} = $2`,
      [guestId, accountId],
    );
    return known;
  }

  /**
   * Removes the links of a live guest that wait for both sides. A later one of their kind takes the place of those to other
   * accounts unless the guest has agreed, for the address may have been mistyped; and of one to the same account that does
   * not wait any more, for both are asked again.
   */
  private async makeWay(
    executor: SqlExecutor,
    guest: GuestCredential,
    accountId: UserId,
    plan: LinkPlan,
  ): Promise<boolean> {
    const { path, columns: c } = this.table;
    const { path: users, columns: u, live } = this.users.table;
    const isInTheWay =
      plan === BOTH_SIDES
        ? `CASE WHEN l.${c.accountId} = $3 THEN l.${c.status} <> 'awaiting-consent'
             ELSE l.${c.status} = 'awaiting-consent' AND l.${c.guestAgreedAt} IS NULL END`
        : 'true';
    const removed = await rowsOf(
      executor,
      `DELETE FROM ${path} l WHERE l.${c.guestId} = $1 AND l.${c.policy} = '${BOTH_SIDES}'
         AND l.${c.status} IN (${statusList(CONFIRMABLE_STATUSES)}) AND ${isInTheWay}
         AND EXISTS (SELECT 1 FROM ${users} u WHERE u.${u.id} = $1 AND u.${u.epoch} = $2
           AND u.${u.isAnonymous} AND ${live('u')})
       RETURNING 1`,
      plan === BOTH_SIDES ? [guest.id, guest.epoch, accountId] : [guest.id, guest.epoch],
    );
    return removed.length > 0;
  }
}
