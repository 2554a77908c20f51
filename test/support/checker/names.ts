import type { INestApplicationContext } from '@nestjs/common';
import { Session } from '../../../src/auth/sessions/session.js';
import { OwnershipService } from '../../../src/linking/ownership/ownership.service.js';
import { AccountLink } from '../../../src/linking/ledger/account-link.js';
import { Identity } from '../../../src/users/identity.js';
import { Tables } from '../../../src/users/tables.js';

/** How one set of this library's tables is called in a database. Everything is quoted where it is SQL. */
export interface CheckedTables {
  readonly users: {
    readonly path: string;
    readonly columns: Readonly<Record<'id' | 'email' | 'isAnonymous' | 'epoch', string>>;
    /** Condition: the host has not deleted the row softly. */
    readonly live: (alias: string) => string;
  };
  readonly sessions: NamedTable<'id' | 'userId' | 'epoch'>;
  readonly identities: NamedTable<'userId' | 'provider' | 'issuer' | 'subject'>;
  readonly links: NamedTable<'id' | 'guestId' | 'accountId' | 'status' | 'receipt'>;
  /** Columns that name a user without a foreign key. */
  readonly soft: readonly { readonly path: string; readonly column: string }[];
  /** Paths of tables that the host keeps out of merges. */
  readonly ignored: readonly string[];
  /** Whether accounts may have identities that only the host knows. */
  readonly hostHasLogin: boolean;
}

interface NamedTable<Column extends string> {
  readonly path: string;
  readonly columns: Readonly<Record<Column, string>>;
}

/** The names that every host without wishes of its own has. */
export const USUAL_TABLES: CheckedTables = {
  users: {
    path: 'users',
    columns: { id: 'id', email: 'email', isAnonymous: 'is_anonymous', epoch: 'epoch' },
    live: () => 'true',
  },
  sessions: { path: 'sessions', columns: { id: 'id', userId: 'user_id', epoch: 'epoch' } },
  identities: {
    path: 'identities',
    columns: { userId: 'user_id', provider: 'provider', issuer: 'issuer', subject: 'subject' },
  },
  links: {
    path: 'account_links',
    columns: {
      id: 'id',
      guestId: 'guest_id',
      accountId: 'account_id',
      status: 'status',
      receipt: 'receipt',
    },
  },
  soft: [],
  ignored: [],
  hostHasLogin: false,
};

/** The tables of an app that has started. */
export function tablesOf(app: INestApplicationContext, hostHasLogin: boolean): CheckedTables {
  const tables = app.get(Tables, { strict: false });
  const { tables: owned, users, ignored } = app.get(OwnershipService, { strict: false }).map;
  return {
    users: tables.users,
    sessions: tables.of(Session),
    identities: tables.of(Identity),
    links: tables.of(AccountLink),
    soft: owned
      .filter(({ isSoft, path }) => isSoft && path !== users.path)
      .flatMap(({ path, owners }) => owners.map((column) => ({ path, column }))),
    ignored: ignored.map(({ path }) => path),
    // Whoever has users of its own had accounts before there were identities.
    hostHasLogin: hostHasLogin || !tables.users.isOwn,
  };
}
