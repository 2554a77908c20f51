import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource, type ObjectLiteral } from 'typeorm';
import { AuthFlow } from '../../auth/flows/auth-flow.js';
import { Session } from '../../auth/sessions/session.js';
import { ConfigurationError } from '../../common/errors.js';
import { quote, rowsOf, type SqlExecutor } from '../../common/sql.js';
import { Identity } from '../../users/identity.js';
import { Tables } from '../../users/tables.js';
import type { UserId } from '../../users/user.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { AccountLink } from '../ledger/account-link.js';
import { MergeHandlerRegistry } from '../merge/merge-handler.registry.js';
import { readTables } from './catalog.js';
import { DeclarationResolver } from './declaration-resolver.js';
import type { TableDeclaration } from './declarations.js';
import {
  fingerprintOf,
  fingerprintSql,
  type ForeignKey,
  oidsOf,
  readForeignKeys,
  referencesTo,
} from './foreign-keys.js';
import { type BuiltMap, buildMap } from './map-builder.js';
import type { OwnedTable, OwnershipMap } from './ownership-map.js';
import { messageOf } from './refusals.js';
import { findUnfit } from './strategy-fit.js';

/** Everything that a map is made of, and what stands against it. */
export interface Survey extends BuiltMap {
  readonly usersOid: string;
  /** The library's own tables beside that of the users. */
  readonly ownOids: ReadonlySet<string | null>;
  readonly foreignKeys: readonly ForeignKey[];
  /** By table. */
  readonly declarations: ReadonlyMap<string, TableDeclaration>;
}

/** The question in which tables of the map a user still owns rows, for the statement around it. */
export interface ResidueQuery {
  /** Returns the number of each such table, as `n`. */
  readonly sql: string;
  /** Names of the tables, by number. */
  readonly names: readonly string[];
}

type Holding = Pick<OwnedTable, 'path' | 'name' | 'owners' | 'columns'>;

/**
 * How rows name a user: in tables of the map, or in ignored ones, where they keep the user from being deleted or go with
 * it.
 */
export type HoldingKind = 'owned' | 'blocking' | 'cascading';

