import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AnonymousException } from '../../common/errors.js';
import { rowsOf, type SqlExecutor, type SqlTable } from '../../common/sql.js';
import { Tables } from '../../users/tables.js';
import type { User, UserId } from '../../users/user.js';
import { UsersService } from '../../users/users.service.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { PendingFlows } from '../flows/pending-flows.service.js';
import type { LiveSession } from '../sessions/live-session.js';
import { SessionCache } from '../sessions/session-cache.js';
import { Session } from '../sessions/session.js';

/** How long ago a person may have signed in to do what else needs the password. */
const FRESH_FOR = '1 day';

/** A session by its names. */
export interface SessionOfAccount extends Pick<LiveSession, 'handle'> {
  readonly user: Pick<User, 'id'>;
}

/** An account that is locked, with what its session says by now. */
export interface HeldAccount {
  readonly user: User;
  /** The session began within the last day, so the person has proven who they are not long ago. */
  readonly isFresh: boolean;
}

/** The sessions of one account, as its owner sees and ends them. */
@Injectable()
export class AccountSessionsService {
  private readonly table: SqlTable<Session>;

  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly users: UsersService,
    private readonly pending: PendingFlows,
    private readonly cache: SessionCache,
    tables: Tables,
  ) {
    this.table = tables.of(Session);
  }

  /** The sessions that are alive, latest first. */
  list(userId: UserId): Promise<Session[]> {
    const { path, columns: s, select } = this.table;
    const { path: users, columns: u } = this.users.table;
    return rowsOf<Session>(
      this.dataSource,
      `SELECT ${select('s')} FROM ${path} s JOIN ${users} u ON u.${u.id} = s.${s.userId} AND u.${u.epoch} = s.${s.epoch}
       WHERE s.${s.userId} = $1 AND s.${s.expiresAt} > now() ORDER BY s.${s.createdAt} DESC, s.${s.id} DESC`,
      [userId],
    );
  }

  /** Ends one session of the account, if it is one. */
  revoke(userId: UserId, handle: string): Promise<void> {
    return this.end(userId, `${this.table.columns.id} = $2`, [handle]);
  }

  revokeAll(userId: UserId): Promise<void> {
    return this.end(userId, 'true');
  }

  revokeOthers(userId: UserId, handle: string): Promise<void> {
    return this.end(userId, `${this.table.columns.id} <> $2`, [handle]);
  }

  /**
   * Locks the account of a session until the transaction ends: nobody signs in to it, merges into it or writes for it
   * meanwhile. The session is read again after the wait.
   * @throws AnonymousException `UNAUTHORIZED` when it has ended since the request was let in.
   */
  async hold(executor: SqlExecutor, { user, handle }: SessionOfAccount): Promise<HeldAccount> {
    const { path, columns: s } = this.table;
    const { path: users, columns: u, select, live } = this.users.table;
    const [row] = await rowsOf<User & { isFresh: boolean }>(
      executor,
      `SELECT ${select('u')}, s.${s.createdAt} > now() - interval '${FRESH_FOR}' AS "isFresh"
       FROM ${users} u JOIN ${path} s ON s.${s.userId} = u.${u.id} AND s.${s.epoch} = u.${u.epoch}
       WHERE u.${u.id} = $1 AND s.${s.id} = $2 AND s.${s.expiresAt} > now()
         AND NOT u.${u.isAnonymous} AND ${live('u')}
       FOR UPDATE OF u FOR KEY SHARE OF s`,
      [user.id, handle],
    );
    if (!row) throw new AnonymousException('UNAUTHORIZED', { cause: 'the session has ended' });
    const { isFresh, ...held } = row;
    return { user: held, isFresh };
  }

  private async end(
    userId: UserId,
    condition: string,
    parameters: readonly unknown[] = [],
  ): Promise<void> {
    const { path, columns: c } = this.table;
    // Whoever ends a session may do so because a thief has it, who has asked for another address.
    await this.pending.abandon(this.dataSource, 'change-email', userId);
    await this.dataSource.query(`DELETE FROM ${path} WHERE ${c.userId} = $1 AND ${condition}`, [
      userId,
      ...parameters,
    ]);
    this.cache.forget(userId);
  }
}
