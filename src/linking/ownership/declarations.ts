import type { EntityTarget, ObjectLiteral } from 'typeorm';

/**
 * How the values of one column become one. `sum` stops at the largest value of the column's type; `fill` takes the
 * account's value, or the guest's where the account has none.
 */
export type Combination = 'sum' | 'max' | 'min' | 'or' | 'and' | 'fill';

/**
 * Who wins when rows would break a unique key once the owner is replaced. The row that loses hands its children to the
 * winner and goes.
 */
export type CollisionStrategy =
  | { readonly kind: 'reassign' | 'keepAccount' | 'keepGuest' | 'refuse' }
  | { readonly kind: 'newest'; readonly column: string }
  | { readonly kind: 'combine'; readonly columns: Readonly<Record<string, Combination>> };

/** An entity class, the name of an entity, or `'table'` or `'schema.table'` for a table without one. */
export type TableTarget = EntityTarget<ObjectLiteral>;

/** What {@link owned} needs to know beyond the table. */
export interface OwnedOptions {
  /**
   * What happens to rows that would break a unique key. Needed exactly when there is such a key.
   * @default 'reassign': the rows cannot collide
   */
  readonly onCollision?: CollisionStrategy | 'reassign' | 'keepAccount' | 'keepGuest' | 'refuse';
  /** A column that names a user without a foreign key: an entity's property, or the column's own name. */
  readonly column?: string;
}

/** What a host says about one of its tables. */
export interface TableDeclaration {
  readonly target: TableTarget;
  readonly strategy: CollisionStrategy;
  readonly softColumn?: string;
  /** Why the table takes no part in merges. */
  readonly ignoredBecause?: string;
}

/** The row with the later value in this column wins: an entity's property, or the column's own name. */
export function newest(column: string): CollisionStrategy {
  return { kind: 'newest', column };
}

/** The account's row stays and takes the guest's values in, column by column. Columns that are not named stay as they are. */
export function combine(columns: Readonly<Record<string, Combination>>): CollisionStrategy {
  return { kind: 'combine', columns };
}

/**
 * Declares a table whose rows change hands in a merge. A class with `@MergeHandler` for the same table takes the place of
 * the strategy, not of `column`.
 */
export function owned(
  target: TableTarget,
  { onCollision = 'reassign', column }: OwnedOptions = {},
): TableDeclaration {
  const strategy = typeof onCollision === 'string' ? { kind: onCollision } : onCollision;
  return { target, strategy, softColumn: column };
}

/**
 * Declares a table that references users and takes no part in merges. Its foreign key decides what becomes of a guest's
 * rows: with `ON DELETE CASCADE` they go with the guest, and the receipt counts them as dropped; with `SET NULL` they lose
 * their owner; otherwise they keep the guest from being merged until they are gone.
 * @param reason for whoever reads the code.
 */
export function ignored(target: TableTarget, reason: string): TableDeclaration {
  return { target, strategy: { kind: 'reassign' }, ignoredBecause: reason };
}

/** What `AnonymousModule.forFeature` provides; found by discovery, whichever loaded copy of this package made it. */
export class TableDeclarations {
  readonly isTableDeclarations = true;

  constructor(readonly declarations: readonly TableDeclaration[]) {}
}
