import type { OwnedTable } from '../ownership/ownership-map.js';
import { aggregateOf, combinationOf } from './combination.js';
import type { Loser } from './losers.js';
import type { Replacement } from './replacement.js';
import type { SqlParameters } from '../../common/sql.js';

/** The parts of a statement that delete a table's losers and bring their values to the winners. */
export interface FoldParts {
  /** CTEs that must stand before the deletion. */
  readonly lists: readonly string[];
  readonly deletes: string | undefined;
  /** CTEs that read what the deletion returns. */
  readonly folded: readonly string[];
  /** Column and its folded value for a winner `t`. */
  readonly columns: readonly (readonly [string, string])[];
  /** SELECT of the primary keys of the winners, when they change. */
  readonly winners: string | undefined;
  readonly join: string;
  /** Condition: the row `t` does not lose. */
  readonly stays: string;
}

const NOTHING: FoldParts = {
  lists: [],
  deletes: undefined,
  folded: [],
  columns: [],
  winners: undefined,
  join: '',
  stays: 'true',
};

export function foldOf(
  table: OwnedTable,
  n: number,
  losers: readonly Loser[],
  parameters: SqlParameters,
  replacement: Replacement,
): FoldParts {
  if (losers.length === 0) return NOTHING;
  const { path, primaryKey, strategy } = table;
  const list = `l${n} (${[...names(primaryKey, 'l'), ...names(primaryKey, 'w'), 'ord'].join(', ')}) AS (SELECT * FROM unnest(${[
    ...primaryKey.map((c) => values(losers, 'loser', c, replacement, parameters)),
    ...primaryKey.map((c) => values(losers, 'winner', c, replacement, parameters)),
  ].join(', ')}) WITH ORDINALITY)`;
  const isLoser = (alias: string) =>
    primaryKey.map((c, k) => `l${n}.l${k + 1} = ${alias}.${c}`).join(' AND ');
  const combined = strategy.kind === 'combine' ? Object.entries(strategy.columns) : [];
  const returned = [
    ...names(primaryKey, 'w').map((w) => `l${n}.${w}`),
    `l${n}.ord`,
    ...combined.map(([column]) => `t.${column}`),
  ];
  const shared = {
    lists: [list],
    deletes: `d${n} AS (DELETE FROM ${path} t USING l${n} WHERE ${isLoser('t')} RETURNING ${returned.join(', ')})`,
    stays: `NOT EXISTS (SELECT 1 FROM l${n} WHERE ${isLoser('t')})`,
  };
  if (combined.length === 0) return { ...NOTHING, ...shared };
  const winner = names(primaryKey, 'w').join(', ');
  const aggregates = combined.map(
    ([column, how], k) => `${aggregateOf(how, column, `PARTITION BY ${winner}`)} AS "~f${k}"`,
  );
  return {
    ...shared,
    folded: [
      `f${n} AS MATERIALIZED (SELECT DISTINCT ON (${winner}) ${winner}, ${aggregates.join(', ')} FROM d${n})`,
    ],
    columns: combined.map(([column, how], k) => {
      const [own, type] = [`t.${column}`, replacement.typeOf(column)];
      const folded = combinationOf(how, own, `f${n}."~f${k}"`, type);
      return [column, `CASE WHEN f${n}.w1 IS NULL THEN t.${column} ELSE ${folded} END`];
    }),
    winners: `SELECT ${winner} FROM f${n}`,
    join: `LEFT JOIN f${n} ON ${primaryKey.map((c, k) => `f${n}.w${k + 1} = t.${c}`).join(' AND ')}`,
  };
}

function values(
  losers: readonly Loser[],
  who: keyof Loser,
  column: string,
  replacement: Replacement,
  parameters: SqlParameters,
): string {
  const texts = losers.map((pair) => pair[who].values[column]);
  return parameters.add(texts, `${replacement.typeOf(column)}[]`);
}

function names(primaryKey: readonly string[], letter: string): string[] {
  return primaryKey.map((_, k) => `${letter}${k + 1}`);
}
