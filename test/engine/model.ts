import { collide, type Generated, type Row, type Table } from './generated-schema.js';

/** What a merge must do, written plainly over rows in memory. */
export function mergeInMemory({ tables, rows }: Generated): Row[] {
  const losing = losingTables(tables);
  const winnerOf = new Map<Row, Row>();
  const sides = new Map<Row, 'guest' | 'account'>();
  for (let changed = true; changed;) {
    changed = false;
    tables.forEach((table, index) => {
      const keys = collidingKeys(table, losing);
      if (keys.length === 0) return;
      const own = rows.filter((row) => row.table === index && !winnerOf.has(row));
      const after = new Map(own.map((row) => [row, replaced(row, tables, rows, winnerOf)]));
      for (const row of own) sides.set(row, sideOf(row, table, rows, winnerOf, sides));
      const contenders = own.filter((row) =>
        own.some(
          (other) =>
            other !== row && keys.some((k) => collide(k, after.get(row)!, after.get(other)!)),
        ),
      );
      contenders.sort((a, b) => compare(a, b, table, sides));
      const kept: Row[] = [];
      const lost = new Map<Row, Row>();
      for (const row of contenders) {
        const winner = keys
          .map((key) => kept.find((k) => collide(key, after.get(k)!, after.get(row)!)))
          .find((found) => found !== undefined);
        if (!winner) kept.push(row);
        else lost.set(row, winner);
      }
      // A row that has lost stays lost, and follows its winner when that one loses too.
      for (const [row, winner] of winnerOf) winnerOf.set(row, lost.get(winner) ?? winner);
      for (const [row, winner] of lost) winnerOf.set(row, winner);
      changed ||= lost.size > 0;
    });
  }
  const result = new Map(
    rows
      .filter((row) => !winnerOf.has(row))
      .map((row) => [row, replaced(row, tables, rows, winnerOf)]),
  );
  fold(tables, winnerOf, result);
  return [...result.values()];
}

/** Tables of which a row may have to give way. */
export function losingTables(tables: readonly Table[]): Set<number> {
  const losing = new Set<number>();
  for (let size = -1; size !== losing.size;) {
    size = losing.size;
    tables.forEach((table, index) => {
      if (collidingKeys(table, losing).length > 0) losing.add(index);
    });
  }
  return losing;
}

export function collidingKeys(table: Table, losing: ReadonlySet<number>) {
  const replacedColumns = [
    ...table.owners,
    ...table.parents.filter((p) => losing.has(p.table)).map((p) => p.column),
  ];
  return table.keys.filter((key) => {
    const reads =
      key.partial === null ? key.columns : [...key.columns, key.partial === 'flag' ? 'flag' : 'n'];
    if (!reads.some((column) => replacedColumns.includes(column))) return false;
    // Another key, free of what is replaced, on not-null columns and without a condition, keeps these rows apart.
    return !table.keys.some(
      (anchor) =>
        anchor.partial === null &&
        !anchor.columns.some((c) => replacedColumns.includes(c)) &&
        anchor.columns.every((c) => key.columns.includes(c)) &&
        (anchor.nullsNotDistinct || anchor.columns.every((c) => c === 'label')),
    );
  });
}

function replaced(
  row: Row,
  tables: readonly Table[],
  rows: readonly Row[],
  winnerOf: Map<Row, Row>,
): Row {
  const { owners, parents } = tables[row.table]!;
  const values = { ...row.values };
  for (const column of owners) if (values[column] === 'guest') values[column] = 'account';
  for (const { column, table } of parents) {
    const parent = rows.find((r) => r.table === table && r.id === values[column]);
    const winner = parent && winnerOf.get(parent);
    if (winner) values[column] = winner.id;
  }
  return { ...row, values };
}

function sideOf(
  row: Row,
  { owners, parents }: Table,
  rows: readonly Row[],
  winnerOf: Map<Row, Row>,
  sides: Map<Row, 'guest' | 'account'>,
): 'guest' | 'account' {
  if (owners.length > 0) return owners.some((c) => row.values[c] === 'guest') ? 'guest' : 'account';
  for (const { column, table } of parents) {
    const parent = rows.find((r) => r.table === table && r.id === row.values[column]);
    const takesPart = parent && (winnerOf.has(parent) || [...winnerOf.values()].includes(parent));
    if (parent && takesPart) return sides.get(parent) ?? 'account';
  }
  return 'account';
}

function compare(
  a: Row,
  b: Row,
  { strategy, id }: Table,
  sides: Map<Row, 'guest' | 'account'>,
): number {
  const rank = (row: Row) => (sides.get(row) === 'account' ? 0 : 1);
  const bySide = rank(a) - rank(b);
  if (strategy === 'keepGuest' && bySide !== 0) return -bySide;
  if (strategy === 'newest') {
    const n = (row: Row) => (row.values.n === null ? -1 : Number(row.values.n));
    if (n(a) !== n(b)) return n(b) - n(a);
  }
  if (bySide !== 0) return bySide;
  return id === 'integer' ? Number(a.id) - Number(b.id) : a.id < b.id ? -1 : 1;
}

/** `combine` in these tests: n is summed and flag is or-ed, where no key reads them. */
export function combinedColumns({ keys }: Table): { n: boolean; flag: boolean } {
  const read = new Set(
    keys.flatMap(({ columns, partial }) => [
      ...columns,
      partial === 'flag' ? 'flag' : partial && 'n',
    ]),
  );
  return { n: !read.has('n'), flag: !read.has('flag') };
}

function fold(tables: readonly Table[], winnerOf: Map<Row, Row>, result: Map<Row, Row>): void {
  for (const [loser, winner] of winnerOf) {
    const table = tables[loser.table]!;
    if (table.strategy !== 'combine') continue;
    const { values } = result.get(winner)!;
    const combined = combinedColumns(table);
    const add = (x: number | null, y: number | null) =>
      x === null && y === null ? null : (x ?? 0) + (y ?? 0);
    if (combined.n) values.n = add(values.n as number | null, loser.values.n as number | null);
    if (combined.flag) values.flag = values.flag === true || loser.values.flag === true;
  }
}
