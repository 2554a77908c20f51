import type { ForeignKey } from './foreign-keys.js';

/** A table with at least one column that references a user. */
export interface OwnedTable {
  readonly oid: string;
  /** Quoted, with its schema. */
  readonly path: string;
  /** As receipts and messages name it: with the schema unless it is the users' own. */
  readonly name: string;
  /** Quoted names of the columns that reference a user. */
  readonly owners: readonly string[];
  /** Quoted primary key columns that do not name an owner: what identifies a row before and after it changes hands. */
  readonly key: readonly string[];
}

/** A foreign key between two tables of the map, for removing rows together with what hangs on them. */
export interface OwnedReference {
  readonly from: ReferencingTable;
  readonly columns: readonly string[];
  readonly toOid: string;
  readonly toColumns: readonly string[];
}

/** A table that references an owned row, directly or through others. It may have no owner of its own. */
export interface ReferencingTable {
  readonly oid: string;
  readonly path: string;
  readonly owners: readonly string[];
}

/** Every column in the database that references a user, as the catalog had it at start. */
export interface OwnershipMap {
  readonly tables: readonly OwnedTable[];
  /** Foreign keys that lead, over any number of tables, to an owned row. */
  readonly references: readonly OwnedReference[];
  /** All foreign keys to the user table, as one value to compare. */
  readonly fingerprint: string;
}

/** The foreign keys that lead to one of the given tables, over any number of tables. */
export function referencesTo(
  roots: readonly string[],
  keys: readonly ForeignKey[],
): readonly ForeignKey[] {
  const reached = new Set(roots);
  const found = new Set<ForeignKey>();
  for (let size = -1; size !== found.size;) {
    size = found.size;
    for (const key of keys.filter(({ targetOid }) => reached.has(targetOid))) {
      found.add(key);
      reached.add(key.tableOid);
    }
  }
  return [...found];
}
