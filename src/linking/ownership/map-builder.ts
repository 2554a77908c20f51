import { collidingKeysOf } from './colliding-keys.js';
import { declarationRefusals, isBlocking, isIgnored } from './declaration-refusals.js';
import type { CollisionStrategy } from './declarations.js';
import { type ForeignKey, referencesTo } from './foreign-keys.js';
import { type MapSources, nameOf, targetOf } from './map-sources.js';
import type {
  IgnoredTable,
  OwnedReference,
  OwnedTable,
  OwnershipMap,
  ParentReference,
  UsersTable,
} from './ownership-map.js';
import { quote } from '../../common/sql.js';
import { type Refusal, refusalsOf } from './refusals.js';

export interface BuiltMap {
  readonly map: OwnershipMap;
  /** Why the app must not start. */
  readonly refusals: readonly Refusal[];
}

const REASSIGN: CollisionStrategy = { kind: 'reassign' };

/** Joins the catalog with what the host has declared. */
export function buildMap(sources: MapSources): BuiltMap {
  const owners = ownersByTable(sources);
  const tables = new Map<string, OwnedTable>();
  for (const oid of owners.keys()) tables.set(oid, tableOf(oid, sources, owners, []));
  spreadToFollowers(tables, sources, owners);
  const all = [...tables.values()];
  const refusals = [
    ...declarationRefusals(sources),
    ...all
      .filter(({ oid }) => !sources.handled.has(oid))
      .flatMap((table) => refusalsOf(caseOf(table, sources))),
  ];
  // Whoever leads to a user has an owner. Past the users nothing belongs to anybody any more.
  const roots = [...owners.keys()].filter((oid) => oid !== sources.usersOid);
  const keys = sources.foreignKeys.filter(({ targetOid }) => targetOid !== sources.usersOid);
  const references = referencesTo(roots, keys).map((key) => ({
    from: {
      oid: key.tableOid,
      path: pathOf(key),
      owners: owners.get(key.tableOid) ?? [],
      columns: sources.catalog.get(key.tableOid)!.columns,
    },
    columns: key.columns,
    toOid: key.targetOid,
    toColumns: key.targetColumns,
    isRequired: key.isRequired,
    isCascading: key.onDelete === 'cascade',
  }));
  const { watched, fingerprint } = sources;
  return {
    map: {
      users: usersTable(sources, references),
      tables: all,
      ignored: ignoredTables(sources),
      references,
      watched,
      fingerprint,
    },
    refusals,
  };
}

function usersTable(
  { usersOid, usersId, catalog, foreignKeys }: MapSources,
  references: readonly OwnedReference[],
): UsersTable {
  const { columns, ...table } = catalog.get(usersOid)!;
  const own = references.filter(({ from }) => from.oid === usersOid);
  const mentioned = own.flatMap((reference) => reference.columns);
  const among = foreignKeys.filter((k) => k.tableOid === usersOid && k.targetOid === usersOid);
  const isLoose = ({ onDelete }: ForeignKey) =>
    onDelete === 'set null' || onDelete === 'set default';
  return {
    oid: usersOid,
    path: pathOf(table),
    owners: [usersId],
    columns,
    mentions: columns
      .filter(({ name, notNull }) => !notNull && mentioned.includes(name))
      .map(({ name }) => name),
    dependents: among
      .filter((key) => !isLoose(key))
      .flatMap((key) => key.columns[key.targetColumns.indexOf(usersId)] ?? []),
  };
}

/** A table whose rows refer to rows that may lose has rows to rewrite too, which may collide in their turn. */
function spreadToFollowers(
  tables: Map<string, OwnedTable>,
  sources: MapSources,
  owners: ReadonlyMap<string, readonly string[]>,
): void {
  const parents = new Map<string, ParentReference[]>();
  const pending = [...tables.values()];
  const spread = new Set<string>();
  for (let parent = pending.pop(); parent; parent = pending.pop()) {
    const { oid } = parent;
    if (spread.has(oid) || sources.handled.has(oid) || !mayLose(parent)) continue;
    spread.add(oid);
    for (const key of sources.foreignKeys.filter(({ targetOid }) => targetOid === oid)) {
      const list = parents.get(key.tableOid) ?? [];
      list.push({ columns: key.columns, parentOid: oid, parentColumns: key.targetColumns });
      parents.set(key.tableOid, list);
      const follower = tableOf(key.tableOid, sources, owners, list);
      tables.set(key.tableOid, follower);
      pending.push(follower);
    }
  }
  for (const [oid, table] of tables) {
    const referencedBy = [...parents.values()]
      .flat()
      .filter(({ parentOid }) => parentOid === oid)
      .map(({ parentColumns }) => parentColumns);
    tables.set(oid, { ...table, referencedBy });
  }
}

