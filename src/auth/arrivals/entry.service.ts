import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AnonymousException } from '../../common/errors.js';
import { rowsOf, runWaitingBriefly, SqlParameters, WAITING_BRIEFLY } from '../../common/sql.js';
import { AccountHoldsService } from '../../users/account-holds.service.js';
import { PreparedStatements } from '../../users/prepared-statements.js';
import { Tables } from '../../users/tables.js';
import type { User } from '../../users/user.js';
import type { UserTable } from '../../users/user-table.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import {
  AccountLinker,
  type GuestCredential,
  type LinkPlan,
  type RecordedLink,
} from '../account-linker.js';
import type { AccountProof } from '../proof.js';
import type { LiveSession } from '../sessions/live-session.js';
import { liveSession, type SessionRow, SessionsService } from '../sessions/sessions.service.js';
import type { SignInContext } from '../sign-in-context.js';
import type { PreparedSignIn } from './arrivals.service.js';

/** A session of an account that was there before, and the link of the guest that came with it. */
export interface Entry {
  readonly session: LiveSession;
  readonly link: RecordedLink | null;
}

/** The account that the statement holds, and what its other parts call it. */
const HELD = { from: 'held', id: 'held."key"', epoch: 'held."epoch"' };

interface EntryRow extends User, SessionRow {
  readonly key: unknown;
  readonly isOpened: boolean;
}

/**
 * Lets people in who have shown that an account is theirs: most sign-ins. Nothing has to be found out on the way, so account
 * and password are held, the session begins and the guest's link opens in one statement, whole by itself.
 */
@Injectable()
export class EntryService {
  private readonly users: UserTable;

  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly statements: PreparedStatements,
    private readonly accounts: AccountHoldsService,
    private readonly sessions: SessionsService,
    private readonly linker: AccountLinker,
    tables: Tables,
  ) {
    this.users = tables.users;
  }

  /** @throws AnonymousException the proof's refusal when the account, or its password, is another by now. */
  async enter(
    proof: AccountProof,
    { guests: { bound: guest }, plan }: Pick<PreparedSignIn, 'guests' | 'plan'>,
    { caller, client, endsWithBrowser = false }: SignInContext,
  ): Promise<Entry> {
    const p = new SqlParameters();
    const parts = [`held AS MATERIALIZED (${this.holding(p, proof)})`];
    const { handle, sql } = this.sessions.beginning(p, HELD, client);
    parts.push(`begun AS (${sql})`);
    if (caller && !caller.isGuest) {
      const ending = this.sessions.ending(p, caller.userId, caller.handle);
      parts.push(`ended AS (${ending} AND EXISTS (SELECT 1 FROM held))`);
    }
    // After a wait for account or password these two are read again, the guest is not: it may be an account by now, or gone.
    // The merge locks it, looks at it again, and withdraws a link that is nobody's. To lock it here would make sign-ins wait
    // for merges and for the reaper.
    const account = { id: proof.userId, from: HELD.from, key: HELD.id };
    // Where somebody is asked first no merge looks at the guest again, so that link opens when the wait is over.
    const opening = guest && plan === 'merge' ? this.linker.opening(p, guest, account) : undefined;
    if (opening) parts.push(`opened AS (${opening.sql})`);
    const isOpened = opening ? 'EXISTS (SELECT 1 FROM opened)' : 'false';
    const [row] = await rowsOf<EntryRow>(
      this.statements,
      `WITH ${parts.join(', ')} SELECT held.*, begun.*, ${isOpened} AS "isOpened" FROM held CROSS JOIN begun`,
      p.values,
    );
    if (!row) throw new AnonymousException(proof.refusal, { cause: 'outdated proof' });
    const { key: _, isOpened: hasLink, ...found } = row;
    const session = liveSession(found, handle, endsWithBrowser);
    if (!guest) return { session, link: null };
    return {
      session,
      link: opening && hasLink ? opening.link : await this.record(guest, session, plan),
    };
  }

  /** Somebody is asked first, the pair is known, the guest is elsewhere or gone, or a link of another kind gives way. */
  private async record(
    guest: GuestCredential,
    { user, handle }: LiveSession,
    plan: LinkPlan,
  ): Promise<RecordedLink | null> {
    try {
      return await runWaitingBriefly(this.dataSource, (manager) =>
        this.linker.record(manager, guest, user.id, plan),
      );
    } catch (error) {
      // Nobody hears of the session. The first error says most.
      await this.sessions.end(this.dataSource, user.id, handle).catch(() => undefined);
      throw error;
    }
  }

  private holding(p: SqlParameters, { userId: id, epoch, secretHash }: AccountProof): string {
    const select = `u.${this.users.columns.id} AS "key", ${this.users.select('u')}`;
    const account = { id, epoch, ...(secretHash !== undefined && { secretHash }) };
    return this.accounts.statement(p, account, { select, condition: WAITING_BRIEFLY });
  }
}
