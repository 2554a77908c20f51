import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { rowsOf, type SqlExecutor, type SqlTable, tableOf } from '../common/sql.js';
import { User, type UserId } from './user.js';
import { USERS_DATA_SOURCE } from './users.tokens.js';

/** What is known of a user when the row becomes an account. */
export interface AccountProfile {
  readonly email: string | null;
  readonly emailVerified: boolean;
  readonly name: string | null;
  readonly image: string | null;
}

export interface NewGuest {
  readonly id: UserId;
  readonly email: string | null;
  readonly name: string | null;
}

/** A common table expression that has to agree before the guest is inserted, in the same statement. */
export interface InsertCondition {
  readonly cte: string;
  readonly condition: string;
  readonly parameters: readonly unknown[];
}

/** The only writer of the user table. Every change takes the connection to write on, so the caller owns the transaction. */
@Injectable()
export class UsersService {
  readonly table: SqlTable<User>;

  constructor(@Inject(USERS_DATA_SOURCE) dataSource: DataSource) {
    this.table = tableOf(dataSource, User);
  }

  nextId(): UserId {
    return uuidv7();
  }

  /**
   * Inserts a guest in one statement. `condition` may refuse: then nothing is written and the answer is `undefined`.
   * Its parameters are numbered from $4; $1 is the id of the guest.
   */
  async insertGuest(
    executor: SqlExecutor,
    guest: NewGuest,
    condition?: InsertCondition,
  ): Promise<User | undefined> {
    const { path, columns: c, select } = this.table;
    const [user] = await rowsOf<User>(
      executor,
      `${condition ? `WITH ${condition.cte}` : ''}
       INSERT INTO ${path} AS u (${c.id}, ${c.email}, ${c.name}, ${c.isAnonymous})
       SELECT $1, $2, $3, true ${condition ? `WHERE ${condition.condition}` : ''}
       RETURNING ${select('u')}`,
      [guest.id, guest.email, guest.name, ...(condition?.parameters ?? [])],
    );
    return user;
  }

  async insertAccount(executor: SqlExecutor, profile: AccountProfile): Promise<User> {
    const { path, columns: c, select } = this.table;
    const [user] = await rowsOf<User>(
      executor,
      `INSERT INTO ${path} AS u (${c.id}, ${c.email}, ${c.emailVerified}, ${c.name}, ${c.image})
       VALUES ($1, $2, $3, $4, $5) RETURNING ${select('u')}`,
      [this.nextId(), profile.email, profile.emailVerified, profile.name, profile.image],
    );
    return user!;
  }

  /**
   * Turns a live guest into an account: same row, same id, next epoch. One conditional UPDATE, so of two racing
   * upgrades, or an upgrade racing a merge, one wins and the other gets `undefined`.
   */
  async upgradeGuest(
    executor: SqlExecutor,
    guest: { id: UserId; epoch: number },
    profile: AccountProfile,
    alive: string,
  ): Promise<User | undefined> {
    const { path, columns: c, select } = this.table;
    const [user] = await rowsOf<User>(
      executor,
      `UPDATE ${path} AS u SET ${c.email} = $3, ${c.emailVerified} = $4,
         ${c.name} = coalesce($5, u.${c.name}), ${c.image} = coalesce($6, u.${c.image}),
         ${c.isAnonymous} = false, ${c.epoch} = u.${c.epoch} + 1, ${c.updatedAt} = now(), ${c.lastSeenAt} = now()
       WHERE u.${c.id} = $1 AND u.${c.epoch} = $2 AND u.${c.isAnonymous} AND ${alive}
       RETURNING ${select('u')}`,
      [guest.id, guest.epoch, profile.email, profile.emailVerified, profile.name, profile.image],
    );
    return user;
  }

  async findById(executor: SqlExecutor, id: UserId): Promise<User | undefined> {
    const { path, columns: c, select } = this.table;
    const [user] = await rowsOf<User>(
      executor,
      `SELECT ${select('u')} FROM ${path} u WHERE u.${c.id} = $1`,
      [id],
    );
    return user;
  }

  /** Keeps the account of a proof in place until the transaction ends; `undefined` when the proof is older than the account's epoch. */
  async holdAccount(
    executor: SqlExecutor,
    account: { id: UserId; epoch: number },
  ): Promise<User | undefined> {
    const { path, columns: c, select } = this.table;
    const [user] = await rowsOf<User>(
      executor,
      `SELECT ${select('u')} FROM ${path} u
       WHERE u.${c.id} = $1 AND u.${c.epoch} = $2 AND NOT u.${c.isAnonymous} FOR KEY SHARE`,
      [account.id, account.epoch],
    );
    return user;
  }

  /** Kills every token of a guest that was made up to this epoch. */
  async retireGuest(executor: SqlExecutor, guest: { id: UserId; epoch: number }): Promise<void> {
    const { path, columns: c } = this.table;
    await executor.query(
      `UPDATE ${path} SET ${c.epoch} = ${c.epoch} + 1
       WHERE ${c.id} = $1 AND ${c.epoch} = $2 AND ${c.isAnonymous}`,
      [guest.id, guest.epoch],
    );
  }

  /** Notes that the user was here. A row that somebody has locked is skipped: a heartbeat never waits. */
  async touch(executor: SqlExecutor, id: UserId): Promise<void> {
    const { path, columns: c } = this.table;
    await executor.query(
      `UPDATE ${path} SET ${c.lastSeenAt} = now() WHERE ${c.id} =
         (SELECT ${c.id} FROM ${path} WHERE ${c.id} = $1 FOR NO KEY UPDATE SKIP LOCKED)`,
      [id],
    );
  }

  /** Locks a guest against every write that refers to it. Answers whether it still is one, read after the wait. */
  async lockGuest(executor: SqlExecutor, id: UserId): Promise<boolean> {
    const { path, columns: c } = this.table;
    const rows = await rowsOf(
      executor,
      `SELECT 1 FROM ${path} WHERE ${c.id} = $1 AND ${c.isAnonymous} FOR UPDATE`,
      [id],
    );
    return rows.length === 1;
  }

  /** Locks an account against another merge; its own writes go on. Always after the guest, so that locks make no cycle. */
  async lockAccount(executor: SqlExecutor, id: UserId): Promise<boolean> {
    const { path, columns: c } = this.table;
    const rows = await rowsOf(
      executor,
      `SELECT 1 FROM ${path} WHERE ${c.id} = $1 AND NOT ${c.isAnonymous} FOR NO KEY UPDATE`,
      [id],
    );
    return rows.length === 1;
  }

  /** Ends every credential of a guest and keeps its row; answers whether there was one. */
  async buryGuest(executor: SqlExecutor, id: UserId): Promise<boolean> {
    const { path, columns: c } = this.table;
    const rows = await rowsOf(
      executor,
      `UPDATE ${path} SET ${c.epoch} = ${c.epoch} + 1, ${c.updatedAt} = now()
       WHERE ${c.id} = $1 AND ${c.isAnonymous} RETURNING 1`,
      [id],
    );
    return rows.length === 1;
  }

  /** Removes a guest's row; answers whether there was one. */
  async deleteGuest(executor: SqlExecutor, id: UserId): Promise<boolean> {
    const { path, columns: c } = this.table;
    const rows = await rowsOf(
      executor,
      `DELETE FROM ${path} WHERE ${c.id} = $1 AND ${c.isAnonymous} RETURNING 1`,
      [id],
    );
    return rows.length === 1;
  }
}
