import type { ForeignKey } from '../../linking/ownership/foreign-keys.js';
import { TestKitError } from '../kit-error.js';
import type { FillableColumn, FillableTable, Row } from './fillable-table.js';
import { type Choice, fit, type Requirement } from './fitting.js';
import { freshValue, typeNameOf } from './fresh-value.js';
import type { Party, Surroundings, Workshop } from './workshop.js';

/** What a row has to be like, beyond what its table asks. Columns are quoted. */
export interface RowWish {
  /** Values that are decided. */
  readonly set?: Row;
  /** Columns that must hold something. */
  readonly filled?: readonly string[];
  /** The owner column that names the row's user. Default: the first. */
  readonly acting?: string;
  readonly requirements?: readonly Requirement[];
}

type Values = Record<string, unknown>;

/** Defaults that are the same for every row, the time among them: it stands still in a transaction. An identity has none. */
const SAME_FOR_ALL = /^[^(]+$|\b(now|(transaction|statement)_timestamp)\(|^CURRENT_/;

/** Fills one row: what is decided, owners, the host's sample, rows that it refers to, then whatever the table insists on. */
export class Filling {
  constructor(
    private readonly workshop: Workshop,
    private readonly maker: Surroundings,
    private readonly table: FillableTable,
    private readonly party: Party,
    private readonly path: readonly string[],
  ) {}

  async values(wish: RowWish): Promise<Values> {
    const values: Values = { ...wish.set };
    this.nameOwners(values, wish);
    await this.takeSample(values);
    const parents = new Map<string, string | null>();
    for (const key of this.table.foreignKeys) await this.refer(key, values, wish, parents);
    await this.fillTheRest(values, wish, parents);
    return values;
  }

  private nameOwners(values: Values, { acting, filled = [] }: RowWish): void {
    const { owners = [] } =
      this.workshop.map.tables.find(({ oid }) => oid === this.table.oid) ?? {};
    const own = acting ?? owners[0];
    for (const { name, notNull } of this.table.columns) {
      if (name in values) continue;
      if (name === own && this.party.id !== null) values[name] = this.party.id;
      else if (!owners.includes(name) && !this.namesUser(name)) continue;
      else if (notNull || filled.includes(name)) values[name] = this.maker.other.id;
    }
  }

  private namesUser(column: string): boolean {
    const { usersOid } = this.workshop;
    return this.table.foreignKeys.some(
      ({ targetOid, columns }) => targetOid === usersOid && columns.includes(column),
    );
  }

  private async takeSample(values: Values): Promise<void> {
    const { manager, samples } = this.workshop;
    const n = this.maker.turn(this.table.oid);
    const given = await samples(this.table.oid, { n, userId: this.party.id, manager });
    for (const [name, value] of Object.entries(given)) {
      const column = this.table.columns.find((other) => other.name === name);
      if (!column) throw new TestKitError(`its sample names column ${name}, which does not exist.`);
      if (name in values) continue;
      const isJson = /^jsonb?$/.test(typeNameOf(column.base));
      values[name] = isJson && value !== null ? JSON.stringify(value) : value;
    }
  }

  private async refer(
    key: ForeignKey,
    values: Values,
    { filled = [] }: RowWish,
    parents: Map<string, string | null>,
  ): Promise<void> {
    if (key.targetOid === this.workshop.usersOid) return;
    if (key.columns.every((name) => name in values)) return;
    const columns = this.table.columns.filter(({ name }) => key.columns.includes(name));
    const isWanted = columns.some(({ name }) => filled.includes(name));
    const isRequired = columns.every((c) => c.notNull && c.default === null);
    const isRead = this.table.checks.some((c) => c.columns.some((n) => key.columns.includes(n)));
    if (!isRequired && !isWanted && !isRead) return;
    const row = await this.referred(key, isRequired || isWanted);
    key.columns.forEach((name, n) => {
      const value = row?.[key.targetColumns[n]!] ?? null;
      if (isRequired || isWanted) values[name] ??= value;
      else parents.set(name, value);
    });
  }

  private async referred(key: ForeignKey, isNeeded: boolean): Promise<Row | undefined> {
    try {
      return await this.maker.parent(key, this.party, this.path);
    } catch (error) {
      if (isNeeded || !(error instanceof TestKitError)) throw error;
      return undefined;
    }
  }

  private async fillTheRest(
    values: Values,
    { filled = [], requirements = [] }: RowWish,
    parents: ReadonlyMap<string, string | null>,
  ): Promise<void> {
    const open = this.table.columns.filter(
      ({ name, isComputed }) => !isComputed && !(name in values),
    );
    const needed = open.filter((c) => filled.includes(c.name) || this.isNeeded(c));
    const isComputed = (name: string) =>
      this.table.columns.some((column) => column.name === name && column.isComputed);
    // A default is right by itself, unless it has to fit to something else.
    const undecided = open.filter((c) => c.default === null || needed.includes(c));
    const active = [
      ...requirements,
      ...this.table.checks
        .filter(({ columns }) => undecided.some(({ name }) => columns.includes(name)))
        .map((check): Requirement => ({ ...check, is: 'NOT FALSE' })),
    ].filter(({ columns }) => !columns.some(isComputed));
    const read = new Set(active.flatMap(({ columns }) => columns));
    const choices = open
      .filter(({ name }) => read.has(name))
      .map((column) => this.choiceOf(column, needed.includes(column), parents));
    for (const column of needed.filter(({ name }) => !read.has(name))) {
      values[column.name] = this.fresh(column);
    }
    if (choices.length === 0) return;
    const { manager } = this.workshop;
    Object.assign(values, await fit(manager, this.table, choices, values, active));
  }

  private choiceOf(
    column: FillableColumn,
    isNeeded: boolean,
    parents: ReadonlyMap<string, string | null>,
  ): Choice {
    const { name } = column;
    const none = isNeeded || column.notNull ? [] : [null];
    if (parents.has(name)) return { column, first: [...none, parents.get(name)!], isOpen: false };
    if (this.namesUser(name))
      return { column, first: [...none, this.maker.other.id], isOpen: false };
    return { column, first: [...none, this.fresh(column)], isOpen: true };
  }

  private isNeeded(column: FillableColumn): boolean {
    const { name, notNull } = column;
    if (this.workshop.wanted(this.table.oid).includes(name)) return true;
    // Only a row that exists will do there.
    if (this.table.foreignKeys.some(({ columns }) => columns.includes(name))) return false;
    const keys = this.table.uniqueKeys.filter(({ columns }) => columns.includes(name));
    if (!notNull) return keys.some(({ nullsDistinct }) => !nullsDistinct);
    return column.default === null || (keys.length > 0 && SAME_FOR_ALL.test(column.default));
  }

  private fresh(column: FillableColumn): string {
    const { name, type } = column;
    const isKey = this.table.uniqueKeys.some(({ columns }) => columns.includes(name));
    const turn = this.maker.turn(`${this.table.oid} ${name}`);
    const value = freshValue(column, turn, isKey);
    if (value !== undefined) return value;
    throw new TestKitError(
      `its column ${name} needs a value, and the kit knows none of type ${type}.`,
    );
  }
}
