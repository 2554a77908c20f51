import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { rowsOf, type SqlExecutor, type SqlTable } from '../../common/sql.js';
import { type AddressHolder, AddressesService } from '../../users/addresses.service.js';
import { Tables } from '../../users/tables.js';
import type { UserId } from '../../users/user.js';
import type { UserTable } from '../../users/user-table.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import type { GuestCredential } from '../account-linker.js';
import { AuthFlow } from './auth-flow.js';
import { FlowSecrets } from './flow-secrets.js';

/** What a mailed secret is good for. One for one purpose never passes for another. */
export type FlowPurpose =
  'magic-link' | 'sign-in-code' | 'sign-up' | 'verify-email' | 'change-email' | 'reset-password';

/** An account, as it was when a flow about it began. */
export interface AccountState {
  readonly id: UserId;
  readonly epoch: number;
}

/** What is known when a mail is asked for. */
export interface FlowStart {
  readonly purpose: FlowPurpose;
  /** Normalised. A new flow of the same purpose to the same address makes the old one void. */
  readonly email: string;
  /** The guest that is there. It may be no guest any more when the flow ends. */
  readonly guest: GuestCredential | undefined;
  /** From the flow cookie; `null` for a flow that may end in any browser alike. */
  readonly browserHash: Buffer | null;
  /** The account that it is about. @default the one that has the address */
  readonly account?: AccountState;
  readonly details: Readonly<Record<string, string>>;
  readonly lifetimeMs: number;
}

/** A flow that has just begun. */
export interface StartedFlow {
  /** For the mail. */
  readonly secret: string;
  /** The account that has the address, unless the flow says which it is about. */
  readonly holder: AddressHolder | undefined;
}

/** A flow that has not ended. */
export interface LiveFlow {
  readonly email: string;
  readonly guest: GuestCredential | undefined;
  /** The account that it is about. */
  readonly account: AccountState | undefined;
  readonly browserHash: Buffer | null;
  readonly details: Readonly<Record<string, string>>;
}

export type FlowRow = Pick<
  AuthFlow,
  'email' | 'guestId' | 'guestEpoch' | 'userId' | 'epoch' | 'browserHash' | 'details'
>;

