import { quote, rowsOf, type SqlExecutor } from '../../common/sql.js';
import type { OwnedTable, UniqueKey } from '../ownership/ownership-map.js';
import { type Contender, decide, type Loser, type Side } from './losers.js';
import { type MergeState, Replacement } from './replacement.js';
import { SqlParameters } from '../../common/sql.js';

interface ContenderRow {
  readonly values: string[];
  readonly side: Side;
  readonly groups: (number | null)[];
}

/** Names for the key of a row as it is before the replacement, and of a row that stays. */
const OLD = '~old';
const STAY = '~stay';

/**
 * The rows of one table that have to give way, locked. Two statements at the most, however many rows there are: one finds
 * and locks the rows that meet on a key, and only if there are any a second one reads them, as they are under the lock.
 * @param locks `false` for a preview, which only looks.
 */
export async function losersIn(
  executor: SqlExecutor,
  table: OwnedTable,
  state: MergeState,
  locks: boolean,
): Promise<Loser[]> {
  if (table.collidingKeys.length === 0) return [];
  const ids = await meeting(executor, table, state, locks);
  if (ids.length === 0) return [];
  return decide(await contenders(executor, table, state, ids));
}

/** Primary keys, as text, of the rows that agree on a unique key after the replacement. */
async function meeting(
  executor: SqlExecutor,
  table: OwnedTable,
  state: MergeState,
  locks: boolean,
): Promise<string[][]> {
  const parameters = new SqlParameters();
  const replacement = new Replacement(table, state, parameters);
  const lost = replacement.lostCte();
  const without = lost === undefined ? '' : ' EXCEPT SELECT * FROM lost';
  const replaced = `SELECT ${named(table, 't', OLD)}, ${replacement.row()} FROM ${table.path} t`;
  const onlyOwners = lost === undefined && replacement.parents.length === 0;
  const movers = onlyOwners
    ? [
        `after AS MATERIALIZED (${replaced} WHERE ${replacement.owned('t')})`,
        `movers AS (SELECT ${renamed(table, OLD)} FROM after)`,
      ]
    : [
        `movers AS MATERIALIZED (${replacement.moverKeys()}${without})`,
        `after AS MATERIALIZED (${replaced} JOIN movers ON ${sameKey(table, 't', 'movers')} ${replacement.joins()})`,
      ];
  const keys = table.collidingKeys.flatMap((unique, n) =>
    keyCtes(table, unique, `k${n}`, {
      hasLost: lost !== undefined,
      meetsItself: !onlyOwners || !keepsMoversApart(table, unique),
    }),
  );
  const hits = `hits AS (${table.collidingKeys.map((_, n) => `SELECT * FROM k${n}_hits`).join(' UNION ')})`;
  const rows = await rowsOf<{ id: string[] }>(
    executor,
    `WITH ${[...replacement.ctes, ...(lost === undefined ? [] : [lost]), ...movers, ...keys, hits].join(', ')}
     SELECT ARRAY[${replacement
       .key('t')
       .map((c) => `${c}::text`)
       .join(', ')}] AS "id"
     FROM ${table.path} t JOIN hits ON ${isRow(table, 't', 'hits', OLD)}
     ORDER BY ${replacement.key('t').join(', ')} ${locks ? 'FOR UPDATE OF t' : ''}`,
    parameters.values,
  );
  return rows.map(({ id }) => id);
}

/** The movers that agree on one key with each other, or with a row that stays; and those rows. */
function keyCtes(
  table: OwnedTable,
  unique: UniqueKey,
  name: string,
  { hasLost, meetsItself }: { readonly hasLost: boolean; readonly meetsItself: boolean },
): string[] {
  const id = table.primaryKey.map((_, n) => `"${OLD}${n}"`).join(', ');
  const parts = unique.parts.map((part, n) => `(${part}) AS "~${n}"`).join(', ');
  const places = unique.parts.map((_, n) => `"~${n}"`);
  const notNull = unique.nullsDistinct ? places.map((p) => `${p} IS NOT NULL`) : [];
  const predicate = unique.predicate === null ? [] : [`(${unique.predicate})`];
  const equal = unique.nullsDistinct ? '=' : 'IS NOT DISTINCT FROM';
  const same = unique.parts.map((part, n) => `(${part}) ${equal} k."~${n}"`);
  const stays = ['movers', ...(hasLost ? ['lost'] : [])].map(
    (list) => `NOT EXISTS (SELECT 1 FROM ${list} WHERE ${isRow(table, list, 's', STAY)})`,
  );
  // The inner SELECT has the table alone in its FROM, so the unqualified columns of parts and predicate are the table's.
  return [
    `${name} AS (SELECT * FROM (SELECT ${id}, ${parts} FROM after
       ${where(predicate)}) p ${where(notNull)})`,
    `${name}_met AS MATERIALIZED (SELECT k.*, s.* FROM ${name} k
       JOIN LATERAL (SELECT ${named(table, '', STAY)} FROM ${table.path} ${where([...same, ...predicate])}) s ON true
       WHERE ${stays.join(' AND ')})`,
    `${name}_hits AS (
       ${meetsItself ? `SELECT ${id} FROM (SELECT ${id}, count(*) OVER (PARTITION BY ${places.join(', ')}) AS "~n" FROM ${name}) d WHERE "~n" > 1 UNION` : ''}
       SELECT ${id} FROM ${name}_met
       UNION SELECT ${table.primaryKey.map((_, n) => `"${STAY}${n}"`).join(', ')} FROM ${name}_met)`,
  ];
}

