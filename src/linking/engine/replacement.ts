import type { OwnedTable, ParentReference } from '../ownership/ownership-map.js';
import type { Loser, Side } from './losers.js';
import type { SqlParameters } from '../../common/sql.js';

/** Who takes over from whom in one merge, and what has been decided so far. */
export interface MergeState {
  readonly guestId: string;
  readonly accountId: string;
  /** Rows that give way, by table. */
  readonly losers: ReadonlyMap<string, readonly Loser[]>;
}

/** A parent of which rows have lost, as a list of values inside a statement. */
interface ActiveParent {
  readonly reference: ParentReference;
  /** Alias of the list: columns l1…, w1…, ls, ws. */
  readonly alias: string;
  readonly cte: string;
}

/** SQL that shows the rows of one table as they are once owners and lost parents are replaced. */
export class Replacement {
  readonly parents: readonly ActiveParent[];
  constructor(
    readonly table: OwnedTable,
    private readonly state: MergeState,
    private readonly parameters: SqlParameters,
    prefix = 'm',
  ) {
    this.parents = table.parents.flatMap((reference, n) => {
      const losers = state.losers.get(reference.parentOid) ?? [];
      if (losers.length === 0) return [];
      const alias = `${prefix}${n}`;
      return [{ reference, alias, cte: listOf(alias, reference, losers, table, parameters) }];
    });
  }

  /** The lists of lost parents, for a WITH clause. */
  get ctes(): string[] {
    return this.parents.map(({ cte }) => cte);
  }

  /** Rows of this very table that have lost in an earlier round, as a CTE `lost`; `undefined` when there are none. */
  lostCte(): string | undefined {
    const losers = this.state.losers.get(this.table.oid) ?? [];
    if (losers.length === 0) return undefined;
    const lists = this.table.primaryKey.map((column) =>
      this.parameters.add(
        losers.map(({ loser }) => loser.values[column]),
        `${this.typeOf(column)}[]`,
      ),
    );
    return `lost (${this.table.primaryKey.join(', ')}) AS (SELECT * FROM unnest(${lists.join(', ')}))`;
  }

  /** Condition: the row names the guest. */
  owned(alias: string): string {
    const conditions = this.table.owners.map(
      (column) => `${alias}.${column} = ${this.user('guestId', column)}`,
    );
    return conditions.length > 0 ? `(${conditions.join(' OR ')})` : 'false';
  }

  /** SELECT of the primary keys of all rows that change. A UNION, so that every part can use its index. */
  moverKeys(): string {
    const key = this.key('t').join(', ');
    const parts = this.parents.map(
      ({ reference, alias }) =>
        `SELECT ${key} FROM ${this.table.path} t JOIN ${alias} ON ${matches(reference, alias)}`,
    );
    if (this.table.owners.length > 0) {
      parts.unshift(`SELECT ${key} FROM ${this.table.path} t WHERE ${this.owned('t')}`);
    }
    return parts.length > 0
      ? parts.join(' UNION ')
      : `SELECT ${key} FROM ${this.table.path} t WHERE false`;
  }

  /** Joins that give `t` the values which {@link value} reads. */
  joins(): string {
    return this.parents
      .map(({ reference, alias }) => `LEFT JOIN ${alias} ON ${matches(reference, alias)}`)
      .join(' ');
  }

  /** A column of `t` after the replacement. */
  value(column: string): string {
    if (this.table.owners.includes(column)) {
      const isGuest = `t.${column} = ${this.user('guestId', column)}`;
      return `CASE WHEN ${isGuest} THEN ${this.user('accountId', column)} ELSE t.${column} END`;
    }
    for (const { reference, alias } of this.parents) {
      const n = reference.columns.indexOf(column);
      if (n >= 0) return `coalesce(${alias}.w${n + 1}, t.${column})`;
    }
    return `t.${column}`;
  }

  /** Columns that the replacement may change in this merge. */
  get changed(): string[] {
    const parents = this.parents.flatMap(({ reference }) => reference.columns);
    return [...new Set([...this.table.owners, ...parents])];
  }

  /** The whole row of `t` after the replacement, under its own column names, so that the table's expressions can read it. */
  row(): string {
    return this.table.columns.map(({ name }) => `${this.value(name)} AS ${name}`).join(', ');
  }

  /** On whose side the row of `t` was. */
  side(): string {
    if (this.table.owners.length > 0) {
      return `CASE WHEN ${this.owned('t')} THEN 'guest' ELSE 'account' END`;
    }
    const sides = this.parents.flatMap(({ reference, alias }) => {
      const winner = reference.columns.map((c, n) => `x.w${n + 1} = t.${c}`).join(' AND ');
      return [`${alias}.ls`, `(SELECT x.ws FROM ${alias} x WHERE ${winner} LIMIT 1)`];
    });
    return `coalesce(${[...sides, "'account'"].join(', ')})`;
  }

  /** Added where it is used: Postgres refuses a parameter that no part of the statement reads. */
  private user(who: 'guestId' | 'accountId', column: string): string {
    return this.parameters.add(this.state[who], this.typeOf(column));
  }

  key(alias: string): string[] {
    return this.table.primaryKey.map((column) => `${alias}.${column}`);
  }

  typeOf(column: string): string {
    return this.table.columns.find(({ name }) => name === column)!.type;
  }
}

function matches({ columns }: ParentReference, alias: string): string {
  return columns.map((column, n) => `${alias}.l${n + 1} = t.${column}`).join(' AND ');
}

function listOf(
  alias: string,
  { columns, parentColumns }: ParentReference,
  losers: readonly Loser[],
  table: OwnedTable,
  parameters: SqlParameters,
): string {
  const type = (n: number) => table.columns.find(({ name }) => name === columns[n])!.type;
  const texts = (of: (loser: Loser) => string) => losers.map(of);
  const lists = [
    ...parentColumns.map((c, n) =>
      parameters.add(
        texts(({ loser }) => loser.values[c]!),
        `${type(n)}[]`,
      ),
    ),
    ...parentColumns.map((c, n) =>
      parameters.add(
        texts(({ winner }) => winner.values[c]!),
        `${type(n)}[]`,
      ),
    ),
    parameters.add(
      texts(({ loser }): Side => loser.side),
      'text[]',
    ),
    parameters.add(
      texts(({ winner }): Side => winner.side),
      'text[]',
    ),
  ];
  const names = (letter: string) => parentColumns.map((_, n) => `${letter}${n + 1}`);
  return `${alias} (${[...names('l'), ...names('w'), 'ls', 'ws'].join(', ')}) AS (SELECT * FROM unnest(${lists.join(', ')}))`;
}
