import { rowsOf, type SqlExecutor } from '../../common/sql.js';

/** One foreign key of the database, as `pg_constraint` has it. */
export interface ForeignKey {
  readonly name: string;
  /** Object id of the referencing table. */
  readonly tableOid: string;
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly string[];
  readonly targetOid: string;
  readonly targetColumns: readonly string[];
}

/** Every foreign key of every schema. Those that a partition inherits count once, at the partitioned table. */
export function readForeignKeys(executor: SqlExecutor): Promise<ForeignKey[]> {
  return rowsOf<ForeignKey>(
    executor,
    `SELECT con.conname AS "name", con.conrelid::text AS "tableOid", ns.nspname AS "schema", rel.relname AS "table",
       ${columnNames('con.conrelid', 'con.conkey')} AS "columns", con.confrelid::text AS "targetOid",
       ${columnNames('con.confrelid', 'con.confkey')} AS "targetColumns"
     FROM pg_constraint con
     JOIN pg_class rel ON rel.oid = con.conrelid
     JOIN pg_namespace ns ON ns.oid = rel.relnamespace
     WHERE con.contype = 'f' AND con.conparentid = 0
     ORDER BY ns.nspname, rel.relname, con.conname`,
  );
}

/**
 * What changes when a foreign key to this table is added or dropped anywhere. Compared inside every merge with what it
 * was at start: a table that a newer deploy has brought must not be missed.
 */
export async function fingerprintOf(executor: SqlExecutor, table: string): Promise<string> {
  const [row] = await rowsOf<{ fingerprint: string }>(
    executor,
    `SELECT coalesce(md5(string_agg(conrelid || ':' || conkey::text, ',' ORDER BY oid)), '') AS "fingerprint"
     FROM pg_constraint WHERE contype = 'f' AND conparentid = 0 AND confrelid = $1::regclass`,
    [table],
  );
  return row!.fingerprint;
}

/** Object ids of tables; `null` for one that does not exist. */
export async function oidsOf(
  executor: SqlExecutor,
  tables: readonly string[],
): Promise<(string | null)[]> {
  const rows = await rowsOf<{ oid: string | null }>(
    executor,
    `SELECT to_regclass(path)::oid::text AS "oid" FROM unnest($1::text[]) WITH ORDINALITY AS t(path, n) ORDER BY n`,
    [tables],
  );
  return rows.map(({ oid }) => oid);
}

/** Columns of the primary keys, by table. */
export async function readPrimaryKeys(executor: SqlExecutor): Promise<Map<string, string[]>> {
  const rows = await rowsOf<{ oid: string; columns: string[] }>(
    executor,
    `SELECT con.conrelid::text AS "oid", ${columnNames('con.conrelid', 'con.conkey')} AS "columns"
     FROM pg_constraint con WHERE con.contype = 'p'`,
  );
  return new Map(rows.map(({ oid, columns }) => [oid, columns]));
}

function columnNames(table: string, numbers: string): string {
  return `ARRAY(SELECT a.attname::text FROM unnest(${numbers}) WITH ORDINALITY AS k(num, n)
    JOIN pg_attribute a ON a.attrelid = ${table} AND a.attnum = k.num ORDER BY k.n)`;
}
