import type { Combination } from '../ownership/declarations.js';

/**
 * One value out of those of all rows that lose to one winner, as a window over them: an aggregate over rows of arrays would
 * make another array. `ord` is the order in which the rows were preferred.
 */
export function aggregateOf(how: Combination, column: string, partition = ''): string {
  const aggregates = { sum: 'sum', max: 'max', min: 'min', or: 'bool_or', and: 'bool_and' };
  return how === 'fill'
    ? `first_value(${column}) OVER (${partition} ORDER BY ${column} IS NULL, ord)`
    : `${aggregates[how]}(${column}) OVER (${partition})`;
}

/** The winner's value and the aggregate as one. A null on one side gives way to the value on the other. */
export function combinationOf(
  how: Combination,
  own: string,
  aggregate: string,
  type: string,
): string {
  switch (how) {
    case 'sum':
      return sumOf(own, aggregate, type);
    case 'max':
      return `greatest(${own}, ${aggregate})`;
    case 'min':
      return `least(${own}, ${aggregate})`;
    case 'or':
      return `coalesce(${own} OR ${aggregate}, ${own}, ${aggregate})`;
    case 'and':
      return `coalesce(${own} AND ${aggregate}, ${own}, ${aggregate})`;
    case 'fill':
      return `coalesce(${own}, ${aggregate})`;
  }
}

/** A sum that the column cannot hold stops at the last value that it can, instead of failing the merge for ever. */
function sumOf(own: string, aggregate: string, type: string): string {
  const bounds = boundsOf(type);
  if (bounds === undefined) return `coalesce(${own} + ${aggregate}, ${own}, ${aggregate})`;
  const sum = `coalesce(${own}::numeric + ${aggregate}, ${own}, ${aggregate})`;
  const [smallest, largest] = bounds;
  // greatest() and least() pass over a null, which would make a bound out of two empty values.
  return `CASE WHEN ${sum} IS NOT NULL THEN greatest(least(${sum}, ${largest}), ${smallest}) END::${type}`;
}

function boundsOf(type: string): readonly [smallest: string, largest: string] | undefined {
  const bits = { smallint: 15n, integer: 31n, bigint: 63n }[type];
  if (bits !== undefined) return [`${-(2n ** bits)}`, `${2n ** bits - 1n}`];
  const [, precision, scale] = /^numeric\((\d+),(\d+)\)$/.exec(type) ?? [];
  if (precision === undefined || scale === undefined) return undefined;
  const largest = `(10::numeric ^ ${Number(precision) - Number(scale)} - 10::numeric ^ -${scale})`;
  return [`-${largest}`, largest];
}
