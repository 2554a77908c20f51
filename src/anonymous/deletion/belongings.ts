import type { OwnershipMap, ReferencingTable } from '../../linking/ownership/ownership-map.js';
import { ownedBy } from '../../linking/ownership/ownership.service.js';
import { DoomedRows } from './doomed-rows.js';

/** Statements that find and remove what a user owns. The id of the user is $1 in each. */
export interface Belongings {
  /** Lock the rows that others may refer to. */
  readonly locks: readonly string[];
  /** Names tables with rows that somebody else shares, or that refer to a row of the user. */
  readonly dependents: string | undefined;
  /** One statement for all tables, so that foreign keys are checked at its end and their circles do not matter. */
  readonly removal: string | undefined;
}

/** Makes the statements for a map: once, they depend on nothing else. */
export function belongingsOf(map: OwnershipMap): Belongings {
  const doomed = new DoomedRows(map);
  const tables = [...doomed.tables.values()];
  const referenced = tables.filter(({ oid }) => map.references.some(({ toOid }) => toOid === oid));
  const dependents = [
    ...sharedByOwner(map),
    ...namingUsers(map),
    ...map.references.map((reference) => {
      const { from } = reference;
      return named(
        from.path,
        `${doomed.refersTo(reference, true)} AND ${doomed.in(from)} IS NOT TRUE`,
      );
    }),
    ...tables.flatMap((table) => sharedByWholes(doomed, table)),
  ];
  const deletions = tables.map(
    (table, n) => `d${n} AS (DELETE FROM ${table.path} WHERE ${doomed.in(table)})`,
  );
  return {
    locks: referenced.map((t) => `SELECT 1 FROM ${t.path} WHERE ${doomed.in(t)} FOR UPDATE`),
    dependents: dependents.length > 0 ? `${dependents.join(' UNION ALL ')} LIMIT 1` : undefined,
    removal:
      deletions.length > 0
        ? `WITH ${[...detachment(map), ...deletions].join(', ')} SELECT 1`
        : undefined,
  };
}

/** Other users that name the user, where the host's key does not say that they lose the name. */
function namingUsers({ users }: OwnershipMap): string[] {
  const { path, columns, dependents } = users;
  if (dependents.length === 0) return [];
  const isOther = `NOT ${ownedBy(users, '$1')}`;
  return [named(path, `${ownedBy({ owners: dependents, columns }, '$1')} AND ${isOther}`)];
}

/** The user's row outlives what it owns by a statement, so it lets go of what it refers to: its picture, its best score. */
function detachment({ users }: OwnershipMap): string[] {
  const { path, mentions } = users;
  if (mentions.length === 0) return [];
  const changes = mentions.map((column) => `${column} = NULL`).join(', ');
  return [`detached AS (UPDATE ${path} SET ${changes} WHERE ${ownedBy(users, '$1')})`];
}

/** Rows that name somebody else as an owner too. */
function sharedByOwner({ tables, users }: OwnershipMap): string[] {
  return tables
    .filter(({ oid, owners }) => owners.length > 1 && oid !== users.oid)
    .map((table) => {
      const { path, owners, columns } = table;
      const others = owners.map((c) => `NOT ${ownedBy({ owners: [c], columns }, '$1')}`);
      return named(path, `${ownedBy(table, '$1')} AND (${others.join(' OR ')})`);
    });
}

/** Rows that are part of a row of the user and, as far as the keys tell, just as much of one that stays. */
function sharedByWholes(doomed: DoomedRows, table: ReferencingTable): string[] {
  if (table.owners.length > 0) return [];
  const wholes = doomed.wholesOf(table);
  if (wholes.length < 2) return [];
  return wholes.map((whole) =>
    named(table.path, `${doomed.in(table)} AND ${doomed.refersTo(whole, false)}`),
  );
}

function named(table: string, condition: string): string {
  return `SELECT '${table.replaceAll("'", "''")}' AS "table" FROM ${table} WHERE ${condition}`;
}
