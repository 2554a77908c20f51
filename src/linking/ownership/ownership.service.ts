import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuthFlow } from '../../auth/flows/auth-flow.js';
import { Session } from '../../auth/sessions/session.js';
import { ConfigurationError } from '../../common/errors.js';
import { quote, rowsOf, type SqlExecutor, tableOf } from '../../common/sql.js';
import { Identity } from '../../users/identity.js';
import { User, type UserId } from '../../users/user.js';
import { UsersService } from '../../users/users.service.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { AccountLink } from '../ledger/account-link.js';
import { MergeHandlerRegistry } from '../merge/merge-handler.registry.js';
import { readTables } from './catalog.js';
import { DeclarationResolver } from './declaration-resolver.js';
import type { TableDeclaration } from './declarations.js';
import {
  fingerprintOf,
  type ForeignKey,
  oidsOf,
  readForeignKeys,
  referencesTo,
} from './foreign-keys.js';
import { type BuiltMap, buildMap } from './map-builder.js';
import type { OwnedTable, OwnershipMap } from './ownership-map.js';
import { messageOf } from './refusals.js';

/** Everything that a map is made of, and what stands against it. */
export interface Survey extends BuiltMap {
  readonly usersOid: string;
  /** The library's own tables beside that of the users. */
  readonly ownOids: ReadonlySet<string | null>;
  readonly foreignKeys: readonly ForeignKey[];
  /** By table. */
  readonly declarations: ReadonlyMap<string, TableDeclaration>;
}

/** Reads the ownership map at start and answers what a user owns. */
@Injectable()
export class OwnershipService implements OnModuleInit {
  private loaded?: OwnershipMap;

  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly users: UsersService,
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
    const entities = [User, Identity, Session, AuthFlow, AccountLink];
    const own = entities.map((entity) => tableOf(this.dataSource, entity).path);
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
    const conditions = this.owning.map(
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
    if (this.owning.length === 0) return [];
    const parts = this.owning.map(
      ({ path, owners }, n) =>
        `SELECT ${n} AS "n" WHERE EXISTS (SELECT 1 FROM ${path} WHERE ${ownedBy(owners, '$1')})`,
    );
    const rows = await rowsOf<{ n: number }>(executor, parts.join(' UNION ALL '), [userId]);
    return rows.map(({ n }) => this.owning[n]!.name);
  }

  /** Whether the foreign keys to users are still those of the map. */
  async isCurrent(executor: SqlExecutor): Promise<boolean> {
    return (await fingerprintOf(executor, this.users.table.path)) === this.map.fingerprint;
  }

  private async read(usersOid: string, own: ReadonlySet<string | null>): Promise<Survey> {
    const foreignKeys = (await readForeignKeys(this.dataSource)).filter(
      (k) => !own.has(k.tableOid),
    );
    const declarations = await this.resolver.resolve();
    const roots = [usersOid, ...declarations.keys()];
    const reached = referencesTo(roots, foreignKeys).map(({ tableOid }) => tableOid);
    const catalog = await readTables(this.dataSource, [
      ...new Set([...declarations.keys(), ...reached]),
    ]);
    const built = buildMap({
      usersOid,
      usersId: this.users.table.columns.id,
      schema: await this.schemaOf(usersOid),
      fingerprint: await fingerprintOf(this.dataSource, this.users.table.path),
      foreignKeys,
      catalog: new Map(catalog.map((table) => [table.oid, table])),
      declarations,
      handled: await this.registry.load(),
      targetOf: (oid) => {
        const table = catalog.find((candidate) => candidate.oid === oid);
        return table && this.resolver.targetOf(`${quote(table.schema)}.${quote(table.table)}`);
      },
    });
    return { ...built, usersOid, ownOids: own, foreignKeys, declarations };
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
