import { defineEntity } from '../../users/define-entity.js';
import type { EntityClass, TableSetPlan } from '../../users/table-set.js';
import type { UserId } from '../../users/user.js';

/** Something that was started and may be finished once: an issuing with an idempotency key, a mailed link, a code. */
export class AuthFlow {
  id!: string;
  purpose!: string;
  /** HMAC of the secret that finishes the flow. The secret itself is never stored. */
  tokenHash!: Buffer;
  email!: string | null;
  /** The guest seen when the flow began. No foreign key: the flow outlives the guest, and issuing stays one cheap statement. */
  guestId!: UserId | null;
  /** The guest's epoch when the flow began. */
  guestEpoch!: number | null;
  /** The account that the flow is about, if there was one when it began. No foreign key either. */
  userId!: UserId | null;
  /** That account's epoch when the flow began; the flow is void when they differ. */
  epoch!: number | null;
  /** HMAC of the cookie of the browser that began the flow. */
  browserHash!: Buffer | null;
  /** What the flow was begun with and is not known before its end: a name, where to go next. */
  details!: Readonly<Record<string, string>> | null;
  attempts!: number;
  consumedAt!: Date | null;
  expiresAt!: Date;
  createdAt!: Date;
}

export function authFlowEntity(set: TableSetPlan): EntityClass<AuthFlow> {
  const table = `${set.tablePrefix}auth_flows`;
  return defineEntity(AuthFlow, set, {
    table,
    columns: {
      id: { type: 'uuid', primary: true, primaryKeyConstraintName: `${table}_pkey` },
      purpose: { type: 'text' },
      tokenHash: { name: 'token_hash', type: 'bytea' },
      email: { type: 'text', nullable: true },
      guestId: { name: 'guest_id', ...set.userId, nullable: true },
      guestEpoch: { name: 'guest_epoch', type: 'integer', nullable: true },
      userId: { name: 'user_id', ...set.userId, nullable: true },
      epoch: { type: 'integer', nullable: true },
      browserHash: { name: 'browser_hash', type: 'bytea', nullable: true },
      details: { type: 'jsonb', nullable: true },
      attempts: { type: 'integer', default: 0 },
      consumedAt: { name: 'consumed_at', type: 'timestamptz', nullable: true },
      expiresAt: { name: 'expires_at', type: 'timestamptz' },
      createdAt: { name: 'created_at', type: 'timestamptz', default: () => 'now()' },
    },
    uniques: [{ name: `${table}_token_key`, columns: ['purpose', 'tokenHash'] }],
    indices: [
      { name: `${table}_expires_at_idx`, columns: ['expiresAt'] },
      // The latest mail to an address is the one that counts.
      {
        name: `${table}_email_key`,
        columns: ['purpose', 'email'],
        unique: true,
        where: 'email IS NOT NULL',
      },
    ],
  });
}
