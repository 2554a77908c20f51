import { defineEntity } from './define-entity.js';
import type { EntityClass, TableSetPlan } from './table-set.js';
import type { UserId } from './user.js';

/** One way to prove an account. A user row with at least one identity is an account. */
export class Identity {
  id!: string;
  userId!: UserId;
  /** `password`, or the name of the provider that vouches for the subject. */
  provider!: string;
  /** Who vouches: the URL of an OIDC issuer, `local` for what this library checks itself. */
  issuer!: string;
  /** Whom the issuer vouches for. For a password it is the user's own id: one password for each account. */
  subject!: string;
  /** The encoded argon2id hash of a password, else `null`. */
  secretHash!: string | null;
  createdAt!: Date;
  updatedAt!: Date;
}

export function identityEntity(set: TableSetPlan): EntityClass<Identity> {
  const table = `${set.tablePrefix}identities`;
  return defineEntity(Identity, set, {
    table,
    columns: {
      id: { type: 'uuid', primary: true, primaryKeyConstraintName: `${table}_pkey` },
      userId: {
        name: 'user_id',
        ...set.userId,
        references: { target: set.user, onDelete: 'CASCADE', name: `${table}_user_id_fkey` },
      },
      provider: { type: 'text' },
      issuer: { type: 'text' },
      subject: { type: 'text' },
      secretHash: { name: 'secret_hash', type: 'text', nullable: true },
      createdAt: { name: 'created_at', type: 'timestamptz', default: () => 'now()' },
      updatedAt: { name: 'updated_at', type: 'timestamptz', default: () => 'now()' },
    },
    uniques: [{ name: `${table}_subject_key`, columns: ['issuer', 'subject', 'provider'] }],
    indices: [{ name: `${table}_user_id_idx`, columns: ['userId'] }],
  });
}
