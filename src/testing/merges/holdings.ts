import { DoomedRows } from '../../anonymous/guests/doomed-rows.js';
import { rowsOf, type SqlExecutor } from '../../common/sql.js';
import type { OwnershipMap } from '../../linking/ownership/ownership-map.js';
import type { UserId } from '../../users/user.js';
import {
  type FillableTable,
  type FillableTables,
  type Row,
  rowOf,
  textOf,
} from '../rows/fillable-table.js';

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
    const held = new Map<string, ReadonlyMap<RowName, Row>>();
    for (const [oid, table] of this.doomed.tables) {
      const fillable = await this.tables.get(oid);
      const found = await rowsOf<Record<string, string | null>>(
        this.executor,
        `SELECT ${textOf(fillable, 'held')} FROM ${table.path} AS held WHERE ${this.doomed.in(table)}`,
        [userId],
      );
      const rows = found.map((row) => rowOf(fillable, row));
      held.set(oid, new Map(rows.map((row) => [this.nameOf(fillable, row, userId, heir), row])));
    }
    return held;
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