/** Things that begin here, go on in somebody's mailbox, and end once. */
@Injectable()
export class FlowsService {
  private readonly table: SqlTable<AuthFlow>;
  private readonly users: UserTable;

  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly secrets: FlowSecrets,
    private readonly addresses: AddressesService,
    tables: Tables,
  ) {
    this.table = tables.of(AuthFlow);
    this.users = tables.users;
  }

  /** Only the HMAC of the secret is kept. */
  async start(flow: FlowStart): Promise<StartedFlow> {
    const secret = this.secrets.make();
    const holder = await this.record(flow, this.secrets.hide(flow.purpose, secret));
    return { secret, holder };
  }

  /**
   * The same with a secret that is made elsewhere.
   * @param tokenHash the hidden secret.
   * @returns the account that has the address, unless the flow says which it is about. The statements are the same whether or not there is one.
   */
  async record(flow: FlowStart, tokenHash: Buffer): Promise<AddressHolder | undefined> {
    const { path, columns: c } = this.table;
    const holder = flow.account
      ? undefined
      : await this.addresses.find(this.dataSource, flow.email);
    const account = flow.account ?? (holder && { id: holder.userId, epoch: holder.epoch });
    const columns = [
      c.id,
      c.tokenHash,
      c.guestId,
      c.guestEpoch,
      c.userId,
      c.epoch,
      c.browserHash,
      c.details,
    ];
    await this.dataSource.query(
      `INSERT INTO ${path} (${columns.join(', ')}, ${c.purpose}, ${c.email}, ${c.expiresAt})
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, now() + $11 * interval '1 millisecond')
       ON CONFLICT (${c.purpose}, ${c.email}) WHERE ${c.email} IS NOT NULL
       DO UPDATE SET ${columns.map((column) => `${column} = excluded.${column}`).join(', ')},
         ${c.expiresAt} = excluded.${c.expiresAt}, ${c.createdAt} = now(), ${c.consumedAt} = NULL, ${c.attempts} = 0`,
      [
        uuidv7(),
        tokenHash,
        flow.guest?.id ?? null,
        flow.guest?.epoch ?? null,
        account?.id ?? null,
        account?.epoch ?? null,
        flow.browserHash,
        JSON.stringify(flow.details),
        flow.purpose,
        flow.email,
        flow.lifetimeMs,
      ],
    );
    return holder;
  }

  /** The flow that a secret would end, without ending it; `undefined` when there is none, for whatever reason. */
  async find(purpose: FlowPurpose, secret: string): Promise<LiveFlow | undefined> {
    if (!this.secrets.isOne(secret)) return undefined;
    const { path, select } = this.table;
    const [flow] = await rowsOf<FlowRow>(
      this.dataSource,
      `SELECT ${select('f')} FROM ${path} f WHERE ${this.live('f')}`,
      [purpose, this.secrets.everyHiding(purpose, secret)],
    );
    return flow && liveFlow(flow);
  }

  /** What a flow was begun with that may have ended, for telling whoever comes late where to go. */
  async findDetails(
    purpose: FlowPurpose,
    secret: string,
  ): Promise<Readonly<Record<string, string>>> {
    if (!this.secrets.isOne(secret)) return {};
    const { path, columns: c } = this.table;
    const [flow] = await rowsOf<Pick<AuthFlow, 'details'>>(
      this.dataSource,
      `SELECT ${c.details} AS "details" FROM ${path}
       WHERE ${c.purpose} = $1 AND ${c.tokenHash} = ANY ($2::bytea[])`,
      [purpose, this.secrets.everyHiding(purpose, secret)],
    );
    return flow?.details ?? {};
  }

  /** Ends the flow: of any number of requests with the same secret one gets `true`. */
  async redeem(executor: SqlExecutor, purpose: FlowPurpose, secret: string): Promise<boolean> {
    const { path, columns: c } = this.table;
    const rows = await rowsOf(
      executor,
      `UPDATE ${path} AS f SET ${c.consumedAt} = now() WHERE ${this.live('f')} RETURNING 1`,
      [purpose, this.secrets.everyHiding(purpose, secret)],
    );
    return rows.length === 1;
  }

  /**
   * SQL condition: the flow has not ended. An account that it is about must be as it was: whatever raises the epoch ends what
   * was pending. It has the address already, unless the flow is to give it to it.
   */
  unended(f: string): string {
    const { columns: c } = this.table;
    const { path: users, columns: u, live } = this.users;
    return `${f}.${c.consumedAt} IS NULL AND ${f}.${c.expiresAt} > now()
      AND (${f}.${c.userId} IS NULL OR EXISTS (SELECT 1 FROM ${users} u WHERE u.${u.id} = ${f}.${c.userId}
        AND u.${u.epoch} = ${f}.${c.epoch} AND ${live('u')}
        AND (${f}.${c.purpose} = 'change-email' OR lower(u.${u.email}) = ${f}.${c.email})))`;
  }

  private live(f: string): string {
    const { columns: c } = this.table;
    return `${f}.${c.purpose} = $1 AND ${f}.${c.tokenHash} = ANY ($2::bytea[]) AND ${this.unended(f)}`;
  }
}

export function liveFlow({ email, browserHash, details, ...flow }: FlowRow): LiveFlow {
  return {
    email: email!,
    guest: stateOf(flow.guestId, flow.guestEpoch),
    account: stateOf(flow.userId, flow.epoch),
    browserHash,
    details: details ?? {},
  };
}

function stateOf(id: UserId | null, epoch: number | null): AccountState | undefined {
  return id === null || epoch === null ? undefined : { id, epoch };
}
