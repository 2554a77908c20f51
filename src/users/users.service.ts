import { Injectable } from '@nestjs/common';
import { rowsOf, type SqlExecutor, SqlParameters } from '../common/sql.js';
import { Tables } from './tables.js';
import type { User, UserId } from './user.js';
import { type HostColumns, type InsertCondition, UserInserts } from './user-inserts.js';
import type { UserTable } from './user-table.js';

/** What is known of a user when the row becomes an account. */
export interface AccountProfile {
  readonly email: string | null;
  readonly emailVerified: boolean;
  readonly name: string | null;
  readonly image: string | null;
}

/** What people change about themselves. What is absent stays; `null` empties it. */
export interface ProfileChanges {
  readonly name?: string | null;
  readonly image?: string | null;
}

export interface NewGuest {
  /** As reserved with {@link UserInserts.reserveId}; `null` when nobody had to know it before. */
  readonly id: UserId | null;
  readonly email: string | null;
  readonly name: string | null;
}

/** The only writer of the user table. Every change takes the connection to write on, so the caller owns the transaction. */
@Injectable()
export class UsersService {
  readonly table: UserTable;

  constructor(
    tables: Tables,
    private readonly inserts: UserInserts,
  ) {
    this.table = tables.users;
  }

  /** Inserts a guest in one statement, on no connection that is held already. `condition` may refuse: then nothing is written and the answer is `undefined`. */
  async insertGuest(
    executor: SqlExecutor,
    guest: NewGuest,
    condition?: InsertCondition,
  ): Promise<User | undefined> {
    const row = { ...guest, isAnonymous: true, epoch: 0 };
    return this.inserts.insert(executor, row, await this.inserts.hostColumns(), condition);
  }

  /** What {@link insertAccount} needs of the host, asked for before there is a transaction. */
  hostColumns(): Promise<HostColumns> {
    return this.inserts.hostColumns();
  }

  async insertAccount(
    executor: SqlExecutor,
    profile: AccountProfile & { readonly id?: UserId },
    hostColumns: HostColumns,
  ): Promise<User> {
    const account = { id: null, ...profile, isAnonymous: false };
    return (await this.inserts.insert(executor, account, hostColumns))!;
  }

  /**
   * Turns a live guest into an account: same row, same id, next epoch. One conditional UPDATE, so of two racing
   * upgrades, or an upgrade racing a merge, one wins and the other gets `undefined`.
   */
  async upgradeGuest(
    executor: SqlExecutor,
    guest: { id: UserId; epoch: number },
    profile: Partial<AccountProfile>,
    alive: string,
  ): Promise<User | undefined> {
    const { path, columns: c, select, live } = this.table;
    const p = new SqlParameters();
    const changes = this.table.changes({
      email: (email) => (profile.email === undefined ? `u.${email}` : p.bind(profile.email)),
      emailVerified: (isVerified) => `coalesce(${p.bind(profile.emailVerified)}, u.${isVerified})`,
      name: (name) => `coalesce(${p.bind(profile.name)}, u.${name})`,
      image: (image) => `coalesce(${p.bind(profile.image)}, u.${image})`,
      isAnonymous: () => 'false',
      epoch: (epoch) => `u.${epoch} + 1`,
      updatedAt: () => 'now()',
      lastSeenAt: () => 'now()',
    });
    const [user] = await rowsOf<User>(
      executor,
      `UPDATE ${path} AS u SET ${changes}
       WHERE u.${c.id} = ${p.bind(guest.id)} AND u.${c.epoch} = ${p.bind(guest.epoch)}
         AND u.${c.isAnonymous} AND ${live('u')} AND ${alive}
       RETURNING ${select('u')}`,
      p.values,
    );
    return user;
  }

  async findById(executor: SqlExecutor, id: UserId): Promise<User | undefined> {
    const { path, columns: c, select, live } = this.table;
    const [user] = await rowsOf<User>(
      executor,
      `SELECT ${select('u')} FROM ${path} u WHERE u.${c.id} = $1 AND ${live('u')}`,
      [id],
    );
    return user;
  }

