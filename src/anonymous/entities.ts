import type { MigrationInterface } from 'typeorm';
import { authFlowEntity } from '../auth/flows/auth-flow.js';
import { CreateSessions1763700000002 } from '../auth/migrations/1763700000002-create-sessions.js';
import { sessionEntity } from '../auth/sessions/session.js';
import { accountLinkEntity } from '../linking/ledger/account-link.js';
import { CreateAccountLinks1763700000003 } from '../linking/migrations/1763700000003-create-account-links.js';
import { identityEntity } from '../users/identity.js';
import { CreateUsers1763700000001 } from '../users/migrations/1763700000001-create-users.js';
import { userEntity } from '../users/user.js';

/** How the tables of this library are called. */
export interface TableOptions {
  /** Before the name of every table of this library. @default '' */
  readonly tablePrefix?: string;
}

type EntityClass = new () => object;

// Decorators register a class once for the process, so a second call must answer the same classes.
const defined = new Map<string, readonly EntityClass[]>();

/** The entities of this library, for the `entities` of the host's DataSource. */
export function anonymousEntities({ tablePrefix = '' }: TableOptions = {}): EntityClass[] {
  const known = defined.get(tablePrefix) ?? define(tablePrefix);
  defined.set(tablePrefix, known);
  return [...known];
}

function define(tablePrefix: string): readonly EntityClass[] {
  const user = userEntity(tablePrefix);
  return [
    user,
    identityEntity(tablePrefix, user),
    sessionEntity(tablePrefix, user),
    authFlowEntity(tablePrefix),
    accountLinkEntity(tablePrefix, user),
  ];
}

/** The migrations of this library, for the `migrations` of the same DataSource. They take their names from its entities. */
export function anonymousMigrations(): (new () => MigrationInterface)[] {
  return [CreateUsers1763700000001, CreateSessions1763700000002, CreateAccountLinks1763700000003];
}
