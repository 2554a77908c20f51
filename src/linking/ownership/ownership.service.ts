import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Session } from '../../auth/sessions/session.js';
import { ConfigurationError } from '../../common/errors.js';
import { quote, rowsOf, type SqlExecutor, tableOf } from '../../common/sql.js';
import { Identity } from '../../users/identity.js';
import { User, type UserId } from '../../users/user.js';
import { UsersService } from '../../users/users.service.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { AccountLink } from '../ledger/account-link.js';
import {
  fingerprintOf,
  type ForeignKey,
  oidsOf,
  readForeignKeys,
  readPrimaryKeys,
} from './foreign-keys.js';
import { type OwnedTable, type OwnershipMap, referencesTo } from './ownership-map.js';

/** Reads the ownership map at start and answers what a user owns. */
@Injectable()
export class OwnershipService implements OnModuleInit {
  private loaded?: OwnershipMap;

  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly users: UsersService,
  ) {}

  get map(): OwnershipMap {
    if (!this.loaded) {
      throw new Error('The ownership map is read when the module starts; nothing may ask earlier.');
    }
    return this.loaded;
  }

  async onModuleInit(): Promise<void> {
    const own = [User, Identity, Session, AccountLink].map((e) => tableOf(this.dataSource, e).path);
    const [usersOid, ...ownOids] = await oidsOf(this.dataSource, own);
    if (typeof usersOid !== 'string' || ownOids.includes(null)) {
      throw new ConfigurationError(
        `table ${own[0]} or one beside it does not exist. Run the migrations before the app starts: list \`...anonymousMigrations()\` in the DataSource's options and set \`migrationsRun: true\`, or run \`typeorm migration:run\`.`,
      );
    }
    this.loaded = await this.read(usersOid, new Set(ownOids));
  }

  /** Whether the user owns at least one row. */
  async ownsAnything(executor: SqlExecutor, userId: UserId): Promise<boolean> {
    const conditions = this.map.tables.map(
      ({ path, owners }) => `EXISTS (SELECT 1 FROM ${path} WHERE ${ownedBy(owners, '$1')})`,
    );
    if (conditions.length === 0) return false;
    const [row] = await rowsOf<{ owns: boolean }>(
      executor,
      `SELECT ${conditions.join(' OR ')} AS "owns"`,
      [userId],
    );
    return row!.owns;
  }

  /** Names of the mapped tables in which the user still owns a row. */
  async residue(executor: SqlExecutor, userId: UserId): Promise<string[]> {
    if (this.map.tables.length === 0) return [];
    const parts = this.map.tables.map(
      ({ path, owners }, n) =>
        `SELECT ${n} AS "n" WHERE EXISTS (SELECT 1 FROM ${path} WHERE ${ownedBy(owners, '$1')})`,
    );
    const rows = await rowsOf<{ n: number }>(executor, parts.join(' UNION ALL '), [userId]);
    return rows.map(({ n }) => this.map.tables[n]!.name);
  }

  /** Whether the foreign keys to users are still those of the map. */
  async isCurrent(executor: SqlExecutor): Promise<boolean> {
    return (await fingerprintOf(executor, this.users.table.path)) === this.map.fingerprint;
  }

  private async read(usersOid: string, own: ReadonlySet<string | null>): Promise<OwnershipMap> {
    const keys = (await readForeignKeys(this.dataSource)).filter((k) => !own.has(k.tableOid));
    const primaryKeys = await readPrimaryKeys(this.dataSource);
    const fingerprint = await fingerprintOf(this.dataSource, this.users.table.path);
    const schema = await this.schemaOf(usersOid);
    const owners = ownersByTable(keys, usersOid, this.users.table.columns.id);
    const tables = [...owners.values()].map(([first, columns]): OwnedTable => {
      const key = (primaryKeys.get(first.tableOid) ?? []).map(quote);
      return {
        oid: first.tableOid,
        path: pathOf(first),
        name: first.schema === schema ? first.table : `${first.schema}.${first.table}`,
        owners: columns,
        key: key.filter((column) => !columns.includes(column)),
      };
    });
    const references = referencesTo(
      tables.map(({ oid }) => oid),
      keys,
    ).map((key) => ({
      from: {
        oid: key.tableOid,
        path: pathOf(key),
        owners: owners.get(key.tableOid)?.[1] ?? [],
      },
      columns: key.columns.map(quote),
      toOid: key.targetOid,
      toColumns: key.targetColumns.map(quote),
    }));
    return { tables, references, fingerprint };
  }

  private async schemaOf(oid: string): Promise<string> {
    const [row] = await rowsOf<{ schema: string }>(
      this.dataSource,
      `SELECT relnamespace::regnamespace::text AS "schema" FROM pg_class WHERE oid = $1`,
      [oid],
    );
    return row!.schema;
  }
}

/** SQL condition: one of the owner columns names this user (a SQL expression). */
export function ownedBy(owners: readonly string[], user: string, alias = ''): string {
  return `(${owners.map((column) => `${alias}${column} = ${user}`).join(' OR ')})`;
}

function pathOf({ schema, table }: ForeignKey): string {
  return `${quote(schema)}.${quote(table)}`;
}

/** The columns that hold a user's id, by table. A composite key counts with the column that matches the user's id. */
function ownersByTable(
  keys: readonly ForeignKey[],
  usersOid: string,
  idColumn: string,
): Map<string, readonly [ForeignKey, string[]]> {
  const owners = new Map<string, readonly [ForeignKey, string[]]>();
  for (const key of keys.filter(({ targetOid }) => targetOid === usersOid)) {
    const column = key.columns[key.targetColumns.findIndex((c) => quote(c) === idColumn)];
    if (column === undefined) continue;
    const entry = owners.get(key.tableOid) ?? ([key, []] as const);
    if (!entry[1].includes(quote(column))) entry[1].push(quote(column));
    owners.set(key.tableOid, entry);
  }
  return owners;
}