function ignoredTables(sources: MapSources): IgnoredTable[] {
  const { declarations, catalog, foreignKeys, usersOid } = sources;
  const ignored = [...declarations.keys()].filter((oid) => isIgnored(declarations.get(oid)));
  return ignored.map((oid) => {
    const table = catalog.get(oid)!;
    const keys = foreignKeys.filter((key) => key.tableOid === oid && key.targetOid === usersOid);
    const columnsOf = (chosen: readonly ForeignKey[]) =>
      chosen.flatMap((key) => ownerOf(key, sources) ?? []);
    return {
      path: pathOf(table),
      name: nameOf(oid, sources),
      columns: table.columns,
      blocking: columnsOf(keys.filter(({ onDelete }) => isBlocking(onDelete))),
      cascading: columnsOf(keys.filter(({ onDelete }) => onDelete === 'cascade')),
    };
  });
}

function mayLose({ collidingKeys, strategy }: OwnedTable): boolean {
  return collidingKeys.length > 0 && strategy.kind !== 'reassign' && strategy.kind !== 'refuse';
}

function tableOf(
  oid: string,
  sources: MapSources,
  owners: ReadonlyMap<string, readonly string[]>,
  parents: readonly ParentReference[],
): OwnedTable {
  const table = sources.catalog.get(oid)!;
  const own = owners.get(oid) ?? [];
  const replaced = [...own, ...parents.flatMap(({ columns }) => columns)];
  return {
    oid,
    path: pathOf(table),
    name: nameOf(oid, sources),
    owners: own,
    isSoft: sources.declarations.get(oid)?.softColumn !== undefined,
    primaryKey: table.primaryKey,
    key: table.primaryKey.filter((column) => !own.includes(column)),
    columns: table.columns,
    collidingKeys: collidingKeysOf(table, replaced),
    strategy: sources.declarations.get(oid)?.strategy ?? REASSIGN,
    parents,
    referencedBy: [],
  };
}

/** The columns that hold a user's id, by table. A composite key counts with the column that matches the user's id. */
function ownersByTable(sources: MapSources): Map<string, string[]> {
  const { foreignKeys, usersOid, declarations } = sources;
  const owners = new Map<string, string[]>();
  const add = (oid: string, column: string | undefined) => {
    const known = owners.get(oid) ?? [];
    if (column !== undefined && !known.includes(column)) owners.set(oid, [...known, column]);
  };
  for (const key of foreignKeys.filter(({ targetOid }) => targetOid === usersOid)) {
    if (isIgnored(declarations.get(key.tableOid))) continue;
    add(key.tableOid, ownerOf(key, sources));
  }
  for (const [oid, { softColumn }] of declarations) add(oid, softColumn);
  return owners;
}

function ownerOf({ columns, targetColumns }: ForeignKey, { usersId }: MapSources) {
  return columns[targetColumns.indexOf(usersId)];
}

function caseOf(table: OwnedTable, sources: MapSources) {
  const { oid } = table;
  return {
    table,
    catalog: sources.catalog.get(oid)!,
    declaration: sources.declarations.get(oid),
    replaced: [...table.owners, ...table.parents.flatMap(({ columns }) => columns)],
    incoming: sources.foreignKeys.filter(({ targetOid }) => targetOid === oid),
    unfit: sources.unfit,
    target: targetOf(oid, sources),
    isUsers: oid === sources.usersOid,
  };
}

function pathOf({ schema, table }: { readonly schema: string; readonly table: string }): string {
  return `${quote(schema)}.${quote(table)}`;
}
