import { defineEntity } from '../../users/define-entity.js';
import type { EntityClass, TableSetPlan } from '../../users/table-set.js';
import type { UserId } from '../../users/user.js';

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

export function sessionEntity(set: TableSetPlan): EntityClass<Session> {
  const table = `${set.tablePrefix}sessions`;
  return defineEntity(Session, set, {
    table,
    columns: {
      id: { type: 'uuid', primary: true, primaryKeyConstraintName: `${table}_pkey` },
      userId: {
        name: 'user_id',
        ...set.userId,
        references: { target: set.user, onDelete: 'CASCADE', name: `${table}_user_id_fkey` },
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
