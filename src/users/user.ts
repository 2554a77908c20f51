import { type ColumnDefinition, defineEntity } from './define-entity.js';
import { validate as isUuid } from 'uuid';

/** A user's id: a uuid of version 7, made by the application, so that rows arrive in the order of the index. */
export type UserId = string;

/** Whether a value from outside can be a user's id at all, so that Postgres is never asked with one that cannot. */
export function isUserId(value: unknown): value is UserId {
  return isUuid(value);
}

/**
 * A guest or an account. A guest has no identity; the same row becomes the account when somebody proves one.
 * Owned tables reference it, so every foreign key in the host's schema points at a real user from the first moment.
 */
export class User {
  id!: UserId;
  /** Lower case; `null` for a guest. Unique without regard to case. */
  email!: string | null;
  emailVerified!: boolean;
  name!: string | null;
  /** URL of a picture. */
  image!: string | null;
  isAnonymous!: boolean;
  /** Carried in every token. Raising it kills every older token of this user. */
  epoch!: number;
  /** The last request, to the hour. */
  lastSeenAt!: Date;
  createdAt!: Date;
  updatedAt!: Date;
}

const timestamp: ColumnDefinition = { type: 'timestamptz', default: () => 'now()' };

export function userEntity(tablePrefix: string): typeof User {
  const table = `${tablePrefix}users`;
  return defineEntity(User, tablePrefix, {
    table,
    columns: {
      id: { type: 'uuid', primary: true, primaryKeyConstraintName: `${table}_pkey` },
      email: { type: 'text', nullable: true },
      emailVerified: { name: 'email_verified', type: 'boolean', default: false },
      name: { type: 'text', nullable: true },
      image: { type: 'text', nullable: true },
      isAnonymous: { name: 'is_anonymous', type: 'boolean', default: false },
      epoch: { type: 'integer', default: 0 },
      lastSeenAt: { name: 'last_seen_at', ...timestamp },
      createdAt: { name: 'created_at', ...timestamp },
      updatedAt: { name: 'updated_at', ...timestamp },
    },
    indices: [
      // An expression index, which TypeORM cannot describe: the migration makes it and the schema builder leaves it alone.
      { name: `${table}_email_key`, columns: ['email'], unique: true, synchronize: false },
      { name: `${table}_stale_guest_idx`, columns: ['lastSeenAt'], where: 'is_anonymous' },
    ],
  });
}
