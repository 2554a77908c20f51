import type { INestApplicationContext } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { Session } from '../../auth/sessions/session.js';
import { rowsOf } from '../../common/sql.js';
import { AccountLink } from '../../linking/ledger/account-link.js';
import { readTables } from '../../linking/ownership/catalog.js';
import { oidsOf } from '../../linking/ownership/foreign-keys.js';
import type { OwnershipMap } from '../../linking/ownership/ownership-map.js';
import { OwnershipService } from '../../linking/ownership/ownership.service.js';
import { Tables } from '../../users/tables.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { TestKitError } from '../kit-error.js';
import { mapOf } from '../ownership-of.js';
import { providerOf } from '../provider-of.js';
import { orphanQueries, type OrphanQuery, type OwnNames } from './orphan-queries.js';

/** What {@link expectNoOrphans} needs to know. */
export interface OrphanOptions {
  /** Rows that the error names for each column. @default 5 */
  readonly most?: number;
}

interface Found {
  readonly key: string;
  readonly value: string;
  readonly all: number;
}

/**
 * Expects that every row that names a user names one that exists and has not been merged, in every table of the ownership
 * map, columns without a foreign key included, and that every session is that of an account. Reads everything and changes
 * nothing.
 * @throws TestKitError listing table, column and keys.
 */
export async function expectNoOrphans(
  app: INestApplicationContext,
  { most = 5 }: OrphanOptions = {},
): Promise<void> {
  const dataSource = providerOf<DataSource>(app, USERS_DATA_SOURCE);
  const map = mapOf(providerOf(app, OwnershipService));
  const names = namesOf(providerOf(app, Tables));
  const identities = await identitiesOf(dataSource, map);
  const identityOf = (path: string) => identities.get(path) ?? [];
  const problems: string[] = [];
  for (const query of orphanQueries(map, names, most, identityOf)) {
    const found = await rowsOf<Found>(dataSource, query.sql);
    if (found.length > 0) problems.push(described(query, found));
  }
  if (problems.length > 0) {
    throw new TestKitError(`rows have lost their user:\n${problems.join('\n')}`);
  }
}

function described({ table, columns, problem }: OrphanQuery, found: readonly Found[]): string {
  const all = found[0]!.all;
  const rows = found.map(({ key, value }) => `  ${key} names ${value}`);
  const more = all > found.length ? [`  … and ${all - found.length} more`] : [];
  const head = `- ${table}, column ${columns.join(', ')}: ${all} row${all === 1 ? '' : 's'} that ${problem}`;
  return [head, ...rows, ...more].join('\n');
}

function namesOf(tables: Tables): OwnNames {
  const { users } = tables;
  const sessions = tables.of(Session);
  const links = tables.of(AccountLink);
  return {
    users: users.path,
    id: users.columns.id,
    isAnonymous: users.columns.isAnonymous,
    sessions: sessions.path,
    sessionUser: sessions.columns.userId,
    sessionId: sessions.columns.id,
    links: links.path,
    linkGuest: links.columns.guestId,
    linkStatus: links.columns.status,
  };
}

/** Primary keys by table; every column where there is none. */
async function identitiesOf(
  dataSource: DataSource,
  { tables, ignored, references }: OwnershipMap,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const paths = [...tables, ...ignored, ...references.map(({ from }) => from)].map((t) => t.path);
  const unique = [...new Set(paths)];
  const oids = await oidsOf(dataSource, unique);
  const catalog = await readTables(
    dataSource,
    oids.filter((oid) => oid !== null),
  );
  return new Map(
    unique.map((path, n) => {
      const { primaryKey, columns } = catalog.find(({ oid }) => oid === oids[n])!;
      return [path, primaryKey.length > 0 ? primaryKey : columns.map(({ name }) => name)];
    }),
  );
}
