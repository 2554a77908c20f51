import { rowsOf, sqlStateOf, UNIQUE_VIOLATION } from '../../common/sql.js';
import type { ForeignKey } from '../../linking/ownership/foreign-keys.js';
import { TestKitError } from '../kit-error.js';
import { type FillableTable, type Row, rowOf, textOf } from './fillable-table.js';
import { Filling, type RowWish } from './filling.js';
import { NOBODY, type Party, type Surroundings, type Workshop } from './workshop.js';

const MOST_TRIES = 4;

/** Makes rows, and the rows that they need, from nothing but the catalog and the host's samples. */
export class RowMaker implements Surroundings {
  other: Party = NOBODY;
  private made: ReadonlyMap<string, readonly Row[]> = new Map();
  private readonly turns = new Map<string, number>();

  constructor(private readonly workshop: Workshop) {}

  /** The rows of one party in one table, in the order in which they were made. */
  rowsOf(oid: string, party: Party): readonly Row[] {
    return this.made.get(`${oid} ${party.role}`) ?? [];
  }

  /**
   * Makes a row with every row that it must refer to.
   * @param path tables whose rows are being made already.
   * @throws TestKitError saying what to write when the kit cannot.
   */
  async row(
    oid: string,
    party: Party,
    wish: RowWish = {},
    path: readonly string[] = [],
  ): Promise<Row> {
    const table = await this.workshop.tables.get(oid);
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.try(table, party, wish, path);
      } catch (error) {
        const isTaken = sqlStateOf(error) === UNIQUE_VIOLATION;
        if (isTaken && tries < MOST_TRIES) continue;
        throw isTaken ? error : helpless(table, error);
      }
    }
  }

  /** The same for a row that is not needed: nothing, where its table has no room for it or the kit cannot make it. */
  async optional(...wanted: Parameters<RowMaker['row']>): Promise<Row | undefined> {
    try {
      return await this.row(...wanted);
    } catch (error) {
      if (error instanceof TestKitError || sqlStateOf(error) === UNIQUE_VIOLATION) return undefined;
      throw error;
    }
  }

  async parent(key: ForeignKey, party: Party, path: readonly string[]): Promise<Row> {
    const { belonging, tables } = this.workshop;
    const owner = belonging.has(key.targetOid) ? party : NOBODY;
    const known = this.rowsOf(key.targetOid, owner).at(-1);
    const depth = path.filter((oid) => oid === key.targetOid).length;
    if (depth > 0 && known) return known;
    // A table that refers to itself ends in a row that refers to none, unless every row has to.
    if (depth > 1) {
      throw new TestKitError(`its foreign key ${key.name} needs a row of a table that needs it.`);
    }
    const { uniqueKeys } = await tables.get(key.tableOid);
    const isKey = uniqueKeys.some(({ columns }) => key.columns.some((c) => columns.includes(c)));
    if (!known) return this.row(key.targetOid, owner, {}, path);
    return (isKey && (await this.optional(key.targetOid, owner, {}, path))) || known;
  }

  turn(name: string): number {
    const turn = this.turns.get(name) ?? 0;
    this.turns.set(name, turn + 1);
    return turn;
  }

  private async try(
    table: FillableTable,
    party: Party,
    wish: RowWish,
    path: readonly string[],
  ): Promise<Row> {
    const { manager } = this.workshop;
    const { made } = this;
    await manager.query('SAVEPOINT sample');
    try {
      const filling = new Filling(this.workshop, this, table, party, [...path, table.oid]);
      const row = await this.insert(table, await filling.values(wish));
      await manager.query('RELEASE SAVEPOINT sample');
      const name = `${table.oid} ${party.role}`;
      this.made = new Map(this.made).set(name, [...(this.made.get(name) ?? []), row]);
      return row;
    } catch (error) {
      await manager.query('ROLLBACK TO SAVEPOINT sample');
      // Rows that were made for it are gone with it.
      this.made = made;
      throw error;
    }
  }

  private async insert(
    table: FillableTable,
    values: Readonly<Record<string, unknown>>,
  ): Promise<Row> {
    const names = Object.keys(values);
    const places = names.map((_, n) => `$${n + 1}`);
    const what =
      names.length === 0 ? 'DEFAULT VALUES' : `(${names.join(', ')}) VALUES (${places.join(', ')})`;
    const [found] = await rowsOf<Record<string, string | null>>(
      this.workshop.manager,
      `INSERT INTO ${table.path} AS made ${what} RETURNING ${textOf(table, 'made')}`,
      Object.values(values),
    );
    if (!found) throw new TestKitError('Postgres took the row and did not keep it.');
    return rowOf(table, found);
  }
}

function helpless({ name }: FillableTable, error: unknown): TestKitError {
  const { message } = error as Error;
  const reason = message.replace(/^nestjs-anonymous\/testing: /, '');
  if (error instanceof TestKitError && reason.includes('samples: [')) return error;
  return new TestKitError(
    `a row of table ${name} could not be made: ${reason}\nSay how: \`samples: [sample('${name}', ({ n }) => ({ column: value }))]\`, or with an entity in place of the name.`,
    { cause: error },
  );
}
