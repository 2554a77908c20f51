import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { rowsOf, type SqlExecutor, type SqlTable } from '../common/sql.js';
import { Identity } from './identity.js';
import { Tables } from './tables.js';
import type { User, UserId } from './user.js';
import type { UserTable } from './user-table.js';

/** An account, by the address that its row says. */
export interface AddressHolder {
  readonly userId: UserId;
  readonly epoch: number;
  /** Whether somebody has shown to this account that the address is theirs. */
  readonly isProven: boolean;
}

const ADDRESS = 'email';

/** Who has an e-mail address, and whether they have proven it. */
@Injectable()
export class AddressesService {
  private readonly identities: SqlTable<Identity>;
  private readonly users: UserTable;

  constructor(tables: Tables) {
    this.identities = tables.of(Identity);
    this.users = tables.users;
  }

  /** Notes that the user has proven this address. Whoever proved it before and has another by now loses it. */
  async add(executor: SqlExecutor, userId: UserId, email: string): Promise<void> {
    const { path, columns: c } = this.identities;
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
  async find(executor: SqlExecutor, email: string): Promise<AddressHolder | undefined> {
    const u = this.users.columns;
    const i = this.identities.columns;
    const [holder] = await rowsOf<AddressHolder>(
      executor,
      `SELECT u.${u.id}::text AS "userId", u.${u.epoch} AS "epoch",
         ${u.emailVerified === undefined ? 'false' : `u.${u.emailVerified}`} OR EXISTS (
           SELECT 1 FROM ${this.identities.path} i WHERE i.${i.userId} = u.${u.id} AND i.${i.provider} = '${ADDRESS}'
             AND i.${i.issuer} = 'local' AND i.${i.subject} = $1) AS "isProven"
       FROM ${this.users.path} u
       WHERE lower(u.${u.email}) = $1 AND NOT u.${u.isAnonymous} AND ${this.users.live('u')}`,
      [email],
    );
    return holder;
  }

  /** Whether an account has this address, and has proven it. */
  async isProven(executor: SqlExecutor, email: string): Promise<boolean> {
    return (await this.find(executor, email))?.isProven === true;
  }

  /**
   * Notes that the address of an account is proven; `undefined` when the epoch is another by now.
   * @param endsTokens whether every token from before dies with it.
   */
  async verify(
    executor: SqlExecutor,
    account: { id: UserId; epoch: number },
    endsTokens: boolean,
  ): Promise<User | undefined> {
    const { path, columns: c, select, live } = this.users;
    const changes = this.users.changes({
      emailVerified: () => 'true',
      epoch: (epoch) => `u.${epoch} + ${endsTokens ? 1 : 0}`,
      updatedAt: () => 'now()',
    });
    const [user] = await rowsOf<User>(
      executor,
      `UPDATE ${path} AS u SET ${changes}
       WHERE u.${c.id} = $1 AND u.${c.epoch} = $2 AND NOT u.${c.isAnonymous} AND ${live('u')}
       RETURNING ${select('u')}`,
      [account.id, account.epoch],
    );
    return user;
  }

  /**
   * Locks an account and whoever has the address, in one order for everybody, until the transaction ends. What is known of
   * either is read after this.
   */
  async lock(executor: SqlExecutor, accountId: UserId, email: string): Promise<void> {
    const { path, columns: c } = this.users;
    await executor.query(
      `SELECT 1 FROM ${path} u WHERE u.${c.id} = $1 OR lower(u.${c.email}) = $2
       ORDER BY u.${c.id} FOR UPDATE`,
      [accountId, email],
    );
  }

  /** Gives an account another address, proven, in the place of what it had; `undefined` when the epoch is another by now. */
  async replace(
    executor: SqlExecutor,
    account: { id: UserId; epoch: number },
    email: string,
  ): Promise<User | undefined> {
    const { path, columns: c, select, live } = this.users;
    const changes = this.users.changes({
      email: () => '$3',
      emailVerified: () => 'true',
      updatedAt: () => 'now()',
    });
    const [user] = await rowsOf<User>(
      executor,
      `UPDATE ${path} AS u SET ${changes}
       WHERE u.${c.id} = $1 AND u.${c.epoch} = $2 AND NOT u.${c.isAnonymous} AND ${live('u')}
       RETURNING ${select('u')}`,
      [account.id, account.epoch, email],
    );
    if (!user) return undefined;
    await this.forgetProofs(executor, account.id);
    await this.add(executor, account.id, email);
    return user;
  }

  /** Takes from an account the address that it never proved. It keeps all else. */
  async withdraw(executor: SqlExecutor, userId: UserId, placeholder: string | null): Promise<void> {
    const { path, columns: c } = this.users;
    const changes = this.users.changes({ email: () => '$2', updatedAt: () => 'now()' });
    await executor.query(`UPDATE ${path} SET ${changes} WHERE ${c.id} = $1`, [userId, placeholder]);
  }

  private async forgetProofs(executor: SqlExecutor, userId: UserId): Promise<void> {
    const { path, columns: c } = this.identities;
    await executor.query(
      `DELETE FROM ${path} WHERE ${c.userId} = $1 AND ${c.provider} = '${ADDRESS}'`,
      [userId],
    );
  }
}
