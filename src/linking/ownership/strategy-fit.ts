import { rowsOf, type SqlExecutor, sqlStateOf } from '../../common/sql.js';
import { aggregateOf, combinationOf } from '../engine/combination.js';
import type { CatalogTable } from './catalog.js';
import type { Combination, TableDeclaration } from './declarations.js';

/** What a declaration asks of a column: to be combined in some way, or to say which row is newer. */
export type Ask = Combination | 'newest';

/** Asks that a type does not support, as {@link unfit} names them. */
export type Unfit = ReadonlySet<string>;

/** No such function, a type where another is needed, no such cast. */
const NOT_SUPPORTED: readonly (string | undefined)[] = ['42883', '42804', '42846'];

export function unfit(ask: Ask, type: string): string {
  return `${ask} ${type}`;
}

/** The declared columns with what is asked of them. */
export function asksOf({ strategy }: Pick<TableDeclaration, 'strategy'>): [string, Ask][] {
  if (strategy.kind === 'newest') return [[strategy.column, 'newest']];
  return strategy.kind === 'combine' ? Object.entries(strategy.columns) : [];
}

/** Lets Postgres say which of the declared columns cannot do what is asked of them: it knows every type, the host's own too. */
export async function findUnfit(
  executor: SqlExecutor,
  catalog: ReadonlyMap<string, CatalogTable>,
  declarations: ReadonlyMap<string, TableDeclaration>,
): Promise<Unfit> {
  const asked = new Map<string, readonly [Ask, string]>();
  for (const [oid, declaration] of declarations) {
    for (const [name, ask] of asksOf(declaration)) {
      const type = catalog.get(oid)?.columns.find((column) => column.name === name)?.type;
      if (type !== undefined) asked.set(unfit(ask, type), [ask, type]);
    }
  }
  const found = new Set<string>();
  for (const [key, [ask, type]] of asked) {
    if (!(await isSupported(executor, ask, type))) found.add(key);
  }
  return found;
}

async function isSupported(executor: SqlExecutor, ask: Ask, type: string): Promise<boolean> {
  const lost = `(VALUES (NULL::${type}, 1)) AS lost (value, ord)`;
  const value =
    ask === 'newest'
      ? 'row_number() OVER (ORDER BY value DESC)'
      : `(${combinationOf(ask, `NULL::${type}`, aggregateOf(ask, 'value'), type)})::${type}`;
  try {
    await rowsOf(executor, `SELECT ${value} FROM ${lost}`);
    return true;
  } catch (error) {
    if (NOT_SUPPORTED.includes(sqlStateOf(error))) return false;
    throw error;
  }
}
