const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const DAYS = 'sun mon tue wed thu fri sat'.split(' ');

interface CronField {
  readonly least: number;
  readonly most: number;
  /** What may stand for a number: the first name for `least`. */
  readonly names?: readonly string[];
}

const FIELDS: readonly CronField[] = [
  { least: 0, most: 59 },
  { least: 0, most: 59 },
  { least: 0, most: 23 },
  { least: 1, most: 31 },
  { least: 1, most: 12, names: MONTHS },
  { least: 0, most: 7, names: DAYS },
];

const PRESETS = /^@(yearly|monthly|weekly|daily|hourly|minutely|secondly|weekdays|weekends)$/;

/**
 * Whether `@nestjs/schedule` can make something of this, asked before it is loaded: its own error comes late in the start,
 * and names neither the option nor what to write.
 */
export function isCronExpression(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  const text = value.trim().toLowerCase();
  if (PRESETS.test(text)) return true;
  const parts = text.split(/\s+/);
  if (parts.length !== 5 && parts.length !== 6) return false;
  const fields = FIELDS.slice(FIELDS.length - parts.length);
  return parts.every((part, n) => part.split(',').every((item) => isItem(item, fields[n]!)));
}

/** `*`, `7`, `1-5` or `mon`, and any of them with a step: `*` + `/15`. */
function isItem(item: string, field: CronField): boolean {
  const [range = '', step, ...more] = item.split('/');
  if (more.length > 0 || (step !== undefined && !/^[1-9]\d*$/.test(step))) return false;
  if (range === '*') return true;
  const [first, last = first, ...others] = range.split('-').map((end) => valueOf(end, field));
  return others.length === 0 && first !== undefined && last !== undefined && first <= last;
}

function valueOf(text: string, { least, most, names = [] }: CronField): number | undefined {
  if (names.includes(text)) return names.indexOf(text) + least;
  const number = /^\d{1,2}$/.test(text) ? Number(text) : -1;
  return number >= least && number <= most ? number : undefined;
}
