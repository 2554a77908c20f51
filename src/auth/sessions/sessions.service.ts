import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { rowsOf, type SqlExecutor, SqlParameters, type SqlTable } from '../../common/sql.js';
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

/** A session beside its user, whose columns have some of the same names. */
export interface SessionRow {
  readonly sessionExpiresAt: Date;
  readonly sessionCreatedAt: Date;
  readonly sessionUpdatedAt: Date;
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
}

/** SQL: whose session it is, an id and an epoch, and after FROM where they are found. */
export interface SessionOwner {
  readonly id: string;
  readonly epoch: string;
  readonly from?: string;
}

/** What begins a session, for the statement that signs somebody in. */
export interface BeginningSession {
  readonly handle: string;
  /** `INSERT` that returns a {@link SessionRow}. */
  readonly sql: string;
}

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
    const p = new SqlParameters();
    const owner = { id: p.bind(user.id), epoch: p.bind(user.epoch) };
    const { handle, sql } = this.beginning(p, owner, client);
    const [row] = await rowsOf<SessionRow>(executor, sql, p.values);
    return liveSession(Object.assign(row!, user), handle, endsWithBrowser);
  }

  /** The same as a part of a statement. */
  beginning(
    p: SqlParameters,
    { id, epoch, from }: SessionOwner,
    { ipAddress, userAgent }: ClientInfo,
  ): BeginningSession {
    const { path, columns: c } = this.table;
    const handle = uuidv7();
    const ttl = `${p.bind(this.settings.sessionTtlMs)} * interval '1 millisecond'`;
    const sql = `INSERT INTO ${path} AS s
         (${c.id}, ${c.userId}, ${c.epoch}, ${c.expiresAt}, ${c.ipAddress}, ${c.userAgent})
       SELECT ${p.bind(handle)}, ${id}, ${epoch}, now() + ${ttl}, ${p.bind(ipAddress)}, ${p.bind(userAgent)}
       ${from === undefined ? '' : `FROM ${from}`}
       RETURNING ${this.selection}`;
    return { handle, sql };
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
    const p = new SqlParameters();
    await executor.query(this.ending(p, userId, handle), p.values);
  }

  /** The same as a part of a statement. */
  ending(p: SqlParameters, userId: UserId, handle: string): string {
    const { path, columns: c } = this.table;
    return `DELETE FROM ${path} WHERE ${c.id} = ${p.bind(handle)} AND ${c.userId} = ${p.bind(userId)}`;
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
    const [row] = await rowsOf<User & SessionRow>(
      this.statements,
      `SELECT ${select('u')}, ${this.selection}
       FROM ${this.table.path} s JOIN ${users} u ON u.${u.id} = s.${s.userId} AND u.${u.epoch} = s.${s.epoch}
       WHERE s.${s.id} = $1 AND s.${s.userId} = $2 AND s.${s.epoch} = $3
         AND s.${s.expiresAt} > now() AND NOT u.${u.isAnonymous}
         AND ${this.users.table.live('u')}`,
      [claims.handle, claims.userId, claims.epoch],
    );
    return row && liveSession(row, claims.handle, claims.endsWithBrowser);
  }

  /** What a {@link SessionRow} is read from. */
  private get selection(): string {
    const { columns: s } = this.table;
    return `s.${s.expiresAt} AS "sessionExpiresAt", s.${s.createdAt} AS "sessionCreatedAt",
      s.${s.updatedAt} AS "sessionUpdatedAt", s.${s.ipAddress} AS "ipAddress", s.${s.userAgent} AS "userAgent"`;
  }
}

/** The session of a row that has its user's columns too. */
export function liveSession(
  row: User & SessionRow,
  handle: string,
  endsWithBrowser: boolean,
): LiveSession {
  const { sessionExpiresAt, sessionCreatedAt, sessionUpdatedAt, ipAddress, userAgent, ...user } =
    row;
  return {
    user,
    handle,
    expiresAt: sessionExpiresAt,
    createdAt: sessionCreatedAt,
    updatedAt: sessionUpdatedAt,
    ipAddress,
    userAgent,
    endsWithBrowser,
  };
}
