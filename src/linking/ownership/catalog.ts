import { quote, rowsOf, type SqlExecutor } from '../../common/sql.js';
import type { TableColumn, UniqueKey } from './ownership-map.js';

/** What the catalog knows of one table that a merge may touch. Column names are quoted. */
export interface CatalogTable {
  readonly oid: string;
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly (TableColumn & { readonly notNull: boolean })[];
  readonly primaryKey: readonly string[];
  readonly uniqueKeys: readonly UniqueKey[];
  /** CHECK and exclusion constraints with the columns that they read. */
  readonly constraints: readonly CatalogConstraint[];
  /** Whether row security filters what we see and change. */
  readonly isRowSecurityActive: boolean;
}

export interface CatalogConstraint {
  readonly name: string;
  readonly kind: 'check' | 'exclusion';
  readonly columns: readonly string[];
}

const TABLES = `
  SELECT rel.oid::text AS "oid", ns.nspname AS "schema", rel.relname AS "table",
    row_security_active(rel.oid) AS "isRowSecurityActive",
    (SELECT coalesce(json_agg(json_build_object('name', a.attname, 'notNull', a.attnotnull,
        'type', format_type(a.atttypid, a.atttypmod)) ORDER BY a.attnum), '[]')
      FROM pg_attribute a WHERE a.attrelid = rel.oid AND a.attnum > 0 AND NOT a.attisdropped
        AND a.attgenerated = '') AS "columns",
    (SELECT coalesce(json_agg(json_build_object('name', con.conname,
        'kind', CASE con.contype WHEN 'c' THEN 'check' ELSE 'exclusion' END,
        'columns', (SELECT coalesce(json_agg(a.attname), '[]') FROM pg_attribute a
          WHERE a.attrelid = rel.oid AND a.attnum = ANY (con.conkey)))), '[]')
      FROM pg_constraint con WHERE con.conrelid = rel.oid AND con.contype IN ('c', 'x')) AS "constraints"
  FROM pg_class rel JOIN pg_namespace ns ON ns.oid = rel.relnamespace
  WHERE rel.oid = ANY ($1::oid[]) ORDER BY ns.nspname, rel.relname`;

// indnullsnotdistinct exists from PostgreSQL 15 on; through to_jsonb its absence reads as null.
const KEYS = `
  SELECT i.indrelid::text AS "oid", ic.relname AS "name", i.indisprimary AS "isPrimary",
    ARRAY(SELECT pg_get_indexdef(i.indexrelid, n, true) FROM generate_series(1, i.indnkeyatts) n ORDER BY n) AS "parts",
    ARRAY(SELECT a.attname::text FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(num, n)
      JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.num
      WHERE k.n <= i.indnkeyatts ORDER BY k.n) AS "plain",
    ARRAY(SELECT DISTINCT a.attname::text FROM pg_depend d JOIN pg_attribute a
      ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
      WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid AND d.refobjid = i.indrelid
        AND d.refobjsubid > 0) AS "read",
    pg_get_expr(i.indpred, i.indrelid, true) AS "predicate",
    coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) AS "nullsNotDistinct"
  FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid
  WHERE i.indisunique AND i.indrelid = ANY ($1::oid[]) ORDER BY ic.relname`;

interface TableRow {
  readonly oid: string;
  readonly schema: string;
  readonly table: string;
  readonly isRowSecurityActive: boolean;
  readonly columns: { name: string; notNull: boolean; type: string }[];
  readonly constraints: CatalogConstraint[];
}

interface KeyRow {
  readonly oid: string;
  readonly name: string;
  readonly isPrimary: boolean;
  readonly parts: string[];
  readonly plain: string[];
  readonly read: string[];
  readonly predicate: string | null;
  readonly nullsNotDistinct: boolean;
}

/** Reads what the catalog knows of these tables: columns, keys, constraints, row security. */
export async function readTables(
  executor: SqlExecutor,
  oids: readonly string[],
): Promise<CatalogTable[]> {
  const tables = await rowsOf<TableRow>(executor, TABLES, [oids]);
  const keys = await rowsOf<KeyRow>(executor, KEYS, [oids]);
  return tables.map((table) => {
    const own = keys.filter(({ oid }) => oid === table.oid);
    return {
      ...table,
      columns: table.columns.map((column) => ({ ...column, name: quote(column.name) })),
      constraints: table.constraints.map((c) => ({ ...c, columns: c.columns.map(quote) })),
      primaryKey: (own.find(({ isPrimary }) => isPrimary)?.plain ?? []).map(quote),
      uniqueKeys: own.map(uniqueKeyOf),
    };
  });
}

function uniqueKeyOf({ name, parts, plain, read, predicate, nullsNotDistinct }: KeyRow): UniqueKey {
  return {
    name,
    parts,
    columns: [...new Set([...plain, ...read])].map(quote),
    predicate,
    nullsDistinct: !nullsNotDistinct,
  };
}
