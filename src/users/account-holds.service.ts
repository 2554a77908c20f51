import { Injectable } from '@nestjs/common';
import { rowsOf, type SqlExecutor, SqlParameters, type SqlTable } from '../common/sql.js';
import { Identity } from './identity.js';
import { Tables } from './tables.js';
import type { User, UserId } from './user.js';
import type { UserTable } from './user-table.js';

/** An account as a proof names it. */
export interface ProvenAccount {
  readonly id: UserId;
  /** The account's when the proof was checked. */
  readonly epoch: number;
  /** The hash that the password fitted, if one was shown. */
  readonly secretHash?: string;
}

/** What a statement adds to a hold. */
export interface HoldingStatement {
  /** What it selects of the user `u`. */
  readonly select: string;
  /** SQL condition. */
  readonly condition: string;
}

/**
 * Keeps accounts, and the ways in that were shown, in place until the transaction ends. All rows are locked, so that all are
 * read again after a wait for one of them.
 */
@Injectable()
export class AccountHoldsService {
  private readonly users: UserTable;
  private readonly identities: SqlTable<Identity>;

  constructor(tables: Tables) {
    this.users = tables.users;
    this.identities = tables.of(Identity);
  }

  /** `undefined` when the account's epoch, or its password, is another than the proof says. */
  hold(executor: SqlExecutor, account: ProvenAccount): Promise<User | undefined> {
    const p = new SqlParameters();
    const added = { select: this.users.select('u'), condition: 'true' };
    return this.run(executor, this.statement(p, account, added), p);
  }

  /** `undefined` when the account has this way in no more. */
  holdHolder(
    executor: SqlExecutor,
    userId: UserId,
    { issuer, subject }: Pick<Identity, 'issuer' | 'subject'>,
  ): Promise<User | undefined> {
    const p = new SqlParameters();
    const i = this.identities.columns;
    const condition = `u.${this.users.columns.id} = ${p.bind(userId)}
         AND i.${i.issuer} = ${p.bind(issuer)} AND i.${i.subject} = ${p.bind(subject)}`;
    return this.run(executor, this.withIdentity(this.users.select('u'), condition), p);
  }

  /** The statement of {@link hold}. */
  statement(
    p: SqlParameters,
    { id, epoch, secretHash }: ProvenAccount,
    { select, condition }: HoldingStatement,
  ): string {
    const u = this.users.columns;
    const proven = `u.${u.id} = ${p.bind(id)} AND u.${u.epoch} = ${p.bind(epoch)} AND ${condition}`;
    if (secretHash === undefined) {
      return `SELECT ${select} FROM ${this.users.path} u WHERE ${this.isAccount} AND ${proven} FOR KEY SHARE OF u`;
    }
    const i = this.identities.columns;
    const password = `i.${i.provider} = 'password' AND i.${i.secretHash} = ${p.bind(secretHash)}`;
    return this.withIdentity(select, `${proven} AND ${password}`);
  }

  private get isAccount(): string {
    return `NOT u.${this.users.columns.isAnonymous} AND ${this.users.live('u')}`;
  }

  /** @param condition about the user `u` and its identity `i`. */
  private withIdentity(select: string, condition: string): string {
    const { path, columns: i } = this.identities;
    return `SELECT ${select} FROM ${this.users.path} u JOIN ${path} i ON i.${i.userId} = u.${this.users.columns.id}
       WHERE ${this.isAccount} AND ${condition}
       FOR KEY SHARE OF u FOR SHARE OF i`;
  }

  private async run(
    executor: SqlExecutor,
    sql: string,
    { values }: SqlParameters,
  ): Promise<User | undefined> {
    const [user] = await rowsOf<User>(executor, sql, values);
    return user;
  }
}
