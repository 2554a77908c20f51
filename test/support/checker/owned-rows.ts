import type { Client } from 'pg';
import type { CheckedTables } from './names.js';

interface Reference {
  readonly path: string;
  readonly columns: readonly string[];
  readonly targets: readonly string[];
}

/** Every foreign key to the users, with all of its columns. */
const REFERENCES = `
  SELECT con.conrelid::regclass::text AS "path",
    (SELECT array_agg(quote_ident(a.attname) ORDER BY k.n) FROM unnest(con.conkey) WITH ORDINALITY k (attnum, n)
     JOIN pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = k.attnum)::text[] AS "columns",
    (SELECT array_agg(quote_ident(a.attname) ORDER BY k.n) FROM unnest(con.confkey) WITH ORDINALITY k (attnum, n)
     JOIN pg_attribute a ON a.attrelid = con.confrelid AND a.attnum = k.attnum)::text[] AS "targets",
    con.conrelid = ANY ($2::text[]::regclass[]) AS "isIgnored"
  FROM pg_constraint con
  WHERE con.contype = 'f' AND con.confrelid = $1::regclass AND con.conparentid = 0`;

/**
 * Rules over the rows that users own, as the catalogue has them. A foreign key can be switched off or not be valid, so it
 * is no proof; and a tombstone satisfies it.
 */
export async function ownedRowRules(
  client: Client,
  { users, links, soft, ignored }: CheckedTables,
): Promise<Record<string, string>> {
  const { rows } = await client.query<Reference & { isIgnored: boolean }>(REFERENCES, [
    users.path,
    ignored,
  ]);
  const { id } = users.columns;
  const { guestId, status } = links.columns;
  const rules: Record<string, string> = {};
  for (const { path, columns, targets } of rows) {
    const present = columns.map((column) => `o.${column} IS NOT NULL`).join(' AND ');
    const same = columns.map((column, n) => `u.${targets[n]} = o.${column}`).join(' AND ');
    rules[`${path} (${columns.join(', ')}) names nobody`] =
      `SELECT o.* FROM ${path} o WHERE ${present} AND NOT EXISTS (SELECT 1 FROM ${users.path} u WHERE ${same})`;
  }
  const owners = rows
    .filter(({ isIgnored }) => !isIgnored)
    .map(({ path, columns, targets }) => ({
      path,
      column: columns[targets.findIndex((target) => bare(target) === bare(id))]!,
    }))
    .filter(({ column }) => column !== undefined);
  for (const { path, column } of [...owners, ...soft]) {
    rules[`${path} (${column}) names a guest that was merged`] = `SELECT o.* FROM ${path} o
      JOIN ${links.path} l ON l.${guestId}::text = o.${column}::text WHERE l.${status} = 'merged'`;
  }
  return rules;
}

/** A name as the catalogue has it: Postgres quotes only those that need it, an app each. */
function bare(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}