  /** Whether a row has this address, in lower case, be it that of an account, of a guest or of nobody any more. */
  async hasAddress(executor: SqlExecutor, email: string): Promise<boolean> {
    const { path, columns: c } = this.table;
    const rows = await rowsOf(
      executor,
      `SELECT 1 FROM ${path} u WHERE lower(u.${c.email}) = $1 LIMIT 1`,
      [email],
    );
    return rows.length === 1;
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

  /**
   * Notes that the user was here. A row that somebody has locked is skipped: a heartbeat never waits.
   * @returns whether this is the first visit of a guest on a day, in UTC, that is not that of its last one.
   */
  async touch(executor: SqlExecutor, id: UserId): Promise<boolean> {
    const { path, columns: c } = this.table;
    const day = (moment: string) => `(${moment} AT TIME ZONE 'UTC')::date`;
    const [row] = await rowsOf<{ isReturn: boolean }>(
      executor,
      `UPDATE ${path} AS u SET ${c.lastSeenAt} = now() FROM
         (SELECT ${c.id} AS "key", ${c.lastSeenAt} AS "seen" FROM ${path} WHERE ${c.id} = $1
          FOR NO KEY UPDATE SKIP LOCKED) held
       WHERE u.${c.id} = held."key"
       RETURNING u.${c.isAnonymous} AND ${day('held."seen"')} < ${day('now()')} AS "isReturn"`,
      [id],
    );
    return row?.isReturn ?? false;
  }

  /** Locks a guest against every write that refers to it. Answers whether it still is one, read after the wait. */
  async lockGuest(executor: SqlExecutor, id: UserId): Promise<boolean> {
    const { path, columns: c, live } = this.table;
    const rows = await rowsOf(
      executor,
      `SELECT 1 FROM ${path} u WHERE u.${c.id} = $1 AND u.${c.isAnonymous} AND ${live('u')} FOR UPDATE`,
      [id],
    );
    return rows.length === 1;
  }

  /** Locks an account against another merge; its own writes go on. Always after the guest, so that locks make no cycle. */
  async lockAccount(executor: SqlExecutor, id: UserId): Promise<boolean> {
    const { path, columns: c, live } = this.table;
    const rows = await rowsOf(
      executor,
      `SELECT 1 FROM ${path} u WHERE u.${c.id} = $1 AND NOT u.${c.isAnonymous} AND ${live('u')} FOR NO KEY UPDATE`,
      [id],
    );
    return rows.length === 1;
  }

  /**
   * The statement that removes a guest's row, or, when it is kept, ends every credential of it. Returns a row for it, with
   * `ageMs`, which is null when the table does not say when it was made.
   * @param id a SQL expression.
   * @param condition without which the guest stays: SQL, that names no column of the users.
   */
  farewell(id: string, condition = 'true', isKept = false): string {
    const { path, columns: c } = this.table;
    const ageMs = this.table.has('createdAt')
      ? `(extract(epoch FROM now() - ${c.createdAt}) * 1000)::float8`
      : 'NULL::float8';
    const guest = `WHERE ${c.id} = ${id} AND ${c.isAnonymous} AND ${condition} RETURNING ${ageMs} AS "ageMs"`;
    if (!isKept) return `DELETE FROM ${path} ${guest}`;
    const changes = { epoch: (epoch: string) => `${epoch} + 1`, updatedAt: () => 'now()' };
    return `UPDATE ${path} SET ${this.table.changes(changes)} ${guest}`;
  }

  /** Removes a guest's row; answers whether there was one. */
  async deleteGuest(executor: SqlExecutor, id: UserId): Promise<boolean> {
    return (await rowsOf(executor, this.farewell('$1'), [id])).length === 1;
  }

  /** Writes what people say about themselves; answers whether the account is there. */
  async changeProfile(
    executor: SqlExecutor,
    id: UserId,
    { name, image }: ProfileChanges,
  ): Promise<boolean> {
    const { path, columns: c, live } = this.table;
    const p = new SqlParameters();
    const changes = this.table.changes({
      ...(name !== undefined && { name: () => p.bind(name) }),
      ...(image !== undefined && { image: () => p.bind(image) }),
      updatedAt: () => 'now()',
    });
    const rows = await rowsOf(
      executor,
      `UPDATE ${path} AS u SET ${changes}
       WHERE u.${c.id} = ${p.bind(id)} AND NOT u.${c.isAnonymous} AND ${live('u')} RETURNING 1`,
      p.values,
    );
    return rows.length === 1;
  }

  /** Kills every token and every started flow of an account, of one that the caller has locked. */
  async raiseEpoch(executor: SqlExecutor, id: UserId): Promise<User> {
    const { path, columns: c, select } = this.table;
    const changes = this.table.changes({
      epoch: (epoch) => `u.${epoch} + 1`,
      updatedAt: () => 'now()',
    });
    const [user] = await rowsOf<User>(
      executor,
      `UPDATE ${path} AS u SET ${changes} WHERE u.${c.id} = $1 RETURNING ${select('u')}`,
      [id],
    );
    return user!;
  }

  /** Removes an account's row, and with it its identities and sessions; answers whether there was one. */
  async deleteAccount(executor: SqlExecutor, id: UserId): Promise<boolean> {
    const { path, columns: c } = this.table;
    const rows = await rowsOf(
      executor,
      `DELETE FROM ${path} WHERE ${c.id} = $1 AND NOT ${c.isAnonymous} RETURNING 1`,
      [id],
    );
    return rows.length === 1;
  }
}
