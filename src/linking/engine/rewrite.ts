import { rowsOf, type SqlExecutor } from '../../common/sql.js';
import type { TableReceipt } from '../../auth/account-linker.js';
import type { OwnedTable } from '../ownership/ownership-map.js';
import { foldOf } from './fold.js';
import type { Loser } from './losers.js';
import { type MergeState, Replacement } from './replacement.js';
import { SqlParameters } from '../../common/sql.js';

interface TableStatement {
  readonly ctes: readonly string[];
  readonly deletes: string | undefined;
  readonly updates: string;
}

interface RewriteRow {
  readonly deleted: number[];
  readonly moved: number[];
}

/**
 * Rewrites all these tables in one statement: rows that lose are deleted first and their values folded into the winners,
 * then owners and lost parents are replaced. Foreign keys are checked when the statement ends, so circles of them do not
 * matter; unique keys are checked row by row, and by then every loser is gone.
 */
export async function rewrite(
  executor: SqlExecutor,
  tables: readonly OwnedTable[],
  state: MergeState,
): Promise<Map<string, TableReceipt>> {
  const parameters = new SqlParameters();
  const touched = tables.filter((table) => isTouched(table, state));
  if (touched.length === 0) return new Map();
  const parts = touched.map((table, n) => statementOf(table, n, state, parameters));
  const counts = parts.map(({ deletes }, n) => (deletes ? `(SELECT count(*) FROM d${n})` : '0'));
  const gate = `gate AS MATERIALIZED (SELECT ARRAY[${counts.join(', ')}]::int[] AS deleted)`;
  const ctes = [
    ...parts.flatMap((part) => [...part.ctes, ...(part.deletes ? [part.deletes] : [])]),
    gate,
    ...parts.map(({ updates }) => updates),
  ];
  const moved = parts.map((_, n) => `(SELECT count(*) FROM u${n} WHERE moves)`);
  const [row] = await rowsOf<RewriteRow>(
    executor,
    `WITH ${ctes.join(', ')}
     SELECT gate.deleted AS "deleted", ARRAY[${moved.join(', ')}]::int[] AS "moved" FROM gate`,
    parameters.values,
  );
  return new Map(touched.map((table, n) => [table.oid, receiptOf(table, n, state, row!)]));
}

function isTouched(table: OwnedTable, state: MergeState): boolean {
  const lostParents = table.parents.some(({ parentOid }) => losersOf(state, parentOid).length > 0);
  return table.owners.length > 0 || lostParents || losersOf(state, table.oid).length > 0;
}

function statementOf(
  table: OwnedTable,
  n: number,
  state: MergeState,
  parameters: SqlParameters,
): TableStatement {
  const replacement = new Replacement(table, state, parameters, `m${n}_`);
  const losers = losersOf(state, table.oid);
  if (losers.length === 0 && replacement.parents.length === 0) {
    return { ctes: [], deletes: undefined, updates: plainUpdate(table, n, replacement) };
  }
  const fold = foldOf(table, n, losers, parameters, replacement);
  const changes = [
    ...replacement.changed.map((column) => [column, replacement.value(column)]),
    ...fold.columns,
  ];
  const key = replacement.key('t').join(', ');
  // A row of the account that only follows its parent to another one has been the account's before.
  const moves = table.owners.length > 0 ? replacement.owned('t') : 'mv.* IS NOT NULL';
  const moving = `movers${n} AS MATERIALIZED (${replacement.moverKeys()})`;
  const changing = `changing${n} AS MATERIALIZED (
    SELECT ${[key, ...changes.map(([, value], c) => `${value} AS "~c${c}"`)].join(', ')},
      ${moves} AS moves
    FROM (SELECT * FROM movers${n} ${fold.winners === undefined ? '' : `UNION ${fold.winners}`}) ids
    JOIN ${table.path} t ON ${same(table, 't', 'ids')}
    LEFT JOIN movers${n} mv ON ${same(table, 't', 'mv')} ${replacement.joins()} ${fold.join}
    WHERE ${fold.stays})`;
  const updates = `u${n} AS (UPDATE ${table.path} t
    SET ${changes.map(([column], c) => `${column} = x."~c${c}"`).join(', ')}
    FROM changing${n} x, gate WHERE ${same(table, 't', 'x')} RETURNING x.moves)`;
  return {
    ctes: [...replacement.ctes, ...fold.lists, moving],
    deletes: fold.deletes,
    updates: [...fold.folded, changing, updates].join(', '),
  };
}

/** Nothing collides here: one index look-up and one pass over the guest's rows. */
function plainUpdate({ path, owners }: OwnedTable, n: number, replacement: Replacement): string {
  const changes = owners.map((column) => `${column} = ${replacement.value(column)}`);
  return `u${n} AS (UPDATE ${path} t SET ${changes.join(', ')} WHERE ${replacement.owned('t')} RETURNING true AS moves)`;
}

function receiptOf(
  table: OwnedTable,
  n: number,
  state: MergeState,
  { deleted, moved }: RewriteRow,
): TableReceipt {
  const losers = losersOf(state, table.oid).length;
  // The losers are locked since they were found, so a different number means that something else removes rows.
  if (deleted[n] !== losers) {
    throw new Error(`${losers} rows of ${table.name} had to give way, but ${deleted[n]} did.`);
  }
  const isFolded = table.strategy.kind === 'combine';
  return { moved: moved[n]!, folded: isFolded ? losers : 0, dropped: isFolded ? 0 : losers };
}

function losersOf(state: MergeState, oid: string): readonly Loser[] {
  return state.losers.get(oid) ?? [];
}

function same({ primaryKey }: OwnedTable, left: string, right: string): string {
  return primaryKey.map((column) => `${left}.${column} = ${right}.${column}`).join(' AND ');
}
