import { defineEntity } from '../../users/define-entity.js';
import type { User, UserId } from '../../users/user.js';

/** An account's session. Guests have none: their token names the user and its epoch, and nothing else needs care. */
export class Session {
  /** The handle that `revoke-session` takes. Not a credential. */
  id!: string;
  userId!: UserId;
  /** The user's epoch when the session began; the session is dead when they differ. */
  epoch!: number;
  expiresAt!: Date;
  ipAddress!: string | null;
  userAgent!: string | null;
  createdAt!: Date;
  updatedAt!: Date;
}

export function sessionEntity(tablePrefix: string, user: typeof User): typeof Session {
  const table = `${tablePrefix}sessions`;
  return defineEntity(Session, tablePrefix, {
    table,
    columns: {
      id: { type: 'uuid', primary: true, primaryKeyConstraintName: `${table}_pkey` },
      userId: {
        name: 'user_id',
        type: 'uuid',
        references: { target: user, onDelete: 'CASCADE', name: `${table}_user_id_fkey` },
      },
      epoch: { type: 'integer' },
      expiresAt: { name: 'expires_at', type: 'timestamptz' },
      ipAddress: { name: 'ip_address', type: 'text', nullable: true },
      userAgent: { name: 'user_agent', type: 'text', nullable: true },
      createdAt: { name: 'created_at', type: 'timestamptz', default: () => 'now()' },
      updatedAt: { name: 'updated_at', type: 'timestamptz', default: () => 'now()' },
    },
    indices: [
      { name: `${table}_user_id_idx`, columns: ['userId'] },
      { name: `${table}_expires_at_idx`, columns: ['expiresAt'] },
    ],
  });
}
