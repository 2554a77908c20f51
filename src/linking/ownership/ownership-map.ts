import type { CollisionStrategy } from './declarations.js';

export interface TableColumn {
  /** Quoted. */
  readonly name: string;
  /** As SQL spells it, with its modifiers. */
  readonly type: string;
}

/** A unique constraint or a unique index. */
export interface UniqueKey {
  readonly name: string;
  /** What must differ: quoted columns or expressions over the table's own columns. */
  readonly parts: readonly string[];
  /** Quoted names of every column that the parts and the predicate read. */
  readonly columns: readonly string[];
  /** Condition of a partial index. */
  readonly predicate: string | null;
  /** Whether rows with a null in the key never collide. */
  readonly nullsDistinct: boolean;
}

/** A foreign key from a table to one whose rows may lose a collision. Names are quoted. */
export interface ParentReference {
  readonly columns: readonly string[];
  readonly parentOid: string;
  readonly parentColumns: readonly string[];
}

/** A table whose rows a merge may touch. */
export interface OwnedTable {
  readonly oid: string;
  /** Quoted, with its schema. */
  readonly path: string;
  /** As receipts and messages name it: with the schema unless it is the users' own. */
  readonly name: string;
  /** Quoted names of the columns that name a user. Empty for a table that only follows a parent. */
  readonly owners: readonly string[];
  /** One of the owners is a column without a foreign key. */
  readonly isSoft: boolean;
  /** Quoted primary key columns that do not name an owner: what identifies a row before and after it changes hands. */
  readonly key: readonly string[];
  /** The whole primary key. */
  readonly primaryKey: readonly string[];
  readonly columns: readonly TableColumn[];
  /** Keys that rows may break when their owner, or a parent that has lost, is replaced. */
  readonly collidingKeys: readonly UniqueKey[];
  readonly strategy: CollisionStrategy;
  /** References to tables whose rows may lose. */
  readonly parents: readonly ParentReference[];
  /** Column lists by which other tables of the map refer to a row of this one that loses. */
  readonly referencedBy: readonly (readonly string[])[];
}

/** A foreign key between two tables, for removing rows together with what hangs on them. */
export interface OwnedReference {
  readonly from: ReferencingTable;
  readonly columns: readonly string[];
  readonly toOid: string;
  readonly toColumns: readonly string[];
  readonly isRequired: boolean;
  /** Whether Postgres removes the row together with the one it refers to. */
  readonly isCascading: boolean;
}

/** A table that references an owned row, directly or through others. It may have no owner of its own. */
export interface ReferencingTable {
  readonly oid: string;
  readonly path: string;
  readonly owners: readonly string[];
  readonly columns: readonly TableColumn[];
}

/** The table of the users themselves: its rows may refer to owned rows and to each other, and nobody owns them. */
export interface UsersTable extends ReferencingTable {
  /** The primary key, and nothing else. */
  readonly owners: readonly [string];
  /** Quoted columns that may be null by which users refer to owned rows. */
  readonly mentions: readonly string[];
  /** Quoted columns by which another user keeps the one that it names from being deleted, or would go with it. */
  readonly dependents: readonly string[];
}

/** A table that the host keeps out of merges. Its rows stay as they are, as far as their foreign keys let them. */
export interface IgnoredTable {
  readonly path: string;
  readonly name: string;
  readonly columns: readonly TableColumn[];
  /** Columns by which rows keep a guest from being deleted. */
  readonly blocking: readonly string[];
  /** Columns by which rows go with a guest that is deleted. */
  readonly cascading: readonly string[];
}

/** Every column in the database that references a user, as the catalog had it at start. */
export interface OwnershipMap {
  readonly users: UsersTable;
  readonly tables: readonly OwnedTable[];
  readonly ignored: readonly IgnoredTable[];
  /** Foreign keys that lead, over any number of tables, to an owned row. Not those that lead to a user. */
  readonly references: readonly OwnedReference[];
  /** Object ids of the user table and of every table that this map is about. */
  readonly watched: readonly string[];
  /** All foreign keys to these, as one value to compare. */
  readonly fingerprint: string;
}
