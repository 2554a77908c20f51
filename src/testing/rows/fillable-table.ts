import { quote, rowsOf, type SqlExecutor } from '../../common/sql.js';
import {
  type CatalogConstraint,
  type CatalogTable,
  readTables,
} from '../../linking/ownership/catalog.js';
import { type ForeignKey, readForeignKeys } from '../../linking/ownership/foreign-keys.js';
import { unquoted } from '../../linking/ownership/inspected-tables.js';
import type { UniqueKey } from '../../linking/ownership/ownership-map.js';

/** Values of one row as text, by quoted column. */
export type Row = Readonly<Record<string, string | null>>;

/** A column that may have to be given a value. */
export interface FillableColumn {
  /** Quoted. */
  readonly name: string;
  /** As SQL spells it. */
  readonly type: string;
  /** The same for what a domain is made of. */
  readonly base: string;
  /** What an array is made of. */
  readonly element: string | null;
  /** Of an enum, or an array of one. */
  readonly labels: readonly string[];
  readonly notNull: boolean;
  /** SQL of the default; empty for an identity. */
  readonly default: string | null;
  /** Postgres computes the value, whatever is given. */
  readonly isComputed: boolean;
  /** Conditions of its domains, over the column itself. */
  readonly conditions: readonly string[];
}

/** A condition over columns of one table. */
export interface Check {
  readonly sql: string;
  readonly columns: readonly string[];
}

/** What has to be known of a table to put a row into it. Column names are quoted. */
export interface FillableTable {
  readonly oid: string;
  readonly path: string;
  /** With its schema unless that is `public`. */
  readonly name: string;
  readonly columns: readonly FillableColumn[];
  /** What tells rows apart: the primary key, or every column. */
  readonly identity: readonly string[];
  readonly uniqueKeys: readonly UniqueKey[];
  readonly checks: readonly Check[];
  readonly foreignKeys: readonly ForeignKey[];
}

const COLUMNS = `
  WITH RECURSIVE chain AS (
    SELECT a.attrelid, a.attnum, t.*, a.atttypmod AS typmod FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
    WHERE a.attrelid = ANY ($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT c.attrelid, c.attnum, t.*, c.typtypmod AS typmod FROM chain c JOIN pg_type t ON t.oid = c.typbasetype
    WHERE c.typtype = 'd')
  SELECT a.attrelid::text AS "oid", a.attname AS "name", format_type(a.atttypid, a.atttypmod) AS "type",
    format_type(base.oid, base.typmod) AS "base",
    CASE base.typcategory WHEN 'A' THEN format_type(base.typelem, NULL) END AS "element",
    ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid IN (base.oid, base.typelem)
      ORDER BY e.enumsortorder) AS "labels",
    a.attnotnull OR bool_or(chain.typnotnull) AS "notNull",
    CASE WHEN a.attidentity <> '' THEN '' ELSE coalesce((SELECT pg_get_expr(def.adbin, def.adrelid) FROM pg_attrdef def
      WHERE def.adrelid = a.attrelid AND def.adnum = a.attnum), max(chain.typdefault)) END AS "default",
    a.attgenerated <> '' OR a.attidentity = 'a' AS "isComputed",
    ARRAY(SELECT pg_get_constraintdef(con.oid) FROM pg_constraint con
      WHERE con.contype = 'c' AND con.contypid = ANY (array_agg(chain.oid))) AS "conditions"
  FROM pg_attribute a JOIN chain ON chain.attrelid = a.attrelid AND chain.attnum = a.attnum
    JOIN chain base ON base.attrelid = a.attrelid AND base.attnum = a.attnum AND base.typtype <> 'd'
  GROUP BY a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull, a.attidentity, a.attgenerated,
    base.oid, base.typmod, base.typcategory, base.typelem
  ORDER BY a.attrelid, a.attnum`;

const CHECKS = `
  SELECT con.conrelid::text AS "oid", con.conname AS "name", pg_get_expr(con.conbin, con.conrelid) AS "sql"
  FROM pg_constraint con WHERE con.conrelid = ANY ($1::oid[]) AND con.contype = 'c'`;

