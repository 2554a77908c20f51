import type { EntitySchema, MigrationInterface } from 'typeorm';
import { authFlowSchema } from '../auth/flows/auth-flow.js';
import { CreateSessions1763700000002 } from '../auth/migrations/1763700000002-create-sessions.js';
import { sessionSchema } from '../auth/sessions/session.js';
import { accountLinkSchema } from '../linking/ledger/account-link.js';
import { CreateAccountLinks1763700000003 } from '../linking/migrations/1763700000003-create-account-links.js';
import { identitySchema } from '../users/identity.js';
import { CreateUsers1763700000001 } from '../users/migrations/1763700000001-create-users.js';
import { userSchema } from '../users/user.js';

export interface TableOptions {
  /** Before the name of every table of this library. @default '' */
  readonly tablePrefix?: string;
}

/** The entities of this library, for the `entities` of the host's DataSource. */
export function anonymousEntities({ tablePrefix = '' }: TableOptions = {}): EntitySchema[] {
  const schemas = [userSchema, identitySchema, sessionSchema, authFlowSchema, accountLinkSchema];
  return schemas.map((schema) => schema(tablePrefix) as EntitySchema);
}

/** The migrations of this library, for the `migrations` of the same DataSource. They take their names from its entities. */
export function anonymousMigrations(): (new () => MigrationInterface)[] {
  return [CreateUsers1763700000001, CreateSessions1763700000002, CreateAccountLinks1763700000003];
}
