import { rowsOf, type SqlExecutor } from '../../common/sql.js';
import type { UserId } from '../../users/user.js';
import type { OwnedTable } from '../ownership/ownership-map.js';
import { ownedBy } from '../ownership/ownership.service.js';
import type { RowKey } from './merge-handler.js';

/** A row's key without its owner columns, as JSON text, so that it is the same before and after the row changes hands. */
export type KeyText = string;

/**
 * Keys of the rows that a user owns.
 * @param among only these; the others never leave the database.
 * @param notBy leaves out rows that this user owns too, through another column.
 */
export async function keysOwnedBy(
  executor: SqlExecutor,
  table: OwnedTable,
  userId: UserId,
  among?: readonly KeyText[],
  notBy: UserId | null = null,
): Promise<KeyText[]> {
  if (among?.length === 0) return [];
  const text = `array_to_json(ARRAY[${table.key.map((c) => `${c}::text`).join(', ')}]::text[])::text`;
  const rows = await rowsOf<{ key: KeyText }>(
    executor,
    `SELECT ${text} AS "key" FROM ${table.path} WHERE ${ownedBy(table, '$1')}
       AND ($2::text[] IS NULL OR ${text} = ANY ($2)) AND ($3::text IS NULL OR ${ownedBy(table, '$3')} IS NOT TRUE)`,
    [userId, among ?? null, notBy],
  );
  return rows.map(({ key }) => key);
}

export function keyText(key: RowKey): KeyText {
  return JSON.stringify([key].flat().map(String));
}
