import fc from 'fast-check';

export type Who = 'guest' | 'account' | 'stranger';
export type IdType = 'uuid' | 'integer' | 'text';

export interface Parent {
  column: string;
  table: number;
}

export interface Key {
  columns: string[];
  partial: 'flag' | 'n IS NOT NULL' | null;
  nullsNotDistinct: boolean;
}

export type Strategy = 'keepAccount' | 'keepGuest' | 'newest' | 'combine';

export interface Table {
  name: string;
  id: IdType;
  owners: string[];
  parents: Parent[];
  keys: Key[];
  strategy: Strategy;
}

export interface Row {
  table: number;
  id: string;
  /** Owners, parents by column; label, n and flag. */
  values: Record<string, string | number | boolean | null>;
}

export interface Generated {
  tables: Table[];
  rows: Row[];
}

const table = fc.record({
  id: fc.constantFrom<IdType>('uuid', 'integer', 'text'),
  owners: fc.constantFrom(0, 0, 1, 2),
  parents: fc.array(fc.nat(7), { maxLength: 2, size: 'max' }),
  self: fc.boolean(),
  keys: fc.array(
    fc.record({
      owner: fc.nat(3),
      parent: fc.nat(3),
      self: fc.boolean(),
      label: fc.boolean(),
      n: fc.boolean(),
      partial: fc.constantFrom<Key['partial']>(null, null, 'flag', 'n IS NOT NULL'),
      nullsNotDistinct: fc.boolean(),
    }),
    { maxLength: 2, size: 'max' },
  ),
  strategy: fc.constantFrom<Strategy>('keepAccount', 'keepGuest', 'newest', 'combine'),
});

const row = fc.record({
  table: fc.nat(23),
  owners: fc.tuple(fc.nat(3), fc.nat(3)),
  parents: fc.tuple(fc.nat(20), fc.nat(20), fc.nat(20)),
  label: fc.nat(2),
  n: fc.option(fc.nat(2)),
  flag: fc.boolean(),
});

/** 2 to 8 tables, children only of earlier ones or of themselves, and rows of a guest, an account and a stranger. */
export const generated: fc.Arbitrary<Generated> = fc
  .tuple(
    fc.array(table, { minLength: 2, maxLength: 8, size: 'max' }),
    fc.array(row, { minLength: 1, maxLength: 200, size: 'max' }),
  )
  .map(([drafts, rowDrafts]) => {
    const tables = drafts.map((draft, index) => tableOf(draft, index, drafts.length));
    const depths = tables.map(() => 0);
    tables.forEach((t, index) => {
      t.parents = t.parents.filter((p) => p.table === index || depths[p.table]! < 3);
      depths[index] = Math.max(
        0,
        ...t.parents.map((p) => (p.table === index ? 0 : depths[p.table]! + 1)),
      );
      t.keys = t.keys
        .map((key) => ({ ...key, columns: key.columns.filter((c) => columnsOf(t).includes(c)) }))
        .filter(({ columns }) => columns.length > 0);
    });
    return { tables, rows: rowsOf(tables, rowDrafts) };
  });

export function columnsOf({ owners, parents }: Table): string[] {
  return [...owners, ...parents.map(({ column }) => column), 'label', 'n', 'flag'];
}

type TableDraft = typeof table extends fc.Arbitrary<infer T> ? T : never;
type RowDraft = typeof row extends fc.Arbitrary<infer T> ? T : never;

function tableOf(draft: TableDraft, index: number, count: number): Table {
  const targets = [...new Set(draft.parents.map((p) => p % count).filter((p) => p < index))];
  const parents = targets.map((target) => ({ column: `t${target}_id`, table: target }));
  if (draft.self) parents.push({ column: 'parent_id', table: index });
  const owners = ['owner_id', 'other_id'].slice(
    0,
    index === 0 ? Math.max(1, draft.owners) : draft.owners,
  );
  const keys = draft.keys.map((key) => ({
    columns: [
      ...owners.filter((_, n) => (key.owner >> n) % 2 === 1),
      ...targets
        .map((t) => `t${t}_id`)
        .filter((_, n) => (key.parent >> n) % 2 === 1 || (owners.length === 0 && n === 0)),
      ...(key.self && draft.self ? ['parent_id'] : []),
      ...(key.label ? ['label'] : []),
      ...(key.n ? ['n'] : []),
    ],
    partial: key.partial,
    nullsNotDistinct: key.nullsNotDistinct,
  }));
  return { name: `t${index}`, id: draft.id, owners, parents, keys, strategy: draft.strategy };
}

function rowsOf(tables: readonly Table[], drafts: readonly RowDraft[]): Row[] {
  const rows: Row[] = [];
  for (const draft of drafts) {
    const index = draft.table % tables.length;
    const t = tables[index]!;
    const values: Row['values'] = {
      label: 'abc'[draft.label]!,
      n: draft.n,
      flag: draft.flag,
    };
    t.owners.forEach((column, n) => {
      const who = (['guest', 'account', 'stranger', 'guest'] as const)[draft.owners[n]!]!;
      // The second owner may be nobody.
      values[column] = n === 1 && draft.owners[n] === 3 ? null : who;
    });
    t.parents.forEach(({ column, table: target }, n) => {
      const candidates = rows.filter((r) => r.table === target);
      const pick = draft.parents[n]!;
      values[column] = candidates[pick % (candidates.length + 1)]?.id ?? null;
    });
    const candidate: Row = { table: index, id: idOf(t.id, rows.length), values };
    if (
      !rows.some(
        (other) => other.table === index && t.keys.some((key) => collide(key, other, candidate)),
      )
    ) {
      rows.push(candidate);
    }
  }
  return rows;
}

/** Whether two rows break a key, as Postgres sees it. */
export function collide(key: Key, a: Row, b: Row): boolean {
  const inIndex = ({ values }: Row) =>
    key.partial === null || (key.partial === 'flag' ? values.flag === true : values.n !== null);
  if (!inIndex(a) || !inIndex(b)) return false;
  return key.columns.every((column) => {
    const [x, y] = [a.values[column] ?? null, b.values[column] ?? null];
    return x === y && (x !== null || key.nullsNotDistinct);
  });
}

function idOf(type: IdType, n: number): string {
  // Later rows get smaller ids, so that no order is right by accident.
  const number = 1000 - n;
  if (type === 'integer') return String(number);
  const hex = number.toString(16).padStart(12, '0');
  return type === 'uuid' ? `00000000-0000-4000-8000-${hex}` : `k${hex}`;
}
