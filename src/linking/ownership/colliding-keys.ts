import type { CatalogTable } from './catalog.js';
import type { UniqueKey } from './ownership-map.js';

/**
 * The unique keys that rows may break when the values of these columns are replaced. A key that contains another one,
 * free of them, cannot break: the other already keeps its rows apart.
 */
export function collidingKeysOf(table: CatalogTable, replaced: readonly string[]): UniqueKey[] {
  const isReplaced = (column: string) => replaced.includes(column);
  const anchors = table.uniqueKeys.filter(
    (key) => !key.columns.some(isReplaced) && keepsApart(key, table),
  );
  return table.uniqueKeys.filter(
    (key) =>
      key.columns.some(isReplaced) &&
      !anchors.some((anchor) => anchor.parts.every((part) => key.parts.includes(part))),
  );
}

/** Whether no two rows at all can agree on the key: it is not partial, and no null makes an exception. */
function keepsApart(key: UniqueKey, table: CatalogTable): boolean {
  const isNotNull = (name: string) =>
    table.columns.some((column) => column.name === name && column.notNull);
  return key.predicate === null && (!key.nullsDistinct || key.columns.every(isNotNull));
}
