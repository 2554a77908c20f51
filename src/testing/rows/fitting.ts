import { rowsOf, type SqlExecutor } from '../../common/sql.js';
import { TestKitError } from '../kit-error.js';
import { candidatesFor } from './candidates.js';
import type { Check, FillableColumn, FillableTable, Row } from './fillable-table.js';
import { rowOf } from './fillable-table.js';

/** A condition, and whether it must be true, must not be, or must only not be false. */
export interface Requirement extends Check {
  readonly is: 'TRUE' | 'NOT TRUE' | 'NOT FALSE';
}

/** A column to choose a value for. */
export interface Choice {
  readonly column: FillableColumn;
  /** What it gets if nothing speaks against it. */
  readonly first: readonly (string | null)[];
  /** Whether any other value of its type will do too. */
  readonly isOpen: boolean;
}

/**
 * Chooses values that satisfy every requirement. Postgres itself tries them out, so a condition may say anything.
 * @param given what is decided already.
 * @throws TestKitError when none are found.
 */
export async function fit(
  executor: SqlExecutor,
  table: FillableTable,
  choices: readonly Choice[],
  given: Readonly<Record<string, unknown>>,
  requirements: readonly Requirement[],
): Promise<Row> {
  let row: Row = {};
  for (const group of groupsOf(choices, requirements)) {
    row = {
      ...row,
      ...(await fitGroup(executor, table, group.choices, given, group.requirements)),
    };
  }
  return row;
}

interface Group {
  readonly choices: readonly Choice[];
  readonly requirements: readonly Requirement[];
}

/** What has to be chosen together: trying out every combination of more would take long. */
function groupsOf(choices: readonly Choice[], requirements: readonly Requirement[]): Group[] {
  let groups: Group[] = choices.map((choice) => ({ choices: [choice], requirements: [] }));
  for (const requirement of requirements) {
    const isRead = (group: Group) =>
      group.choices.some(({ column }) => requirement.columns.includes(column.name));
    const together = groups.filter(isRead);
    const group = {
      choices: together.flatMap((other) => other.choices),
      requirements: [...together.flatMap((other) => other.requirements), requirement],
    };
    groups = [...groups.filter((other) => !isRead(other)), group];
  }
  return groups.filter((group) => group.choices.length > 0);
}

async function fitGroup(
  executor: SqlExecutor,
  table: FillableTable,
  choices: readonly Choice[],
  given: Readonly<Record<string, unknown>>,
  requirements: readonly Requirement[],
): Promise<Row> {
  const read = new Set(requirements.flatMap(({ columns }) => columns));
  const parameters: unknown[] = [];
  const parameter = (value: unknown, { base }: FillableColumn) =>
    `$${parameters.push(value)}::${base}`;
  const sources = choices.map(({ column, first, isOpen }, n) => {
    const about = requirements.filter(({ columns }) => columns.includes(column.name));
    const sql = about.map((requirement) => requirement.sql);
    const values = isOpen ? candidatesFor(column, first, sql) : first;
    const rows = values.map((value) => `(${parameter(value, column)})`);
    return { name: column.name, from: `(VALUES ${rows.join(', ')}) AS c${n}(v)`, value: `c${n}.v` };
  });
  const fixed = table.columns
    .filter(({ name }) => read.has(name) && name in given)
    .map((column) => ({ name: column.name, value: parameter(given[column.name], column) }));
  const list = [...sources, ...fixed].map(({ name, value }) => `${value} AS ${name}`);
  const texts = sources.map(({ name }) => `tried.${name}::text AS ${name}`);
  const conditions = requirements.map(({ sql, is }) => `((${sql}) IS ${is})`);
  const [found] = await rowsOf<Record<string, string | null>>(
    executor,
    `SELECT ${texts.join(', ')} FROM (SELECT ${list.join(', ')} FROM ${sources.map(({ from }) => from).join(' CROSS JOIN ')}) AS tried
     WHERE ${conditions.join(' AND ')} LIMIT 1`,
    parameters,
  );
  if (found) return rowOf({ columns: choices.map(({ column }) => column) }, found);
  const rules = requirements.map(({ sql, is }) => (is === 'NOT TRUE' ? `NOT (${sql})` : sql));
  throw new TestKitError(
    `no values for ${choices.map(({ column }) => column.name).join(', ')} of table ${table.name} were found that satisfy ${rules.join(' and ')}.`,
  );
}
