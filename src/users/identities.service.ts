import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { rowsOf, type SqlExecutor, type SqlTable } from '../common/sql.js';
import { Identity } from './identity.js';
import { Tables } from './tables.js';
import type { UserId } from './user.js';
import type { UserTable } from './user-table.js';

/** An identity that nobody holds yet. `subject: null` stands for the id of the user that will hold it. */
export interface NewIdentity {
  readonly provider: string;
  readonly issuer: string;
  readonly subject: string | null;
  readonly secretHash: string | null;
}

/** What a password is checked against. */
export interface PasswordRecord {
  readonly userId: UserId;
  readonly epoch: number;
  readonly secretHash: string;
}

/** The only writer of the identity table. */
@Injectable()
export class IdentitiesService {
  readonly table: SqlTable<Identity>;
  private readonly users: UserTable;

  constructor(tables: Tables) {
    this.table = tables.of(Identity);
    this.users = tables.users;
  }

  /** Fails with a unique violation when somebody holds the identity: the index decides a race. */
  async add(executor: SqlExecutor, userId: UserId, identity: NewIdentity): Promise<void> {
    const { path, columns: c } = this.table;
    await executor.query(
      `INSERT INTO ${path} (${c.id}, ${c.userId}, ${c.provider}, ${c.issuer}, ${c.subject}, ${c.secretHash})
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [
        uuidv7(),
        userId,
        identity.provider,
        identity.issuer,
        identity.subject ?? userId,
        identity.secretHash,
      ],
    );
  }

  /** Removes one way to prove a user. */
  async remove(executor: SqlExecutor, id: string): Promise<void> {
    const { path, columns: c } = this.table;
    await executor.query(`DELETE FROM ${path} WHERE ${c.id} = $1`, [id]);
  }

  /** Removes every way to prove this user. */
  async removeAll(executor: SqlExecutor, userId: UserId): Promise<void> {
    const { path, columns: c } = this.table;
    await executor.query(`DELETE FROM ${path} WHERE ${c.userId} = $1`, [userId]);
  }

  async findPassword(executor: SqlExecutor, email: string): Promise<PasswordRecord | undefined> {
    const u = this.users.columns;
    const i = this.table.columns;
    const [record] = await rowsOf<PasswordRecord>(
      executor,
      `SELECT u.${u.id}::text AS "userId", u.${u.epoch} AS "epoch", i.${i.secretHash} AS "secretHash"
       FROM ${this.users.path} u JOIN ${this.table.path} i ON i.${i.userId} = u.${u.id}
       WHERE lower(u.${u.email}) = $1 AND NOT u.${u.isAnonymous} AND ${this.users.live('u')}
         AND i.${i.provider} = 'password' AND i.${i.secretHash} IS NOT NULL`,
      [email],
    );
    return record;
  }

  /** Whose it is that an issuer vouches for a subject, under whatever name the provider went then. */
  async findHolder(
    executor: SqlExecutor,
    { issuer, subject }: Pick<Identity, 'issuer' | 'subject'>,
  ): Promise<UserId | undefined> {
    const { path, columns: c } = this.table;
    const [holder] = await rowsOf<{ userId: UserId }>(
      executor,
      `SELECT ${c.userId}::text AS "userId" FROM ${path} WHERE ${c.issuer} = $1 AND ${c.subject} = $2`,
      [issuer, subject],
    );
    return holder?.userId;
  }

  /** Every way in that the user has, oldest first. */
  list(executor: SqlExecutor, userId: UserId): Promise<Identity[]> {
    const { path, columns: c, select } = this.table;
    return rowsOf<Identity>(
      executor,
      `SELECT ${select('i')} FROM ${path} i WHERE i.${c.userId} = $1 ORDER BY i.${c.createdAt}, i.${c.id}`,
      [userId],
    );
  }

  /** The hash of the user's password; `undefined` without one. */
  async passwordHashOf(executor: SqlExecutor, userId: UserId): Promise<string | undefined> {
    const { path, columns: c } = this.table;
    const [found] = await rowsOf<{ secretHash: string }>(
      executor,
      `SELECT ${c.secretHash} AS "secretHash" FROM ${path}
       WHERE ${c.userId} = $1 AND ${c.provider} = 'password' AND ${c.secretHash} IS NOT NULL`,
      [userId],
    );
    return found?.secretHash;
  }

  /** Gives a password to a user that has none; answers whether that was so. The index decides a race. */
  async setPassword(executor: SqlExecutor, userId: UserId, secretHash: string): Promise<boolean> {
    const { path, columns: c } = this.table;
    const rows = await rowsOf(
      executor,
      `INSERT INTO ${path} AS i (${c.id}, ${c.userId}, ${c.provider}, ${c.issuer}, ${c.subject}, ${c.secretHash})
       VALUES ($1, $2, 'password', 'local', $3, $4)
       ON CONFLICT (${c.issuer}, ${c.subject}, ${c.provider}) DO UPDATE
         SET ${c.secretHash} = excluded.${c.secretHash}, ${c.updatedAt} = now() WHERE i.${c.secretHash} IS NULL
       RETURNING 1`,
      [uuidv7(), userId, userId, secretHash],
    );
    return rows.length === 1;
  }

  /** Gives a user this password, whatever it was before. */
  async putPassword(executor: SqlExecutor, userId: UserId, secretHash: string): Promise<void> {
    const { path, columns: c } = this.table;
    await executor.query(
      `INSERT INTO ${path} (${c.id}, ${c.userId}, ${c.provider}, ${c.issuer}, ${c.subject}, ${c.secretHash})
       VALUES ($1, $2, 'password', 'local', $3, $4)
       ON CONFLICT (${c.issuer}, ${c.subject}, ${c.provider}) DO UPDATE
         SET ${c.secretHash} = excluded.${c.secretHash}, ${c.updatedAt} = now()`,
      [uuidv7(), userId, userId, secretHash],
    );
  }

  /** Puts another password in the place of the one that was checked; `false` when that is no longer the user's. */
  async replacePassword(
    executor: SqlExecutor,
    userId: UserId,
    { from, to }: { readonly from: string; readonly to: string },
  ): Promise<boolean> {
    const { path, columns: c } = this.table;
    const rows = await rowsOf(
      executor,
      `UPDATE ${path} SET ${c.secretHash} = $3, ${c.updatedAt} = now()
       WHERE ${c.userId} = $1 AND ${c.provider} = 'password' AND ${c.secretHash} = $2 RETURNING 1`,
      [userId, from, to],
    );
    return rows.length === 1;
  }
}
