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

/** An account, by the address that its row says. */
export interface AddressHolder {
  readonly userId: UserId;
  readonly epoch: number;
  /** Whether somebody has shown to this account that the address is theirs. */
  readonly isProven: boolean;
}

const ADDRESS = 'email';

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

  /** Notes that the user has proven this address. Whoever proved it before and has another by now loses it. */
  async addAddress(executor: SqlExecutor, userId: UserId, email: string): Promise<void> {
    const { path, columns: c } = this.table;
    await executor.query(
      `INSERT INTO ${path} AS i (${c.id}, ${c.userId}, ${c.provider}, ${c.issuer}, ${c.subject})
       VALUES ($1, $2, '${ADDRESS}', 'local', $3)
       ON CONFLICT (${c.issuer}, ${c.subject}, ${c.provider})
       DO UPDATE SET ${c.userId} = excluded.${c.userId}, ${c.updatedAt} = now()
       WHERE i.${c.userId} <> excluded.${c.userId}`,
      [uuidv7(), userId, email],
    );
  }

  /** The account that has this address, proven or not. */
  async findAddress(executor: SqlExecutor, email: string): Promise<AddressHolder | undefined> {
    const u = this.users.columns;
    const i = this.table.columns;
    const [holder] = await rowsOf<AddressHolder>(
      executor,
      `SELECT u.${u.id}::text AS "userId", u.${u.epoch} AS "epoch",
         ${u.emailVerified === undefined ? 'false' : `u.${u.emailVerified}`} OR EXISTS (
           SELECT 1 FROM ${this.table.path} i WHERE i.${i.userId} = u.${u.id} AND i.${i.provider} = '${ADDRESS}'
             AND i.${i.issuer} = 'local' AND i.${i.subject} = $1) AS "isProven"
       FROM ${this.users.path} u
       WHERE lower(u.${u.email}) = $1 AND NOT u.${u.isAnonymous} AND ${this.users.live('u')}`,
      [email],
    );
    return holder;
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
}
