import type { MigrationInterface } from 'typeorm';
import { authFlowEntity } from '../auth/flows/auth-flow.js';
import { authLimitEntity } from '../auth/limits/auth-limit.js';
import { CreateSessions1763700000002 } from '../auth/migrations/1763700000002-create-sessions.js';
import { MailFlows1763700000004 } from '../auth/migrations/1763700000004-mail-flows.js';
import { CreateAuthLimits1763700000006 } from '../auth/migrations/1763700000006-create-auth-limits.js';
import { sessionEntity } from '../auth/sessions/session.js';
import { accountLinkEntity } from '../linking/ledger/account-link.js';
import { CreateAccountLinks1763700000003 } from '../linking/migrations/1763700000003-create-account-links.js';
import { BothSides1763700000005 } from '../linking/migrations/1763700000005-both-sides.js';
import type { UserEntity } from '../users/auth-user.js';
import { guestFigureEntity } from '../users/figures/guest-figure.js';
import { completeUserEntity, idColumnOf } from '../users/host-user-entity.js';
import { identityEntity } from '../users/identity.js';
import { CreateUsers1763700000001 } from '../users/migrations/1763700000001-create-users.js';
import { migrationFor, type TableMigration } from '../users/table-migration.js';
import type { EntityClass, TableSetPlan } from '../users/table-set.js';
import { userEntity as ownUserEntity } from '../users/user.js';
import { CreateGuestFigures1763700000007 } from './insights/1763700000007-create-guest-figures.js';

/** How the tables of this library are called, and whose users they are about. */
export interface TableOptions {
  /** Before the name of every table of this library. @default '' */
  readonly tablePrefix?: string;
  /** The host's own user entity, in place of the library's table `users`. */
  readonly userEntity?: UserEntity;
}

/** The same for the migrations. */
export interface MigrationOptions extends TableOptions {
  /**
   * Milliseconds that stand for this library's first migration. TypeORM runs migrations in the order of these; a host whose
   * own user table is made by a later one gives a number behind that. The same for the life of the database.
   * @default 1763700000001
   */
  readonly timestamp?: number;
  /**
   * Lets the first migration add the columns that the host's own user table lacks, with their defaults. Going back leaves
   * them: nothing says whether they were there before.
   * @default false
   */
  readonly alterUsers?: boolean;
}

// Decorators register a class once for the process, so a second call must answer the same classes.
const defined = new WeakMap<EntityClass, Map<string, readonly EntityClass[]>>();
const OWN_USERS: EntityClass = class {};

/**
 * The entities of this library, for the `entities` of the host's DataSource.
 * @throws ConfigurationError for a `userEntity` that is no entity or has no usable id.
 */
export function anonymousEntities(options: TableOptions = {}): EntityClass[] {
  const { tablePrefix = '', userEntity } = options;
  const sets = defined.get(userEntity ?? OWN_USERS) ?? new Map<string, readonly EntityClass[]>();
  const entities = sets.get(tablePrefix) ?? define(tablePrefix, userEntity);
  defined.set(userEntity ?? OWN_USERS, sets.set(tablePrefix, entities));
  return [...entities];
}

function define(tablePrefix: string, host: UserEntity | undefined): readonly EntityClass[] {
  const set = { tablePrefix, isDefault: tablePrefix === '' && host === undefined };
  if (host) completeUserEntity(host, set);
  const plan: TableSetPlan = host
    ? Object.assign(set, { user: host, userId: idColumnOf(host) })
    : Object.assign(set, { user: ownUserEntity(set), userId: { type: 'uuid' as const } });
  return [
    plan.user,
    identityEntity(plan),
    sessionEntity(plan),
    authFlowEntity(plan),
    accountLinkEntity(plan),
    authLimitEntity(plan),
    guestFigureEntity(plan),
  ];
}

const MIGRATIONS: readonly (new () => TableMigration)[] = [
  CreateUsers1763700000001,
  CreateSessions1763700000002,
  CreateAccountLinks1763700000003,
  MailFlows1763700000004,
  BothSides1763700000005,
  CreateAuthLimits1763700000006,
  CreateGuestFigures1763700000007,
];

/**
 * The migrations of this library, for the `migrations` of the same DataSource. They take their names from its entities. A
 * user table of the host's own is the host's to make, before these run.
 */
export function anonymousMigrations(
  options: MigrationOptions = {},
): (new () => MigrationInterface)[] {
  const { tablePrefix, userEntity, timestamp, alterUsers } = options;
  return MIGRATIONS.map((Migration, n) =>
    Object.keys(options).length === 0
      ? Migration
      : migrationFor(
          Migration,
          { tablePrefix, userEntity, alterUsers },
          timestamp && timestamp + n,
        ),
  );
}