interface OfTable {
  readonly oid: string;
}

interface FoundCheck extends OfTable {
  readonly name: string;
  readonly sql: string;
}

/** Reads, once each, what the catalog knows of tables that rows are made for. */
export class FillableTables {
  private readonly known = new Map<string, FillableTable>();
  private keys?: readonly ForeignKey[];

  constructor(private readonly executor: SqlExecutor) {}

  async get(oid: string): Promise<FillableTable> {
    if (!this.known.has(oid)) await this.load([oid]);
    return this.known.get(oid)!;
  }

  /** Reads these and all that they refer to, so that nothing is left to be read on a second connection later. */
  async loadAll(oids: readonly string[]): Promise<void> {
    let missing = [...new Set(oids)];
    while (missing.length > 0) {
      await this.load(missing);
      const targets = [...this.known.values()].flatMap(({ foreignKeys }) => foreignKeys);
      missing = [...new Set(targets.map(({ targetOid }) => targetOid))].filter(
        (oid) => !this.known.has(oid),
      );
    }
  }

  private async load(oids: readonly string[]): Promise<void> {
    const catalog = await readTables(this.executor, oids);
    const columns = await rowsOf<FillableColumn & OfTable>(this.executor, COLUMNS, [oids]);
    const checks = await rowsOf<FoundCheck>(this.executor, CHECKS, [oids]);
    this.keys ??= await readForeignKeys(this.executor);
    for (const table of catalog) {
      const isOfTable = ({ oid }: OfTable) => oid === table.oid;
      const known = fillableTable(table, columns.filter(isOfTable), checks.filter(isOfTable));
      const foreignKeys = this.keys.filter(({ tableOid }) => tableOid === table.oid);
      this.known.set(table.oid, { ...known, foreignKeys });
    }
  }
}

function fillableTable(
  { oid, schema, table, primaryKey, uniqueKeys, partitionKeys, constraints }: CatalogTable,
  columns: readonly FillableColumn[],
  checks: readonly FoundCheck[],
): Omit<FillableTable, 'foreignKeys'> {
  const fillable = columns.map(fillableColumn);
  return {
    oid,
    path: `${quote(schema)}.${quote(table)}`,
    name: schema === 'public' ? table : `${schema}.${table}`,
    columns: fillable,
    identity: primaryKey.length > 0 ? primaryKey : fillable.map(({ name }) => name),
    uniqueKeys: [...uniqueKeys, ...partitionKeys],
    checks: [
      ...checks.map(({ name, sql }) => ({ sql, columns: readBy(name, constraints) })),
      ...fillable.flatMap(({ name, conditions }) =>
        conditions.map((sql) => ({ sql, columns: [name] })),
      ),
    ],
  };
}

/** A row as the driver gives it, by quoted column. */
export function rowOf(
  { columns }: Pick<FillableTable, 'columns'>,
  found: Readonly<Record<string, string | null>>,
): Row {
  return Object.fromEntries(columns.map(({ name }) => [name, found[unquoted(name)] ?? null]));
}

/** Select list of every column as text. */
export function textOf({ columns }: Pick<FillableTable, 'columns'>, alias: string): string {
  return columns.map(({ name }) => `${alias}.${name}::text AS ${name}`).join(', ');
}

function fillableColumn(column: FillableColumn): FillableColumn {
  const name = quote(column.name);
  const conditions = column.conditions
    .map((definition) => /^CHECK \((.*)\)(?: NOT VALID)?$/s.exec(definition)?.[1])
    .filter((condition) => condition !== undefined)
    .map((condition) => condition.replaceAll(/\bVALUE\b/g, name));
  return { ...column, name, conditions };
}

function readBy(name: string, constraints: readonly CatalogConstraint[]): readonly string[] {
  return constraints.find((other) => other.kind === 'check' && other.name === name)?.columns ?? [];
}
