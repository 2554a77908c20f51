import { Inject, Injectable } from '@nestjs/common';
import { createHmac } from 'node:crypto';
import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { AUTH_SETTINGS, type AuthSettings } from '../../auth/auth.settings.js';
import { AuthFlow } from '../../auth/flows/auth-flow.js';
import { AnonymousException } from '../../common/errors.js';
import { rowsOf, runInTransaction, type SqlTable } from '../../common/sql.js';
import { Tables } from '../../users/tables.js';
import type { UserId } from '../../users/user.js';
import type { InsertCondition } from '../../users/user-inserts.js';
import { UsersService } from '../../users/users.service.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { OwnershipService } from '../../linking/ownership/ownership.service.js';

const PURPOSE = 'issue';
const LIFETIME_MS = 60_000;
/** How far apart the first requests of one page may arrive. Shorter than that after the first one, a key is not void yet. */
const PARALLEL_MS = 10_000;

/** An `Idempotency-Key` as it is stored: an HMAC, because whoever presents the key gets the guest. */
export type IssueKey = Buffer;

/** The guest that a key has issued. */
export interface KeyedGuest {
  readonly guestId: UserId;
  /** The request that issued the guest is over, and so are those that were sent along with it. */
  readonly isSettled: boolean;
}

/** Makes parallel first requests of one browser share one guest. */
@Injectable()
export class IssueKeysService {
  private readonly table: SqlTable<AuthFlow>;

  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(AUTH_SETTINGS) private readonly settings: AuthSettings,
    private readonly users: UsersService,
    private readonly ownership: OwnershipService,
    tables: Tables,
  ) {
    this.table = tables.of(AuthFlow);
  }

  /** @throws AnonymousException `INVALID_IDEMPOTENCY_KEY` */
  parse(header: string | undefined): IssueKey | undefined {
    if (header === undefined) return undefined;
    if (!/^[\x21-\x7e]{22,255}$/.test(header)) {
      throw new AnonymousException('INVALID_IDEMPOTENCY_KEY');
    }
    const [{ key }] = this.settings.keys;
    return createHmac('sha256', key).update(`${PURPOSE}:${header}`).digest();
  }

  /**
   * Lets the guest be inserted only by the first request with this key. The others wait for it at the unique index.
   * @param isSettled `false` when the guest is issued inside a request that goes on to write for it.
   */
  claim(key: IssueKey, isSettled: boolean): InsertCondition {
    const { path, columns: c } = this.table;
    const live = `f.${c.expiresAt} > now()`;
    return (guestId, bind) => ({
      cte: `flow AS (
        INSERT INTO ${path} AS f (${c.id}, ${c.purpose}, ${c.tokenHash}, ${c.guestId}, ${c.consumedAt}, ${c.expiresAt})
        VALUES (${bind(uuidv7())}, '${PURPOSE}', ${bind(key)}, ${guestId},
          CASE WHEN ${bind(isSettled)} THEN now() END, now() + ${bind(LIFETIME_MS)} * interval '1 millisecond')
        ON CONFLICT (${c.purpose}, ${c.tokenHash}) DO UPDATE SET
          ${c.guestId} = CASE WHEN ${live} THEN f.${c.guestId} ELSE excluded.${c.guestId} END,
          ${c.consumedAt} = CASE WHEN ${live} THEN f.${c.consumedAt} ELSE excluded.${c.consumedAt} END,
          ${c.attempts} = CASE WHEN ${live} THEN f.${c.attempts} + 1 ELSE 0 END,
          ${c.expiresAt} = CASE WHEN ${live} THEN f.${c.expiresAt} ELSE excluded.${c.expiresAt} END
        RETURNING ${c.guestId} AS guest_id)`,
      condition: `(SELECT guest_id FROM flow) = ${guestId}`,
    });
  }

  async find(key: IssueKey): Promise<KeyedGuest | undefined> {
    const { path, columns: c } = this.table;
    const [guest] = await rowsOf<KeyedGuest>(
      this.dataSource,
      `SELECT ${c.guestId}::text AS "guestId",
         coalesce(${c.consumedAt} < now() - $2 * interval '1 millisecond', false) AS "isSettled"
       FROM ${path} WHERE ${c.purpose} = '${PURPOSE}' AND ${c.tokenHash} = $1 AND ${c.expiresAt} > now()`,
      [key, PARALLEL_MS],
    );
    return guest;
  }

  /** The issuing request is over: soon the key is void once the guest owns a row. */
  async settle(key: IssueKey): Promise<void> {
    const { path, columns: c } = this.table;
    await this.dataSource.query(
      `UPDATE ${path} SET ${c.consumedAt} = now() WHERE ${c.purpose} = '${PURPOSE}' AND ${c.tokenHash} = $1`,
      [key],
    );
  }

  /** Voids the key for one guest: the next request with it gets a new one. */
  async revoke(key: IssueKey, guestId: UserId): Promise<void> {
    const { path, columns: c } = this.table;
    await this.dataSource.query(
      `DELETE FROM ${path} WHERE ${c.purpose} = '${PURPOSE}' AND ${c.tokenHash} = $1 AND ${c.guestId} = $2`,
      [key, guestId],
    );
  }

  /**
   * Takes a guest back whose request failed, unless it owns something by then or another request shares it.
   * @returns whether the guest is gone.
   */
  withdraw(guestId: UserId, key: IssueKey | undefined): Promise<boolean> {
    const { path, columns: c } = this.table;
    return runInTransaction(this.dataSource, async (manager) => {
      if (key) {
        const shared = await rowsOf(
          manager,
          `SELECT 1 FROM ${path} WHERE ${c.purpose} = '${PURPOSE}' AND ${c.tokenHash} = $1
             AND ${c.guestId} = $2 AND ${c.attempts} = 0 FOR UPDATE`,
          [key, guestId],
        );
        if (shared.length === 0) return false;
        await manager.query(
          `DELETE FROM ${path} WHERE ${c.purpose} = '${PURPOSE}' AND ${c.tokenHash} = $1`,
          [key],
        );
      }
      if (!(await this.users.lockGuest(manager, guestId))) return false;
      if (await this.ownership.ownsAnything(manager, guestId)) return false;
      return this.users.deleteGuest(manager, guestId);
    });
  }
}
