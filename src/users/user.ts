import type { AuthUser } from './auth-user.js';
import { type ColumnDefinition, defineEntity } from './define-entity.js';
import type { EntityClass, TableSet } from './table-set.js';

/**
 * A user's id as text, whatever the type of its column: a uuid of version 7, made by the application so that rows arrive in
 * the order of the index, unless the host has a user table of its own.
 */
export type UserId = string;

/** What a row of the user table says. */
export interface UserRow extends AuthUser {
  /** Lower case; `null` for a guest. Unique without regard to case. */
  email: string | null;
  emailVerified: boolean;
  name: string | null;
  /** URL of a picture. */
  image: string | null;
  isAnonymous: boolean;
  /** Carried in every token. Raising it kills every older token of this user. */
  epoch: number;
  /** The last request, to the hour. */
  lastSeenAt: Date;
  createdAt: Date;
  updatedAt: Date;
}

// The properties are those of an interface: a class that declares one of them again, to give its column another name, would
// be refused by TypeScript if they were fields.
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- Postgres and the decorators fill them
export interface UserBase extends UserRow {}

/**
 * A guest or an account, for a host that adds columns of its own: `@Entity('members') class Member extends UserBase { … }`,
 * given as `userEntity`. A column that the class declares itself, under any name, takes the place of the one that it would
 * get: `@Column({ name: 'is_anon', default: false }) override isAnonymous!: boolean`.
 */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- as above
export abstract class UserBase {}

/**
 * A guest or an account. A guest has no identity; the same row becomes the account when somebody proves one.
 * Owned tables reference it, so every foreign key in the host's schema points at a real user from the first moment.
 */
export class User extends UserBase {
  declare id: UserId;
}

const timestamp: ColumnDefinition = { type: 'timestamptz', default: () => 'now()' };

/** The columns of the users, for the library's own table and for classes that extend {@link UserBase}. */
export const USER_COLUMNS: { readonly [Property in keyof UserRow]: ColumnDefinition } = {
  id: { type: 'uuid', primary: true },
  email: { type: 'text', nullable: true },
  emailVerified: { name: 'email_verified', type: 'boolean', default: false },
  name: { type: 'text', nullable: true },
  image: { type: 'text', nullable: true },
  isAnonymous: { name: 'is_anonymous', type: 'boolean', default: false },
  epoch: { type: 'integer', default: 0 },
  lastSeenAt: { name: 'last_seen_at', ...timestamp },
  createdAt: { name: 'created_at', ...timestamp },
  updatedAt: { name: 'updated_at', ...timestamp },
};

/** The library's own user table. */
export function userEntity(set: TableSet): EntityClass<User> {
  const table = `${set.tablePrefix}users`;
  return defineEntity(User, set, {
    table,
    columns: {
      ...USER_COLUMNS,
      id: { ...USER_COLUMNS.id, primaryKeyConstraintName: `${table}_pkey` },
    },
    indices: [
      // An expression index, which TypeORM cannot describe: the migration makes it and the schema builder leaves it alone.
      { name: `${table}_email_key`, columns: ['email'], unique: true, synchronize: false },
      { name: `${table}_stale_guest_idx`, columns: ['lastSeenAt', 'id'], where: 'is_anonymous' },
    ],
  });
}
