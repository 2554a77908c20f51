import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { rowsOf, type SqlExecutor, type SqlTable } from '../../common/sql.js';
import { PreparedStatements } from '../../users/prepared-statements.js';
import { Tables } from '../../users/tables.js';
import type { User, UserId } from '../../users/user.js';
import { UsersService } from '../../users/users.service.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { AccountLinker } from '../account-linker.js';
import { AUTH_SETTINGS, type AuthSettings } from '../auth.settings.js';
import type { ClientInfo } from '../requests/client-info.js';
import type { SessionClaims } from '../tokens/session-claims.js';
import type { LiveSession } from './live-session.js';
import { Session } from './session.js';

type AccountRow = User & {
  readonly sessionExpiresAt: Date;
  readonly sessionCreatedAt: Date;
  readonly sessionUpdatedAt: Date;
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
};

/** Begins, finds, extends and ends sessions. Finding one costs a single statement. */
@Injectable()
export class SessionsService {
  private readonly table: SqlTable<Session>;

  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(AUTH_SETTINGS) private readonly settings: AuthSettings,
    private readonly statements: PreparedStatements,
    private readonly users: UsersService,
    private readonly linker: AccountLinker,
    tables: Tables,
  ) {
    this.table = tables.of(Session);
  }

  /** The live session that a token claims, or `undefined`: expired, ended, or its user is gone, upgraded or linked. */
  find(claims: SessionClaims): Promise<LiveSession | undefined> {
    return claims.isGuest ? this.findGuest(claims) : this.findAccount(claims);
  }

  async begin(
    executor: SqlExecutor,
    user: User,
    client: ClientInfo,
    endsWithBrowser = false,
  ): Promise<LiveSession> {
    const { path, columns: c, select } = this.table;
    const [session] = await rowsOf<Session>(
      executor,
      `INSERT INTO ${path} AS s
         (${c.id}, ${c.userId}, ${c.epoch}, ${c.expiresAt}, ${c.ipAddress}, ${c.userAgent})
       VALUES ($1, $2, $3, now() + $4 * interval '1 millisecond', $5, $6)
       RETURNING ${select('s')}`,
      [
        uuidv7(),
        user.id,
        user.epoch,
        this.settings.sessionTtlMs,
        client.ipAddress,
        client.userAgent,
      ],
    );
    const { id: handle, expiresAt, createdAt, updatedAt, ipAddress, userAgent } = session!;
    return { user, handle, expiresAt, createdAt, updatedAt, ipAddress, userAgent, endsWithBrowser };
  }

  /** Pushes the end of an account's session out by its full length. Answers the new end; `undefined` when it is over. */
  async extend(session: LiveSession): Promise<Date | undefined> {
    const { path, columns: c } = this.table;
    const [row] = await rowsOf<{ expiresAt: Date }>(
      this.dataSource,
      `UPDATE ${path} SET ${c.expiresAt} = now() + $2 * interval '1 millisecond', ${c.updatedAt} = now()
       WHERE ${c.id} = $1 RETURNING ${c.expiresAt} AS "expiresAt"`,
      [session.handle, this.settings.sessionTtlMs],
    );
    return row?.expiresAt;
  }

  async end(executor: SqlExecutor, userId: UserId, handle: string): Promise<void> {
    const { path, columns: c } = this.table;
    await executor.query(`DELETE FROM ${path} WHERE ${c.id} = $1 AND ${c.userId} = $2`, [
      handle,
      userId,
    ]);
  }

  async endAll(executor: SqlExecutor, userId: UserId): Promise<void> {
    const { path, columns: c } = this.table;
    await executor.query(`DELETE FROM ${path} WHERE ${c.userId} = $1`, [userId]);
  }

  private async findGuest(claims: SessionClaims): Promise<LiveSession | undefined> {
    const { path, columns: u, select } = this.users.table;
    const [user] = await rowsOf<User>(
      this.statements,
      `SELECT ${select('u')} FROM ${path} u
       WHERE u.${u.id} = $1 AND u.${u.epoch} = $2 AND u.${u.isAnonymous}
         AND ${this.users.table.live('u')} AND ${this.linker.notTakenOver(`u.${u.id}`)}`,
      [claims.userId, claims.epoch],
    );
    return (
      user && {
        user,
        handle: claims.handle,
        expiresAt: claims.expiresAt,
        createdAt: user.createdAt,
        updatedAt: claims.issuedAt,
        ipAddress: null,
        userAgent: null,
        endsWithBrowser: false,
      }
    );
  }

  private async findAccount(claims: SessionClaims): Promise<LiveSession | undefined> {
    const { path: users, columns: u, select } = this.users.table;
    const s = this.table.columns;
    const [row] = await rowsOf<AccountRow>(
      this.statements,
      `SELECT ${select('u')}, s.${s.expiresAt} AS "sessionExpiresAt", s.${s.createdAt} AS "sessionCreatedAt",
         s.${s.updatedAt} AS "sessionUpdatedAt", s.${s.ipAddress} AS "ipAddress", s.${s.userAgent} AS "userAgent"
       FROM ${this.table.path} s JOIN ${users} u ON u.${u.id} = s.${s.userId} AND u.${u.epoch} = s.${s.epoch}
       WHERE s.${s.id} = $1 AND s.${s.userId} = $2 AND s.${s.epoch} = $3
         AND s.${s.expiresAt} > now() AND NOT u.${u.isAnonymous}
         AND ${this.users.table.live('u')}`,
      [claims.handle, claims.userId, claims.epoch],
    );
    if (!row) return undefined;
    const { sessionExpiresAt, sessionCreatedAt, sessionUpdatedAt, ipAddress, userAgent, ...user } =
      row;
    return {
      user,
      handle: claims.handle,
      expiresAt: sessionExpiresAt,
      createdAt: sessionCreatedAt,
      updatedAt: sessionUpdatedAt,
      ipAddress,
      userAgent,
      endsWithBrowser: claims.endsWithBrowser,
    };
  }
}
