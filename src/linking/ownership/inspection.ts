import type { CollisionStrategy, Combination } from './declarations.js';
import type { ForeignKey } from './foreign-keys.js';
import type { Refusal } from './refusals.js';

/** What decides about the rows of a table in a merge. */
export type Decision =
  | { readonly kind: Exclude<CollisionStrategy['kind'], 'newest' | 'combine'> }
  | { readonly kind: 'newest'; readonly column: string }
  | { readonly kind: 'combine'; readonly columns: Readonly<Record<string, Combination>> }
  | { readonly kind: 'handler'; readonly name: string }
  | { readonly kind: 'ignored'; readonly reason: string }
  /** Rows can collide and nothing decides, so the app does not start. */
  | { readonly kind: 'undecided' };

/** A column that names a user. */
export interface InspectedOwner {
  readonly column: string;
  /** `null` without a foreign key: the host has declared the column. */
  readonly onDelete: ForeignKey['onDelete'] | null;
  /** An index that finds rows by this column. */
  readonly index: string | null;
}

export interface InspectedKey {
  readonly name: string;
  /** Columns or expressions. */
  readonly parts: readonly string[];
  /** Condition of a partial index. */
  readonly where: string | null;
}

/** One table of the ownership map, for reading. Names are not quoted. */
export interface InspectedTable {
  readonly table: string;
  /** Class of its entity. */
  readonly entity: string | null;
  readonly owners: readonly InspectedOwner[];
  readonly decision: Decision;
  readonly collidingKeys: readonly InspectedKey[];
  /** Tables to whose rows its rows are attached: when such a row loses a collision, they go to the winner. */
  readonly follows: readonly { readonly table: string; readonly columns: readonly string[] }[];
  /** Tables whose rows are attached to its rows. */
  readonly children: readonly string[];
}

export type FindingKind =
  Refusal['kind'] | 'missing-index' | 'cascade' | 'soft-reference' | 'blocked-delete';

/** Something that stops the start (`error`), costs rows or time (`warning`), or is good to know (`note`). */
export interface Finding {
  readonly kind: FindingKind;
  readonly severity: 'error' | 'warning' | 'note';
  /** Missing when it is about no single table. */
  readonly table: string | null;
  readonly columns: readonly string[];
  readonly problem: string;
  /** What to do, in words. */
  readonly fix: string | null;
  /** A line to copy: TypeScript or SQL. */
  readonly line: string | null;
}

/** The ownership map and what is wrong with it. */
export interface Inspection {
  readonly tables: readonly InspectedTable[];
  readonly findings: readonly Finding[];
}