/** Reads the ownership map at start and answers what a user owns. */
@Injectable()
export class OwnershipService implements OnModuleInit {
  private loaded?: OwnershipMap;

  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly tables: Tables,
    private readonly registry: MergeHandlerRegistry,
    private readonly resolver: DeclarationResolver,
  ) {}

  get map(): OwnershipMap {
    if (!this.loaded) {
      throw new Error('The ownership map is read when the module starts; nothing may ask earlier.');
    }
    return this.loaded;
  }

  /** Tables that name a user themselves, rather than following a parent. */
  private get owning(): readonly OwnedTable[] {
    return this.map.tables.filter(({ owners }) => owners.length > 0);
  }

  /** Tables in which a user may have rows, whether a merge moves them or not. */
  private get holding(): readonly Holding[] {
    return [...this.owning, ...this.through('blocking'), ...this.through('cascading')];
  }

  async onModuleInit(): Promise<void> {
    const { map, refusals } = await this.survey();
    if (refusals.length > 0) throw new ConfigurationError(refusals.map(messageOf).join('\n\n'));
    this.loaded = map;
  }

  /**
   * Reads the database and the host's declarations, and says what stands against a merge instead of stopping the start.
   * Once for each app, for it also registers the handlers.
   * @throws ConfigurationError for tables, declarations and handlers that a map cannot be made of.
   */
  async survey(): Promise<Survey> {
    const entities = [Identity, Session, AuthFlow, AccountLink];
    const own = [
      this.tables.users.path,
      ...entities.map((entity) => this.tables.of<ObjectLiteral>(entity).path),
    ];
    const [usersOid, ...ownOids] = await oidsOf(this.dataSource, own);
    if (typeof usersOid !== 'string' || ownOids.includes(null)) {
      throw new ConfigurationError(
        `table ${own[0]} or one beside it does not exist. Run the migrations before the app starts: list \`...anonymousMigrations()\` in the DataSource's options and set \`migrationsRun: true\`, or run \`typeorm migration:run\`.`,
      );
    }
    return this.read(usersOid, new Set(ownOids));
  }

  /** Whether the user owns at least one row. */
  async ownsAnything(executor: SqlExecutor, userId: UserId): Promise<boolean> {
    const conditions = this.holding.map(
      (table) => `EXISTS (SELECT 1 FROM ${table.path} WHERE ${ownedBy(table, '$1')})`,
    );
    if (conditions.length === 0) return false;
    const [row] = await rowsOf<{ owns: boolean }>(
      executor,
      `SELECT ${conditions.join(' OR ')} AS "owns"`,
      [userId],
    );
    return row!.owns;
  }

  /**
   * Names of the tables of the map in which the user still owns rows.
   * @param isLast also those of ignored tables whose rows keep the user from being deleted.
   */
  async residue(executor: SqlExecutor, userId: UserId, isLast: boolean): Promise<string[]> {
    const { sql, names } = this.residueQuery('$1', isLast);
    const rows = await rowsOf<{ n: number }>(executor, sql, [userId]);
    return rows.map(({ n }) => names[n]!);
  }

  /** The same as a part of a statement. @param user a SQL expression for the id. */
  residueQuery(user: string, isLast: boolean): ResidueQuery {
    const tables = [...this.owning, ...(isLast ? this.through('blocking') : [])];
    const parts = tables.map(
      (table, n) =>
        `SELECT ${n} AS "n" WHERE EXISTS (SELECT 1 FROM ${table.path} WHERE ${ownedBy(table, user)})`,
    );
    // With no table to look at, there is still a user to ask for.
    const none = `SELECT 0 AS "n" WHERE ${user}::text IS NULL`;
    return { sql: parts.join(' UNION ALL ') || none, names: tables.map(({ name }) => name) };
  }

  /**
   * SQL condition over a user's id, itself a SQL expression: rows of that user may have come after its merge. `undefined`
   * when none can.
   * @param isDeleted the user's row is gone, so that only columns without a foreign key can name it.
   */
  lateRowsOf(isDeleted: boolean): ((user: string) => string) | undefined {
    const tables = this.owning.filter(({ isSoft }) => isSoft || !isDeleted);
    if (tables.length === 0) return undefined;
    return (user) =>
      tables.map((t) => `EXISTS (SELECT 1 FROM ${t.path} WHERE ${ownedBy(t, user)})`).join(' OR ');
  }

  /** How many rows of ignored tables go with the user when it is deleted, by the table's name. */
  async cascading(executor: SqlExecutor, userId: UserId): Promise<Record<string, number>> {
    const tables = this.through('cascading');
    if (tables.length === 0) return {};
    const parts = tables.map(
      (table) => `(SELECT count(*) FROM ${table.path} WHERE ${ownedBy(table, '$1')})`,
    );
    const [row] = await rowsOf<{ counts: number[] }>(
      executor,
      `SELECT ARRAY[${parts.join(', ')}]::int[] AS "counts"`,
      [userId],
    );
    return Object.fromEntries(tables.map(({ name }, n) => [name, row!.counts[n]!]));
  }

  /** SQL condition: the foreign keys to users, and to what belongs to them, are still those of the map. */
  get currentSql(): string {
    const { watched, fingerprint } = this.map;
    return `(${fingerprintSql(`'{${watched.join(',')}}'`)}) = '${fingerprint}'`;
  }

  /**
   * SQL conditions over a user's id, itself a SQL expression: rows of these kinds name that user. One for each column, so
   * that Postgres can join each by itself.
   */
  holdings(kinds: readonly HoldingKind[], user: string): string[] {
    const tables = kinds.flatMap((kind): readonly Holding[] =>
      kind === 'owned' ? this.owning : this.through(kind),
    );
    return tables.flatMap(({ path, owners, columns }) =>
      owners.map(
        (owner) =>
          `EXISTS (SELECT 1 FROM ${path} o WHERE ${ownedBy({ owners: [owner], columns }, user, 'o.')})`,
      ),
    );
  }

  private through(kind: 'blocking' | 'cascading'): Holding[] {
    return this.map.ignored
      .map((table) => ({ ...table, owners: table[kind] }))
      .filter(({ owners }) => owners.length > 0);
  }

  private async read(usersOid: string, own: ReadonlySet<string | null>): Promise<Survey> {
    const foreignKeys = (await readForeignKeys(this.dataSource)).filter(
      (k) => !own.has(k.tableOid),
    );
    const declarations = await this.resolver.resolve();
    const roots = [usersOid, ...declarations.keys()];
    const reached = referencesTo(roots, foreignKeys).map(({ tableOid }) => tableOid);
    const watched = [...new Set([usersOid, ...declarations.keys(), ...reached])];
    const tables = await readTables(this.dataSource, watched);
    const catalog = new Map(tables.map((table) => [table.oid, table]));
    const usersId = this.tables.users.columns.id;
    const users = catalog.get(usersOid)!;
    const built = buildMap({
      usersOid,
      usersId,
      usersIdType: users.columns.find(({ name }) => name === usersId)!.type,
      schema: users.schema,
      watched,
      fingerprint: await fingerprintOf(this.dataSource, watched),
      foreignKeys,
      catalog,
      declarations,
      unfit: await findUnfit(this.dataSource, catalog, declarations),
      handled: await this.registry.load(),
      entityOf: (oid) => {
        const table = catalog.get(oid);
        return table && this.resolver.targetOf(`${quote(table.schema)}.${quote(table.table)}`);
      },
    });
    return { ...built, usersOid, ownOids: own, foreignKeys, declarations };
  }
}

/**
 * SQL condition: one of the owner columns names this user.
 * @param user a SQL expression for its id. Each column compares in its own type, or it could not use its index.
 */
export function ownedBy(
  { owners, columns }: Pick<OwnedTable, 'owners' | 'columns'>,
  user: string,
  alias = '',
): string {
  const conditions = owners.map((column) => {
    const { type } = columns.find(({ name }) => name === column)!;
    return `${alias}${column} = ${user}::text::${type}`;
  });
  return `(${conditions.join(' OR ')})`;
}
