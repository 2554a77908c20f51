import type {
  OwnedReference,
  OwnershipMap,
  ReferencingTable,
} from '../../linking/ownership/ownership-map.js';
import { ownedBy } from '../../linking/ownership/ownership.service.js';

/** Statements that find and remove what a guest owns. The guest's id is $1 in each. */
export interface Belongings {
  /** Lock the rows that others may refer to. */
  readonly locks: readonly string[];
  /** Names tables with rows that somebody else shares, or that refer to a row of the guest. */
  readonly dependents: string | undefined;
  /** One statement for all tables, so that foreign keys are checked at its end and their circles do not matter. */
  readonly removal: string | undefined;
}

/**
 * A guest's belongings are the rows that name it as owner, and rows without an owner column that hang on them by foreign
 * keys, such as the items of a basket.
 */
export function belongingsOf({ tables, references }: OwnershipMap): Belongings {
  const appendages = references.map(({ from }) => from).filter(({ owners }) => owners.length === 0);
  const all = new Map<string, ReferencingTable>(
    [...tables, ...appendages].map((table) => [table.oid, table]),
  );
  const doomed = (table: ReferencingTable) => doomedIn(table, all, references, []);
  const referenced = [...all.values()].filter(({ oid }) =>
    references.some(({ toOid }) => toOid === oid),
  );
  const shared = tables
    .filter(({ owners }) => owners.length > 1)
    .map((table) => {
      const { path, owners, columns, name } = table;
      const others = owners
        .map((column) => `NOT ${ownedBy({ owners: [column], columns }, '$1')}`)
        .join(' OR ');
      return `SELECT '${literal(name)}' AS "table" FROM ${path} WHERE ${ownedBy(table, '$1')} AND (${others})`;
    });
  const strangers = references
    .filter(({ from }) => from.owners.length > 0)
    .map(({ from, columns, toOid, toColumns }) => {
      const target = all.get(toOid)!;
      return `SELECT '${literal(from.path)}' AS "table" FROM ${from.path} WHERE (${columns.join(', ')}) IN
        (SELECT ${toColumns.join(', ')} FROM ${target.path} WHERE ${doomed(target)})
        AND ${ownedBy(from, '$1')} IS NOT TRUE`;
    });
  const dependents = [...shared, ...strangers];
  const deletions = [...all.values()].map(
    (table, n) => `d${n} AS (DELETE FROM ${table.path} WHERE ${doomed(table)})`,
  );
  return {
    locks: referenced.map((t) => `SELECT 1 FROM ${t.path} WHERE ${doomed(t)} FOR UPDATE`),
    dependents: dependents.length > 0 ? `${dependents.join(' UNION ALL ')} LIMIT 1` : undefined,
    removal: deletions.length > 0 ? `WITH ${deletions.join(', ')} SELECT 1` : undefined,
  };
}

/** SQL condition: the row is one of the guest's belongings. */
function doomedIn(
  table: ReferencingTable,
  all: ReadonlyMap<string, ReferencingTable>,
  references: readonly OwnedReference[],
  path: readonly string[],
): string {
  if (table.owners.length > 0) return ownedBy(table, '$1');
  const conditions = references
    .filter(({ from, toOid }) => from.oid === table.oid && ![...path, table.oid].includes(toOid))
    .map(({ columns, toOid, toColumns }) => {
      const target = all.get(toOid)!;
      const condition = doomedIn(target, all, references, [...path, table.oid]);
      return `(${columns.join(', ')}) IN (SELECT ${toColumns.join(', ')} FROM ${target.path} WHERE ${condition})`;
    });
  return conditions.length > 0 ? `(${conditions.join(' OR ')})` : 'false';
}

function literal(text: string): string {
  return text.replaceAll("'", "''");
}
