import type { FillableColumn } from './fillable-table.js';
import { letters, typeNameOf } from './fresh-value.js';

const MOST = 40;
const LONGEST_TEXT = 200;

const INTEGERS: Readonly<Record<string, number>> = {
  smallint: 32_767,
  integer: 2_147_483_647,
  bigint: Number.MAX_SAFE_INTEGER,
};

/**
 * Values that may satisfy these conditions, the likeliest first. What a condition compares with, or measures by, stands in
 * it as a literal.
 * @param first what the column gets if nothing speaks against it.
 */
export function candidatesFor(
  column: FillableColumn,
  first: readonly (string | null)[],
  conditions: readonly string[],
): (string | null)[] {
  const sql = conditions.join('\n');
  const texts = [...sql.matchAll(/'((?:[^']|'')*)'/g)].map(([, t]) => t!.replaceAll("''", "'"));
  // Also those inside of texts: a pattern says there how long a text has to be.
  const numbers = [...sql.matchAll(/(?<![\w.])\d+(?:\.\d+)?/g)]
    .map(([number]) => Number(number))
    .flatMap((number) => [number, -number]);
  const found = [...first, ...ofType(column, texts, numbers)];
  return [...new Set(found)].slice(0, MOST);
}

function ofType(
  { base, element, labels }: FillableColumn,
  texts: readonly string[],
  numbers: readonly number[],
): readonly string[] {
  if (element !== null) return ['{}', ...texts.filter((text) => /^\{.*\}$/s.test(text))];
  if (labels.length > 0) return labels;
  const name = typeNameOf(base);
  const most = INTEGERS[name];
  if (most !== undefined) {
    return around(numbers).filter((n) => Number.isInteger(Number(n)) && Math.abs(Number(n)) < most);
  }
  if (['numeric', 'real', 'double precision', 'money'].includes(name)) {
    return around([...numbers, ...texts.map(Number).filter(Number.isFinite)]);
  }
  if (name === 'boolean') return ['true', 'false'];
  if (/^(text|citext|name|character( varying)?)$/.test(name))
    return [...texts, ...written(numbers)];
  if (/^(date|timestamp)/.test(name)) {
    const days = texts.filter((text) => /^\d{4}-\d\d-\d\d/.test(text));
    return [...days, '2000-01-01', new Date().toISOString(), '2100-01-01'];
  }
  if (/^jsonb?$/.test(name)) return ['{}', '[]', '"sample"', '1'];
  if (name === 'uuid') return texts.filter((text) => /^[\da-f]{8}(-[\da-f]{4}){3}-/i.test(text));
  return [];
}

function around(numbers: readonly number[]): string[] {
  return [...numbers, 1, 0].flatMap((n) => [n, n + 1, n - 1, n + 0.5, n - 0.5]).map(String);
}

/** Text of the lengths that a condition may ask for, in the shapes that conditions usually have. */
function written(numbers: readonly number[]): string[] {
  const lengths = numbers
    .flatMap((n) => [n, n - 1, n + 1])
    .filter((n) => Number.isInteger(n) && n > 0 && n <= LONGEST_TEXT);
  const word = letters(12);
  return [
    `${word}@example.com`,
    `https://example.com/${word}`,
    word.toUpperCase(),
    `${word[0]!.toUpperCase()}${word.slice(1)}`,
    ...lengths.flatMap((length) => {
      const text = letters(length);
      return [text, text.toUpperCase(), digits(length)];
    }),
  ];
}

function digits(length: number): string {
  return Array.from(letters(length), (letter) => letter.charCodeAt(0) % 10).join('');
}
