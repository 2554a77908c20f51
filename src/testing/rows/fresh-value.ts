import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import type { FillableColumn } from './fillable-table.js';

const LETTERS = 12;
const DAY_MS = 86_400_000;

const WHOLE_NUMBERS: Readonly<Record<string, number>> = {
  smallint: 32_000,
  integer: 2_000_000_000,
  bigint: 2_000_000_000,
};

const byte = () => randomInt(1, 255);
const hex = (bytes: number) => randomBytes(bytes).toString('hex');
/** A row that is made later is later, so that a merge which goes by the time always ends in the same way. */
const moment = (turn: number) =>
  new Date(Date.UTC(2024, 0, 1) + turn * DAY_MS + randomInt(1, DAY_MS));

/** Text that Postgres reads as a value of the type. */
const OTHERS: Readonly<Record<string, (turn: number) => string>> = {
  uuid: () => randomUUID(),
  real: () => String(randomInt(1, 1_000)),
  'double precision': () => String(randomInt(1, 1_000)),
  money: () => String(randomInt(1, 1_000)),
  date: (turn) => moment(turn).toISOString().slice(0, 10),
  'timestamp without time zone': (turn) => moment(turn).toISOString().slice(0, -1),
  'timestamp with time zone': (turn) => moment(turn).toISOString(),
  'time without time zone': (turn) => moment(turn).toISOString().slice(11, 19),
  'time with time zone': (turn) => `${moment(turn).toISOString().slice(11, 19)}+00`,
  interval: () => `${randomInt(1, 1_000_000)} seconds`,
  json: () => JSON.stringify({ sample: letters(LETTERS) }),
  jsonb: () => JSON.stringify({ sample: letters(LETTERS) }),
  bytea: () => `\\x${hex(8)}`,
  inet: () => `10.${byte()}.${byte()}.${byte()}`,
  cidr: () => `10.${byte()}.${byte()}.0/24`,
  macaddr: () => hex(6),
  macaddr8: () => hex(8),
  xml: () => `<sample>${letters(LETTERS)}</sample>`,
  tsvector: () => letters(LETTERS),
  ltree: () => letters(LETTERS),
  hstore: () => `${letters(LETTERS)}=>1`,
  point: () => `(${byte()},${byte()})`,
  oid: () => String(randomInt(1, 2_000_000_000)),
  int4range: () => range(),
  int8range: () => range(),
  numrange: () => range(),
  daterange: (turn) => `[${moment(turn).toISOString().slice(0, 10)},)`,
  tsrange: (turn) => `[${moment(turn).toISOString().slice(0, -1)},)`,
  tstzrange: (turn) => `[${moment(turn).toISOString()},)`,
};

/**
 * A value, as text, that most likely no other row has.
 * @param turn counts the values of one column, for types with few of them.
 * @param isKey the larger the range the better; other numbers stay small, so that they can be added up.
 * @returns `undefined` for a type that the kit does not know.
 */
export function freshValue(
  { base, element, labels }: Pick<FillableColumn, 'base' | 'element' | 'labels'>,
  turn: number,
  isKey: boolean,
): string | undefined {
  if (element !== null) {
    const value = freshValue({ base: element, element: null, labels }, turn, isKey);
    return value === undefined ? undefined : `{${JSON.stringify(value)}}`;
  }
  if (labels.length > 0) return labels[turn % labels.length];
  const name = typeNameOf(base);
  const most = WHOLE_NUMBERS[name];
  if (most !== undefined) return String(randomInt(1, isKey ? most : 1_000));
  const [size, scale = 0] = sizesOf(base);
  switch (name) {
    case 'boolean':
      return String(turn % 2 === 1);
    case 'numeric':
      return (size ?? 9) > scale
        ? String(randomInt(1, Math.min(1_000, 10 ** ((size ?? 9) - scale))))
        : String(10 ** -scale);
    case 'text':
    case 'citext':
    case 'name':
    case 'character varying':
      return letters(Math.min(size ?? LETTERS, LETTERS));
    case 'character':
      return letters(size ?? 1);
    case 'bit':
    case 'bit varying':
      return Array.from({ length: size ?? 1 }, () => randomInt(0, 2)).join('');
    default:
      return OTHERS[name]?.(turn);
  }
}

/** The name of a type without its modifiers, and without a schema. */
export function typeNameOf(type: string): string {
  return type
    .replace(/\(.*?\)/, '')
    .replace(/^.*\./, '')
    .trim();
}

/** Random small letters. */
export function letters(length: number): string {
  return Array.from({ length }, () => String.fromCharCode(97 + randomInt(0, 26))).join('');
}

function sizesOf(type: string): number[] {
  const [, sizes = ''] = /\(([\d,]+)\)/.exec(type) ?? [];
  return sizes === '' ? [] : sizes.split(',').map(Number);
}

function range(): string {
  const from = randomInt(1, 1_000_000);
  return `[${from},${from + 1})`;
}
