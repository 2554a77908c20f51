import type { RowName } from './holdings.js';

const MOST_NAMED = 3;

/** A number of rows, in words. */
export function rows(count: number): string {
  return `${count} row${count === 1 ? '' : 's'}`;
}

/** Some of them, in brackets. */
export function named(names: readonly RowName[]): string {
  if (names.length === 0) return '';
  const more = names.length > MOST_NAMED ? ', …' : '';
  return ` (${names.slice(0, MOST_NAMED).join(', ')}${more})`;
}
