import type { CatalogTable } from './catalog.js';
import type { TableDeclaration } from './declarations.js';
import type { ForeignKey } from './foreign-keys.js';
import type { OwnedTable, UniqueKey } from './ownership-map.js';
import type { Unfit } from './strategy-fit.js';
import { strategyRefusals } from './strategy-refusals.js';

/** Everything about one table that decides whether a merge could do without code of the host. */
export interface TableCase {
  readonly table: OwnedTable;
  readonly catalog: CatalogTable;
  readonly declaration: TableDeclaration | undefined;
  /** Owner columns, and columns that refer to a parent which may lose. */
  readonly replaced: readonly string[];
  /** Foreign keys of other tables to this one. */
  readonly incoming: readonly ForeignKey[];
  /** What declarations ask of columns whose types do not support it. */
  readonly unfit: Unfit;
  /** How the host would name the table in a declaration. */
  readonly target: string;
  /** Whether it is the table of the users themselves. */
  readonly isUsers: boolean;
}

/** Why a merge could lose or refuse rows of a table, and what to write against it. */
export interface Refusal {
  readonly kind: 'missing-policy' | 'wrong-declaration' | 'cannot-merge';
  readonly table: string;
  readonly problem: string;
  readonly fix: string;
  /** The one line that is enough, where there is one; part of `fix`. */
  readonly line?: string;
}

/** One sentence after the other, for the error that stops the start. */
export function messageOf({ table, problem, fix }: Refusal): string {
  return `table ${table}: ${problem} ${fix}`;
}

/** What stands against a merge of this table. Empty when nothing does. */
export function refusalsOf(subject: TableCase): Refusal[] {
  return [
    ...missingOwners(subject),
    ...(subject.isUsers ? keysOfUsers(subject) : undeclaredKeys(subject)),
    ...unreadableKeys(subject),
    ...withoutPrimaryKey(subject),
    ...referencedOwners(subject),
    ...constraints(subject),
    ...rowSecurity(subject),
    ...strategyRefusals(subject),
  ];
}

function missingOwners({ table, declaration, target }: TableCase): Refusal[] {
  const soft = declaration?.softColumn;
  if (soft === undefined || table.columns.some(({ name }) => name === soft)) return [];
  return [
    {
      kind: 'wrong-declaration',
      table: table.name,
      problem: `\`owned(${target}, { column })\` names the column ${soft}, which it does not have.`,
      fix: "Name the entity's property or the column itself.",
    },
  ];
}

function undeclaredKeys({ table, target }: TableCase): Refusal[] {
  if (table.strategy.kind !== 'reassign') return [];
  const line = `AnonymousModule.forFeature([owned(${target}, { onCollision: 'keepAccount' })])`;
  return table.collidingKeys.map((key) => ({
    kind: 'missing-policy',
    table: table.name,
    problem: `rows of a guest and of an account can break the unique key ${describe(key)}.`,
    fix: `Say what happens then: \`${line}\` (or 'keepGuest', newest(column), combine({ column: 'sum' }), 'refuse'), or write a class with \`@MergeHandler(${target})\`.`,
    line,
  }));
}

/** A strategy would make room by deleting a user, who need not even be one of the two. */
function keysOfUsers({ table, target }: TableCase): Refusal[] {
  if (table.strategy.kind === 'refuse') return [];
  return table.collidingKeys.map((key) => ({
    kind: 'cannot-merge',
    table: table.name,
    problem: `users can break its unique key ${describe(key)} once a merge replaces what they name, and no user gives way to another.`,
    fix: `Write a class with \`@MergeHandler(${target})\` that knows what to do then, or \`owned(${target}, { onCollision: 'refuse' })\`.`,
  }));
}

/** Keys that rows can break in a way that nothing but the index itself can tell beforehand. */
function unreadableKeys({ table, catalog, replaced, target }: TableCase): Refusal[] {
  const generated = catalog.columns.filter(({ generatedFrom }) =>
    generatedFrom.some((column) => replaced.includes(column)),
  );
  const computed = catalog.uniqueKeys.filter(({ columns }) =>
    generated.some(({ name }) => columns.includes(name)),
  );
  const partial = catalog.partitionKeys.filter(({ columns }) =>
    columns.some((column) => replaced.includes(column)),
  );
  return [
    ...computed.map((key) => [key, 'which contains a column generated from an owner'] as const),
    ...partial.map((key) => [key, 'which one partition has for itself'] as const),
  ].map(([key, why]) => ({
    kind: 'cannot-merge',
    table: table.name,
    problem: `rows of a guest and of an account can break the unique key ${describe(key)}, ${why}.`,
    fix: `Write a class with \`@MergeHandler(${target})\` that knows what to do then.`,
  }));
}

function withoutPrimaryKey({ table, target }: TableCase): Refusal[] {
  if (table.collidingKeys.length === 0 || table.primaryKey.length > 0) return [];
  return [
    {
      kind: 'cannot-merge',
      table: table.name,
      problem: 'its rows can collide, but it has no primary key to tell them apart.',
      fix: `Add one, or write a class with \`@MergeHandler(${target})\`.`,
    },
  ];
}

function referencedOwners({ table, replaced, incoming, target }: TableCase): Refusal[] {
  return incoming
    .filter(({ targetColumns }) => targetColumns.some((column) => replaced.includes(column)))
    .map(({ name, schema, table: from }) => ({
      kind: 'cannot-merge',
      table: table.name,
      problem: `foreign key ${name} of ${schema}.${from} refers to a column that a merge has to change (${replaced.join(', ')}).`,
      fix: `Refer to a key without it, or write a class with \`@MergeHandler(${target})\`.`,
    }));
}

function constraints({ table, catalog, replaced, target }: TableCase): Refusal[] {
  return catalog.constraints
    .filter(({ kind, columns }) => {
      const touched = columns.filter((column) => replaced.includes(column));
      return touched.length >= (kind === 'check' ? 2 : 1);
    })
    .map(({ name, kind }) => ({
      kind: 'cannot-merge',
      table: table.name,
      problem: `the ${kind} constraint ${name} may refuse a row once its owner is replaced.`,
      fix: `Write a class with \`@MergeHandler(${target})\` that knows what to do then.`,
    }));
}

function rowSecurity({ table, catalog, target }: TableCase): Refusal[] {
  if (!catalog.isRowSecurityActive) return [];
  return [
    {
      kind: 'cannot-merge',
      table: table.name,
      problem:
        "row security hides rows from this connection's role, so a merge could not see all of them.",
      fix: `Give the role BYPASSRLS, or write \`ignored(${target}, 'why')\` if the rows shall stay behind.`,
    },
  ];
}

function describe({ name, parts, predicate }: UniqueKey): string {
  const condition = predicate === null ? '' : ` where ${predicate}`;
  return `${name} (${parts.join(', ')})${condition}`;
}
