import { DoomedRows } from '../../anonymous/deletion/doomed-rows.js';
import { rowsOf, type SqlExecutor } from '../../common/sql.js';
import type { OwnershipMap } from '../../linking/ownership/ownership-map.js';
import type { UserId } from '../../users/user.js';
import type { FillableTable, FillableTables, Row } from '../rows/fillable-table.js';

/** What a row is known by, as JSON text. */
export type RowName = string;

/** Rows by table and by what they are known by. */
export type Held = ReadonlyMap<string, ReadonlyMap<RowName, Row>>;

/** Looks up which rows belong to a user, by an owner column or as part of another row. */
export class Holdings {
  private readonly doomed: DoomedRows;

  constructor(
    private readonly executor: SqlExecutor,
    private readonly tables: FillableTables,
    private readonly map: OwnershipMap,
  ) {
    this.doomed = new DoomedRows(map);
  }

  get oids(): readonly string[] {
    return [...this.doomed.tables.keys()];
  }

  /**
   * Every row of a user.
   * @param heir is put where owner columns name the user, so that rows are known by the same before and after a merge.
   */
  async of(userId: UserId, heir: UserId = userId): Promise<Held> {
    const tables: FillableTable[] = [];
    for (const oid of this.oids) tables.push(await this.tables.get(oid));
    const parts = [...this.doomed.tables.values()].map((table, n) => {
      const values = tables[n]!.columns.map(({ name }) => `held.${name}::text`).join(', ');
      return `SELECT ${n} AS "n", array_to_json(ARRAY[${values}]) AS "values" FROM ${table.path} AS held WHERE ${this.doomed.in(table)}`;
    });
    // One statement for all: there may be many tables, and little in most of them.
    const found = await rowsOf<{ n: number; values: (string | null)[] }>(
      this.executor,
      parts.join(' UNION ALL '),
      [userId],
    );
    return new Map(
      tables.map((table, n) => {
        const rows = found
          .filter((row) => row.n === n)
          .map(({ values }) =>
            Object.fromEntries(table.columns.map((c, i) => [c.name, values[i]!])),
          );
        return [
          table.oid,
          new Map(rows.map((row) => [this.nameOf(table, row, userId, heir), row])),
        ];
      }),
    );
  }

  /** What a row is known by. */
  nameOf({ oid, identity }: FillableTable, row: Row, userId: UserId, heir: UserId): RowName {
    const { owners = [] } = this.map.tables.find((table) => table.oid === oid) ?? {};
    const values = identity.map((name) => {
      const value = row[name] ?? null;
      return value === userId && owners.includes(name) ? heir : value;
    });
    return JSON.stringify(values);
  }
}
