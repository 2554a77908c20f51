import { defineEntity } from '../../users/define-entity.js';
import type { EntityClass, TableSetPlan } from '../../users/table-set.js';

/** What has been done lately to one address, or by one account. Nothing in it names anybody. */
export class AuthLimit {
  /** HMAC of what is limited, and for whom. */
  id!: Buffer;
  /** When each of the places was taken, oldest first. */
  hits!: Date[];
  places!: number;
  /** Whoever took the last one, so that a statement can tell whether it did. */
  holder!: string;
  expiresAt!: Date;
}

export function authLimitEntity(set: TableSetPlan): EntityClass<AuthLimit> {
  const table = `${set.tablePrefix}auth_limits`;
  return defineEntity(AuthLimit, set, {
    table,
    columns: {
      id: { type: 'bytea', primary: true, primaryKeyConstraintName: `${table}_pkey` },
      hits: { type: 'timestamptz', array: true },
      places: { type: 'integer' },
      holder: { type: 'uuid' },
      expiresAt: { name: 'expires_at', type: 'timestamptz' },
    },
    indices: [{ name: `${table}_expires_at_idx`, columns: ['expiresAt'] }],
  });
}
