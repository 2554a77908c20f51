import type { Row } from '../rows/fillable-table.js';
import type { RowName } from './holdings.js';
import { named, rows } from './wording.js';

/** What became of rows that a merge has no business with. */
export function changes(
  whose: string,
  table: string,
  before: ReadonlyMap<RowName, Row>,
  after: ReadonlyMap<RowName, Row>,
): string[] {
  const problems: string[] = [];
  for (const [name, row] of before) {
    const now = after.get(name);
    if (!now) {
      problems.push(`row ${name} of ${table}, which is ${whose}, is gone or somebody else's.`);
      continue;
    }
    const columns = Object.keys(row).filter((column) => row[column] !== now[column]);
    const details = columns.map(
      (column) => `${column} from ${shown(row[column])} to ${shown(now[column])}`,
    );
    if (details.length > 0) {
      problems.push(
        `row ${name} of ${table}, which is ${whose}, was changed: ${details.join(', ')}.`,
      );
    }
  }
  const more = [...after.keys()].filter((name) => !before.has(name));
  if (more.length > 0) {
    problems.push(`${rows(more.length)} of ${table} came to ${whose}${named(more)}.`);
  }
  return problems;
}

function shown(value: string | null | undefined): string {
  return value === null || value === undefined ? 'null' : `'${value}'`;
}