/**
 * Whether rows of the guest cannot meet each other on the key: they all have the same owner, before and after, so the key
 * itself has kept them apart so far. An expression, or a condition, may change its mind about them.
 */
function keepsMoversApart({ owners, columns }: OwnedTable, unique: UniqueKey): boolean {
  const isPlain = (part: string) =>
    columns.some(({ name }) => name === part || name === quote(part));
  return owners.length === 1 && unique.predicate === null && unique.parts.every(isPlain);
}

/** Reads contenders in the order of preference, grouped by the keys on which they agree. */
async function contenders(
  executor: SqlExecutor,
  table: OwnedTable,
  state: MergeState,
  ids: readonly string[][],
): Promise<Contender[]> {
  const parameters = new SqlParameters();
  const replacement = new Replacement(table, state, parameters);
  const wanted = [...new Set([...table.primaryKey, ...table.referencedBy.flat()])];
  const lists = table.primaryKey.map((column, n) =>
    parameters.add(
      ids.map((id) => id[n]),
      `${replacement.typeOf(column)}[]`,
    ),
  );
  const groups = table.collidingKeys.map(groupOf);
  const rows = await rowsOf<ContenderRow>(
    executor,
    `WITH ${[...replacement.ctes, `ids (${table.primaryKey.join(', ')}) AS (SELECT * FROM unnest(${lists.join(', ')}))`].join(', ')},
     chosen AS MATERIALIZED (SELECT ${wanted.map((c, n) => `t.${c}::text AS "~v${n}"`).join(', ')},
         ${replacement.side()} AS "~side", row_number() OVER (ORDER BY ${preference(table, replacement)}) AS "~rank",
         ${replacement.row()}
       FROM ${table.path} t JOIN ids ON ${sameKey(table, 't', 'ids')} ${replacement.joins()})
     SELECT ARRAY[${wanted.map((_, n) => `"~v${n}"`).join(', ')}] AS "values", "~side" AS "side",
       ARRAY[${groups.join(', ')}]::int[] AS "groups"
     FROM chosen ORDER BY "~rank"`,
    parameters.values,
  );
  return rows.map(({ values, side, groups: found }) => ({
    values: Object.fromEntries(wanted.map((column, n) => [column, values[n]!])),
    id: JSON.stringify(values.slice(0, table.primaryKey.length)),
    side,
    groups: found,
  }));
}

function groupOf({ parts, predicate, nullsDistinct }: UniqueKey): string {
  const conditions = [
    ...(predicate === null ? [] : [`(${predicate})`]),
    ...(nullsDistinct ? parts.map((part) => `(${part}) IS NOT NULL`) : []),
  ];
  const rank = `dense_rank() OVER (ORDER BY ${parts.map((part) => `(${part})`).join(', ')})`;
  return conditions.length > 0 ? `CASE WHEN ${conditions.join(' AND ')} THEN ${rank} END` : rank;
}

/** ORDER BY of the contenders: who is preferred, and by the primary key where nothing else decides. */
function preference({ strategy, primaryKey }: OwnedTable, replacement: Replacement): string {
  const accountFirst = `${replacement.side()}`;
  const order = {
    keepGuest: `${accountFirst} DESC`,
    newest:
      strategy.kind === 'newest' ? `t.${strategy.column} DESC NULLS LAST, ${accountFirst}` : '',
    other: accountFirst,
  };
  const first =
    strategy.kind === 'keepGuest' || strategy.kind === 'newest'
      ? order[strategy.kind]
      : order.other;
  return [first, ...primaryKey.map((column) => `t.${column}`)].join(', ');
}

function sameKey({ primaryKey }: OwnedTable, left: string, right: string): string {
  return primaryKey.map((column) => `${left}.${column} = ${right}.${column}`).join(' AND ');
}

/** The primary key's columns under names that no replaced column has. */
function named({ primaryKey }: OwnedTable, alias: string, prefix: string): string {
  const from = alias === '' ? '' : `${alias}.`;
  return primaryKey.map((column, n) => `${from}${column} AS "${prefix}${n}"`).join(', ');
}

/** The primary key's columns under their own names again. */
function renamed({ primaryKey }: OwnedTable, prefix: string): string {
  return primaryKey.map((column, n) => `"${prefix}${n}" AS ${column}`).join(', ');
}

/** Condition: `left` is the row whose key `right` holds under those names. */
function isRow({ primaryKey }: OwnedTable, left: string, right: string, prefix: string): string {
  return primaryKey
    .map((column, n) => `${left}.${column} = ${right}."${prefix}${n}"`)
    .join(' AND ');
}

function where(conditions: readonly string[]): string {
  return conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
}
