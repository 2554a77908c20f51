import { rowsOf, type SqlExecutor } from '../../common/sql.js';
import type { UserId } from '../../users/user.js';
import type { OwnedTable } from '../ownership/ownership-map.js';
import { ownedBy } from '../ownership/ownership.service.js';
import type { MergeEvent, RowKey } from './merge-handler.js';

/** A list of key values as JSON text. */
export type KeyText = string;

/** What a row is known by, before and after it changes hands. */
export interface RowId {
  /** The whole primary key, with the account wherever it names the guest. */
  readonly id: KeyText;
  /** As a handler reports it: without the columns that name an owner. */
  readonly short: KeyText;
}

/** Which rows to look for. */
export interface RowFilter {
  /** Only these; the others never leave the database. */
  readonly among?: readonly RowId[];
  /** Not those that this user owns too, through another column. */
  readonly notBy?: UserId;
}

/** The rows of one party in one table. */
export async function rowsOwnedBy(
  executor: SqlExecutor,
  table: OwnedTable,
  { guest, account }: Pick<MergeEvent, 'guest' | 'account'>,
  userId: UserId,
  { among, notBy }: RowFilter = {},
): Promise<RowId[]> {
  if (among?.length === 0) return [];
  const parts = table.primaryKey.map((column) =>
    table.owners.includes(column)
      ? `CASE ${column}::text WHEN $4 THEN $5 ELSE ${column}::text END`
      : `${column}::text`,
  );
  const id = jsonOf(parts);
  return rowsOf<RowId>(
    executor,
    `SELECT ${id} AS "id", ${jsonOf(table.key.map((c) => `${c}::text`))} AS "short" FROM ${table.path}
     WHERE ${ownedBy(table, '$1')} AND ($2::text[] IS NULL OR ${id} = ANY ($2))
       AND ($3::text IS NULL OR ${ownedBy(table, '$3')} IS NOT TRUE) AND $4::text <> $5::text`,
    [userId, among?.map((row) => row.id) ?? null, notBy ?? null, guest.id, account.id],
  );
}

/** A reported key, as text. */
export function keyText(key: RowKey): KeyText {
  return JSON.stringify([key].flat().map(String));
}

/** A reported whole key, which names the guest, as the row is known afterwards. */
export function idText(
  key: RowKey,
  { guest, account }: Pick<MergeEvent, 'guest' | 'account'>,
): KeyText {
  const values = [key].flat().map(String);
  return JSON.stringify(values.map((value) => (value === guest.id ? account.id : value)));
}

function jsonOf(parts: readonly string[]): string {
  return `array_to_json(ARRAY[${parts.join(', ')}]::text[])::text`;
}
