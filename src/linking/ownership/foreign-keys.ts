import { quote, rowsOf, type SqlExecutor } from '../../common/sql.js';

/** One foreign key of the database, as `pg_constraint` has it. Column names are quoted. */
export interface ForeignKey {
  readonly name: string;
  /** Object id of the referencing table. */
  readonly tableOid: string;
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly string[];
  readonly targetOid: string;
  readonly targetColumns: readonly string[];
  /** No column of it can be null: the row cannot be without the other. */
  readonly isRequired: boolean;
  readonly onDelete: 'no action' | 'restrict' | 'cascade' | 'set null' | 'set default';
}

/** Every foreign key of every schema. Those that a partition inherits count once, at the partitioned table. */
export async function readForeignKeys(executor: SqlExecutor): Promise<ForeignKey[]> {
  const keys = await rowsOf<ForeignKey>(
    executor,
    `SELECT con.conname AS "name", con.conrelid::text AS "tableOid", ns.nspname AS "schema", rel.relname AS "table",
       ${columnNames('con.conrelid', 'con.conkey')} AS "columns", con.confrelid::text AS "targetOid",
       ${columnNames('con.confrelid', 'con.confkey')} AS "targetColumns",
       CASE con.confdeltype WHEN 'c' THEN 'cascade' WHEN 'n' THEN 'set null' WHEN 'd' THEN 'set default'
         WHEN 'r' THEN 'restrict' ELSE 'no action' END AS "onDelete",
       NOT EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = con.conrelid AND a.attnum = ANY (con.conkey)
         AND NOT a.attnotnull) AS "isRequired"
     FROM pg_constraint con
     JOIN pg_class rel ON rel.oid = con.conrelid
     JOIN pg_namespace ns ON ns.oid = rel.relnamespace
     WHERE con.contype = 'f' AND con.conparentid = 0
     ORDER BY ns.nspname, rel.relname, con.conname`,
  );
  return keys.map((key) => ({
    ...key,
    columns: key.columns.map(quote),
    targetColumns: key.targetColumns.map(quote),
  }));
}

/** The foreign keys that lead to one of these tables, over any number of tables. */
export function referencesTo(
  roots: readonly string[],
  keys: readonly ForeignKey[],
): readonly ForeignKey[] {
  const reached = new Set(roots);
  const found = new Set<ForeignKey>();
  for (let size = -1; size !== found.size;) {
    size = found.size;
    for (const key of keys.filter(({ targetOid }) => reached.has(targetOid))) {
      found.add(key);
      reached.add(key.tableOid);
    }
  }
  return [...found];
}

/**
 * What changes when a foreign key to one of these tables is added, dropped or made to do something else, anywhere. Compared
 * inside every merge with what it was at start: a table that a newer deploy has brought must not be missed, be it one that
 * names users or one whose rows would go with a row that gives way.
 */
export async function fingerprintOf(
  executor: SqlExecutor,
  oids: readonly string[],
): Promise<string> {
  const [row] = await rowsOf<{ fingerprint: string }>(
    executor,
    `SELECT (${fingerprintSql('$1')}) AS "fingerprint"`,
    [oids],
  );
  return row!.fingerprint;
}

/** The same as a SQL query. @param oids a SQL expression for the tables' object ids. */
export function fingerprintSql(oids: string): string {
  return `SELECT coalesce(md5(string_agg(concat_ws(':', conrelid, conkey, confrelid, confdeltype), ',' ORDER BY oid)), '')
    FROM pg_constraint WHERE contype = 'f' AND conparentid = 0 AND confrelid = ANY (${oids}::oid[])`;
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

function columnNames(table: string, numbers: string): string {
  return `ARRAY(SELECT a.attname::text FROM unnest(${numbers}) WITH ORDINALITY AS k(num, n)
    JOIN pg_attribute a ON a.attrelid = ${table} AND a.attnum = k.num ORDER BY k.n)`;
}
