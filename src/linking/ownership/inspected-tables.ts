import { quote } from '../../common/sql.js';
import type { DeclarationResolver } from './declaration-resolver.js';
import type { Decision, InspectedOwner, InspectedTable } from './inspection.js';
import type { CatalogEntry } from './inspection-catalog.js';
import type { OwnedTable } from './ownership-map.js';
import type { Survey } from './ownership.service.js';

/** What the tables are described from. */
export interface InspectionSources {
  readonly survey: Survey;
  /** Every table of the database, by its object id. */
  readonly entries: ReadonlyMap<string, CatalogEntry>;
  /** Names of the handlers, by table. */
  readonly handlers: ReadonlyMap<string, string>;
  readonly resolver: Pick<DeclarationResolver, 'targetOf'>;
}

/** The map as a person reads it: those of its tables, then those that the host ignores, in the order of their names. */
export function inspectedTables(sources: InspectionSources): InspectedTable[] {
  const { survey, entries } = sources;
  const owned = survey.map.tables.map((table) => ownedTable(table, sources));
  const ignored = [...survey.declarations].flatMap(([oid, { ignoredBecause }]) => {
    const entry = entries.get(oid);
    if (ignoredBecause === undefined || !entry) return [];
    if (survey.map.tables.some((table) => table.oid === oid)) return [];
    const decision: Decision = { kind: 'ignored', reason: ignoredBecause };
    const columns = keysToUsers(oid, survey).flatMap((key) => key.columns);
    return [{ ...described(oid, columns, sources), decision, collidingKeys: [], follows: [] }];
  });
  return [...owned, ...ignored].sort((a, b) => (a.table < b.table ? -1 : 1));
}

function ownedTable(table: OwnedTable, sources: InspectionSources): InspectedTable {
  return {
    ...described(table.oid, table.owners, sources),
    decision: decisionOf(table, sources),
    collidingKeys: table.collidingKeys.map(({ name, parts, predicate }) => ({
      name,
      parts,
      where: predicate,
    })),
    follows: table.parents.map(({ parentOid, columns }) => ({
      table: nameOf(parentOid, sources),
      columns: columns.map(unquoted),
    })),
  };
}

function described(oid: string, owners: readonly string[], sources: InspectionSources) {
  const entry = sources.entries.get(oid);
  const incoming = sources.survey.foreignKeys.filter(({ targetOid }) => targetOid === oid);
  return {
    table: nameOf(oid, sources),
    entity: (entry && entityOf(entry, sources)) ?? null,
    owners: [...new Set(owners)].map((column) => ownerOf(oid, column, sources)),
    children: [...new Set(incoming.map(({ tableOid }) => nameOf(tableOid, sources)))].sort(),
  };
}

function ownerOf(
  oid: string,
  column: string,
  { survey, entries }: InspectionSources,
): InspectedOwner {
  const key = keysToUsers(oid, survey).find(({ columns }) => columns.includes(column));
  const name = unquoted(column);
  const known = entries.get(oid)?.columns.find((candidate) => candidate.name === name);
  return { column: name, onDelete: key?.onDelete ?? null, index: known?.index ?? null };
}

function decisionOf(
  { oid, collidingKeys, strategy }: OwnedTable,
  { handlers }: InspectionSources,
): Decision {
  const handler = handlers.get(oid);
  if (handler !== undefined) return { kind: 'handler', name: handler };
  switch (strategy.kind) {
    case 'newest':
      return { kind: 'newest', column: unquoted(strategy.column) };
    case 'combine': {
      const columns = Object.entries(strategy.columns).map(([name, how]) => [unquoted(name), how]);
      return { kind: 'combine', columns: Object.fromEntries(columns) };
    }
    case 'reassign':
      return { kind: collidingKeys.length > 0 ? 'undecided' : 'reassign' };
    default:
      return { kind: strategy.kind };
  }
}

/** The foreign keys of a table to the users. */
export function keysToUsers(oid: string, { foreignKeys, usersOid }: Survey) {
  return foreignKeys.filter((key) => key.tableOid === oid && key.targetOid === usersOid);
}

export function unquoted(identifier: string): string {
  return identifier.startsWith('"') ? identifier.slice(1, -1).replaceAll('""', '"') : identifier;
}

/** Class of a table's entity. */
export function entityOf(
  { schema, table }: CatalogEntry,
  { resolver }: Pick<InspectionSources, 'resolver'>,
): string | undefined {
  return resolver.targetOf(`${quote(schema)}.${quote(table)}`);
}

function nameOf(oid: string, { entries }: InspectionSources): string {
  return entries.get(oid)?.name ?? oid;
}
