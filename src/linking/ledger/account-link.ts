import { defineEntity } from '../../users/define-entity.js';
import type { LinkReceipt, LinkStatus } from '../../auth/account-linker.js';
import type { EntityClass, TableSetPlan } from '../../users/table-set.js';
import type { UserId } from '../../users/user.js';

/** One row of the ledger: a guest met an account, and this is what became of it. */
export class AccountLink {
  id!: string;
  /** No foreign key: the ledger outlives the guest. */
  guestId!: UserId;
  /** `null` once the account has been deleted. */
  accountId!: UserId | null;
  status!: LinkStatus;
  policy!: string;
  receipt!: LinkReceipt | null;
  /** How often the merge has been tried. The try of a sign-in counts when it has ended, every later one when it begins. */
  attempts!: number;
  /**
   * When an instance may try again to merge, or, once merged, to announce it; while one works on it, when that work counts
   * as abandoned. `null` when nothing is left to do.
   */
  nextAttemptAt!: Date | null;
  /** Why the last attempt failed, for the operator. */
  error!: string | null;
  /** Whether every listener of `account.linked` has heard of it. */
  announced!: boolean;
  /** When the guest said yes to a link that both sides confirm. Counts for as long as the link waits for consent. */
  guestAgreedAt!: Date | null;
  /** The same of the account. */
  accountAgreedAt!: Date | null;
  /** How often somebody has confirmed it with a code that is not its own. */
  wrongCodes!: number;
  createdAt!: Date;
  updatedAt!: Date;
}

/** Who a link is about. */
export interface LinkPair extends Pick<AccountLink, 'id' | 'guestId' | 'accountId' | 'policy'> {
  /** Whether the attempt that goes on is in `attempts` already. @default false */
  readonly isCounted?: boolean;
}

/** The two users of a link. */
export type LinkSide = 'guest' | 'account';

export function sideOf({ accountId }: Pick<AccountLink, 'accountId'>, userId: UserId): LinkSide {
  return accountId === userId ? 'account' : 'guest';
}

/** A guest in one of these has one link at the most. */
export const EXCLUSIVE_STATUSES: readonly LinkStatus[] = [
  'pending',
  'awaiting-consent',
  'merged',
  'failed',
];

/** In these the guest's own credential is dead: its rows are on their way to the account. */
export const TAKEN_OVER_STATUSES: readonly LinkStatus[] = ['pending', 'merged', 'failed'];

/** Links that wait for somebody's word, and those that can still be taken up again. */
export const CONFIRMABLE_STATUSES = [
  'awaiting-consent',
  'kept',
  'declined',
] as const satisfies readonly LinkStatus[];

export function isConfirmable({ status }: Pick<AccountLink, 'status'>): boolean {
  return (CONFIRMABLE_STATUSES as readonly LinkStatus[]).includes(status);
}

export function statusList(statuses: readonly LinkStatus[]): string {
  return statuses.map((status) => `'${status}'`).join(', ');
}

export function accountLinkEntity(set: TableSetPlan): EntityClass<AccountLink> {
  const table = `${set.tablePrefix}account_links`;
  return defineEntity(AccountLink, set, {
    table,
    columns: {
      id: { type: 'uuid', primary: true, primaryKeyConstraintName: `${table}_pkey` },
      guestId: { name: 'guest_id', ...set.userId },
      accountId: {
        name: 'account_id',
        ...set.userId,
        nullable: true,
        references: { target: set.user, onDelete: 'SET NULL', name: `${table}_account_id_fkey` },
      },
      status: { type: 'text' },
      policy: { type: 'text' },
      receipt: { type: 'jsonb', nullable: true },
      attempts: { type: 'integer', default: 0 },
      nextAttemptAt: { name: 'next_attempt_at', type: 'timestamptz', nullable: true },
      error: { type: 'text', nullable: true },
      announced: { type: 'boolean', default: false },
      guestAgreedAt: { name: 'guest_agreed_at', type: 'timestamptz', nullable: true },
      accountAgreedAt: { name: 'account_agreed_at', type: 'timestamptz', nullable: true },
      wrongCodes: { name: 'wrong_codes', type: 'integer', default: 0 },
      createdAt: { name: 'created_at', type: 'timestamptz', default: () => 'now()' },
      updatedAt: { name: 'updated_at', type: 'timestamptz', default: () => 'now()' },
    },
    uniques: [{ name: `${table}_pair_key`, columns: ['guestId', 'accountId'] }],
    indices: [
      {
        name: `${table}_guest_key`,
        columns: ['guestId'],
        unique: true,
        where: `status IN (${statusList(EXCLUSIVE_STATUSES)})`,
      },
      {
        name: `${table}_due_idx`,
        columns: ['nextAttemptAt'],
        where: `status IN ('pending', 'awaiting-consent')`,
      },
      {
        name: `${table}_unannounced_idx`,
        columns: ['nextAttemptAt'],
        where: `status = 'merged' AND NOT announced`,
      },
      { name: `${table}_failed_idx`, columns: ['createdAt'], where: `status = 'failed'` },
      { name: `${table}_merged_idx`, columns: ['updatedAt'], where: `status = 'merged'` },
      { name: `${table}_account_id_idx`, columns: ['accountId'] },
    ],
  });
}
