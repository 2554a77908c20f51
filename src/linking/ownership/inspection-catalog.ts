import { rowsOf, type SqlExecutor } from '../../common/sql.js';

/** A column of any table of the host. */
export interface InspectedColumn {
  readonly name: string;
  /** As SQL writes it: quoted where it has to be. */
  readonly sql: string;
  /** Whether it has the type of a user's id. */
  readonly holdsIds: boolean;
  readonly isForeignKey: boolean;
  /** An index that finds rows by this column alone. */
  readonly index: string | null;
}

/** A table of the database, whether a merge touches it or not. */
export interface CatalogEntry {
  readonly oid: string;
  readonly schema: string;
  readonly table: string;
  /** As receipts and messages name it: with the schema unless it is the users' own. */
  readonly name: string;
  /** As SQL writes it, with its schema. */
  readonly sql: string;
  readonly isPartitioned: boolean;
  readonly columns: readonly InspectedColumn[];
}

/** A foreign key to the users whose rows change when a user is deleted. */
export interface CascadingKey {
  readonly tableOid: string;
  readonly name: string;
  /** As SQL writes it. */
  readonly sqlName: string;
  readonly definition: string;
}

// A partial index is good enough only if it leaves out nothing but nulls.
const TABLES = `
  SELECT rel.oid::text AS "oid", ns.nspname AS "schema", rel.relname AS "table",
    format('%I.%I', ns.nspname, rel.relname) AS "sql", rel.relkind = 'p' AS "isPartitioned",
    CASE WHEN rel.relnamespace = users.relnamespace THEN rel.relname ELSE ns.nspname || '.' || rel.relname END AS "name",
    (SELECT coalesce(json_agg(json_build_object('name', a.attname, 'sql', quote_ident(a.attname),
        'holdsIds', a.atttypid = id.atttypid,
        'isForeignKey', EXISTS (SELECT 1 FROM pg_constraint con
          WHERE con.contype = 'f' AND con.conrelid = rel.oid AND a.attnum = ANY (con.conkey)),
        'index', (SELECT ic.relname FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid
          JOIN pg_am am ON am.oid = ic.relam
          WHERE i.indrelid = rel.oid AND i.indisvalid AND i.indkey[0] = a.attnum AND am.amname IN ('btree', 'hash')
            AND (i.indpred IS NULL
              OR pg_get_expr(i.indpred, i.indrelid) = '(' || quote_ident(a.attname) || ' IS NOT NULL)')
          ORDER BY i.indnkeyatts, ic.relname LIMIT 1)) ORDER BY a.attnum), '[]')
      FROM pg_attribute a WHERE a.attrelid = rel.oid AND a.attnum > 0 AND NOT a.attisdropped) AS "columns"
  FROM pg_class rel JOIN pg_namespace ns ON ns.oid = rel.relnamespace
    JOIN pg_class users ON users.oid = $1::oid
    JOIN pg_attribute id ON id.attrelid = users.oid AND quote_ident(id.attname) = quote_ident($2)
  WHERE rel.relkind IN ('r', 'p') AND NOT rel.relispartition
    AND ns.nspname <> 'information_schema' AND ns.nspname !~ '^pg_'
  ORDER BY "name"`;

const CASCADES = `
  SELECT conrelid::text AS "tableOid", conname AS "name", quote_ident(conname) AS "sqlName", pg_get_constraintdef(oid) AS "definition"
  FROM pg_constraint WHERE contype = 'f' AND conparentid = 0 AND confrelid = $1::oid AND confdeltype IN ('c', 'n', 'd')
  ORDER BY conname`;

/** Every table of every schema. @param usersId the name of the id column, not quoted. */
export function readEntries(
  executor: SqlExecutor,
  usersOid: string,
  usersId: string,
): Promise<CatalogEntry[]> {
  return rowsOf<CatalogEntry>(executor, TABLES, [usersOid, usersId]);
}

export function readCascades(executor: SqlExecutor, usersOid: string): Promise<CascadingKey[]> {
  return rowsOf<CascadingKey>(executor, CASCADES, [usersOid]);
}
