import { quote, rowsOf, type SqlExecutor } from '../../common/sql.js';
import type { TableColumn, UniqueKey } from './ownership-map.js';

/** What the catalog knows of one table that a merge may touch. Column names are quoted. */
export interface CatalogTable {
  readonly oid: string;
  readonly schema: string;
  readonly table: string;
  /** Whether it is a table, partitioned or not, rather than a view or something foreign. */
  readonly isTable: boolean;
  readonly columns: readonly CatalogColumn[];
  readonly primaryKey: readonly string[];
  readonly uniqueKeys: readonly UniqueKey[];
  /** Unique indexes that single partitions have for themselves. */
  readonly partitionKeys: readonly UniqueKey[];
  /** CHECK and exclusion constraints with the columns that they read. */
  readonly constraints: readonly CatalogConstraint[];
  /** Whether row security filters what we see and change. */
  readonly isRowSecurityActive: boolean;
}

export interface CatalogColumn extends TableColumn {
  readonly notNull: boolean;
  readonly isGenerated: boolean;
  /** Quoted names of the columns that a generated one is computed from. */
  readonly generatedFrom: readonly string[];
}

export interface CatalogConstraint {
  readonly name: string;
  readonly kind: 'check' | 'exclusion';
  readonly columns: readonly string[];
}

// PostgreSQL 14 notes what a generated column is computed from at the column, later versions at its expression.
const TABLES = `
  SELECT rel.oid::text AS "oid", ns.nspname AS "schema", rel.relname AS "table",
    row_security_active(rel.oid) AS "isRowSecurityActive", rel.relkind IN ('r', 'p') AS "isTable",
    (SELECT coalesce(json_agg(json_build_object('name', a.attname, 'notNull', a.attnotnull,
        'type', format_type(a.atttypid, a.atttypmod), 'isGenerated', a.attgenerated <> '',
        'generatedFrom', (SELECT coalesce(json_agg(DISTINCT s.attname), '[]') FROM pg_attrdef def
          JOIN pg_depend d ON d.refobjid = rel.oid AND (d.classid = 'pg_attrdef'::regclass AND d.objid = def.oid
            OR d.classid = 'pg_class'::regclass AND d.objid = rel.oid AND d.objsubid = a.attnum)
          JOIN pg_attribute s ON s.attrelid = rel.oid AND s.attnum = d.refobjsubid
          WHERE def.adrelid = rel.oid AND def.adnum = a.attnum AND a.attgenerated <> '' AND s.attnum <> a.attnum))
        ORDER BY a.attnum), '[]')
      FROM pg_attribute a WHERE a.attrelid = rel.oid AND a.attnum > 0 AND NOT a.attisdropped) AS "columns",
    (SELECT coalesce(json_agg(json_build_object('name', con.conname,
        'kind', CASE con.contype WHEN 'c' THEN 'check' ELSE 'exclusion' END,
        'columns', (SELECT coalesce(json_agg(a.attname), '[]') FROM pg_attribute a
          WHERE a.attrelid = rel.oid AND (a.attnum = ANY (con.conkey) OR EXISTS (SELECT 1 FROM pg_depend d
            WHERE con.contype = 'x' AND d.classid = 'pg_class'::regclass AND d.objid = con.conindid
              AND d.refobjid = rel.oid AND d.refobjsubid = a.attnum))))), '[]')
      FROM pg_constraint con WHERE con.conrelid = rel.oid AND con.contype IN ('c', 'x')) AS "constraints"
  FROM pg_class rel JOIN pg_namespace ns ON ns.oid = rel.relnamespace
  WHERE rel.oid = ANY ($1::oid[]) ORDER BY ns.nspname, rel.relname`;

// indnullsnotdistinct exists from PostgreSQL 15 on; through to_jsonb its absence reads as null. Only a collation that is not
// deterministic lets different texts be equal, so only such a one has to be named.
const KEYS = `
  WITH members AS (
    SELECT root, root AS member FROM unnest($1::oid[]) AS root
    UNION SELECT root, t.relid::oid FROM unnest($1::oid[]) AS root, pg_partition_tree(root::regclass) t)
  SELECT members.root::text AS "oid", members.root <> members.member AS "isOfPartition",
    ic.relname AS "name", i.indisprimary AS "isPrimary",
    ARRAY(SELECT pg_get_indexdef(i.indexrelid, n, true) || coalesce((
        SELECT format(' COLLATE %I.%I', ns.nspname, c.collname) FROM pg_collation c
        JOIN pg_namespace ns ON ns.oid = c.collnamespace
        WHERE c.oid = i.indcollation[n - 1] AND NOT c.collisdeterministic), '')
      FROM generate_series(1, i.indnkeyatts) n ORDER BY n) AS "parts",
    ARRAY(SELECT a.attname::text FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(num, n)
      JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.num
      WHERE k.n <= i.indnkeyatts ORDER BY k.n) AS "plain",
    ARRAY(SELECT DISTINCT a.attname::text FROM pg_depend d JOIN pg_attribute a
      ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
      WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid AND d.refobjid = i.indrelid
        AND d.refobjsubid > 0 AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL)) AS "read",
    pg_get_expr(i.indpred, i.indrelid, true) AS "predicate",
    coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) AS "nullsNotDistinct"
  FROM members JOIN pg_index i ON i.indrelid = members.member JOIN pg_class ic ON ic.oid = i.indexrelid
  WHERE i.indisunique AND (members.root = members.member
    OR NOT EXISTS (SELECT 1 FROM pg_inherits h WHERE h.inhrelid = i.indexrelid))
  ORDER BY ic.relname`;

interface TableRow {
  readonly oid: string;
  readonly schema: string;
  readonly table: string;
  readonly isRowSecurityActive: boolean;
  readonly isTable: boolean;
  readonly columns: CatalogColumn[];
  readonly constraints: CatalogConstraint[];
}

interface KeyRow {
  readonly oid: string;
  readonly isOfPartition: boolean;
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
    const all = keys.filter(({ oid }) => oid === table.oid);
    const own = all.filter(({ isOfPartition }) => !isOfPartition);
    return {
      ...table,
      columns: table.columns.map((column) => ({
        ...column,
        name: quote(column.name),
        generatedFrom: column.generatedFrom.map(quote),
      })),
      constraints: table.constraints.map((c) => ({ ...c, columns: c.columns.map(quote) })),
      primaryKey: (own.find(({ isPrimary }) => isPrimary)?.plain ?? []).map(quote),
      uniqueKeys: own.map(uniqueKeyOf),
      partitionKeys: all.filter(({ isOfPartition }) => isOfPartition).map(uniqueKeyOf),
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
