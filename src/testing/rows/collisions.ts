import type { ForeignKey } from '../../linking/ownership/foreign-keys.js';
import { unquoted } from '../../linking/ownership/inspected-tables.js';
import type { OwnedTable, OwnershipMap, UniqueKey } from '../../linking/ownership/ownership-map.js';
import type { FillableTables, Row } from './fillable-table.js';
import type { Requirement } from './fitting.js';
import type { RowMaker } from './row-maker.js';
import type { Party } from './workshop.js';

/** Rows that agree on keys in everything but whose they are. The guest's and the account's collide. */
export interface Trio {
  readonly guest: Row;
  readonly account: Row;
  /** Collides with neither: its user takes no part. Whoever forgets to say whose rows to change meets it. */
  readonly stranger: Row;
}

/** A way in which rows of one table collide. */
export interface CollisionCase {
  readonly keys: readonly UniqueKey[];
  /** They agree in nulls, which a key with NULLS NOT DISTINCT does not let pass. */
  readonly hasNulls: boolean;
}

/** The parties of a merge that is tried out, and somebody else. */
export interface Parties {
  readonly guest: Party;
  readonly account: Party;
  readonly stranger: Party;
}

/** Makes rows that collide on the unique keys of a table. */
export class Collisions {
  constructor(
    private readonly maker: RowMaker,
    private readonly tables: FillableTables,
    private readonly map: OwnershipMap,
    private readonly parties: Parties,
  ) {}

  /** One case for each key; one for all where a user can have no second row. */
  async casesOf({ oid, owners, collidingKeys }: OwnedTable): Promise<CollisionCase[]> {
    if (collidingKeys.some((key) => isOnlyOwner(key, owners))) {
      return [{ keys: collidingKeys, hasNulls: false }];
    }
    const { columns } = await this.tables.get(oid);
    const isNullable = (name: string) =>
      columns.some((column) => column.name === name && !column.notNull);
    return collidingKeys.flatMap((key) => {
      const filled = { keys: [key], hasNulls: false };
      const others = partsOf(key).filter((name) => !owners.includes(name));
      const hasNulls = !key.nullsDistinct && others.some(isNullable);
      return hasNulls ? [filled, { ...filled, hasNulls }] : [filled];
    });
  }

  /** @param path tables whose colliding rows are being made already. */
  async make(
    table: OwnedTable,
    { keys, hasNulls }: CollisionCase,
    path: readonly string[] = [],
  ): Promise<Trio> {
    const { oid, owners, collidingKeys } = table;
    const { columns, foreignKeys } = await this.tables.get(oid);
    const members = [...new Set(keys.flatMap((key) => key.columns))];
    const parts = new Set(keys.flatMap(partsOf));
    const nulls = columns
      .filter(({ name, notNull }) => hasNulls && !notNull && parts.has(name))
      .map(({ name }) => name)
      .filter((name) => !owners.includes(name));
    const shared = Object.fromEntries(nulls.map((name) => [name, null]));
    const parents = hasNulls ? undefined : await this.parents(table, foreignKeys, members, path);
    const acting = owners.find((owner) => members.includes(owner));
    // A row that a key with a condition does not ask for must not be in the way of the one that it does.
    const avoided = collidingKeys.filter(
      (key) => !keys.includes(key) && partsOf(key).every((part) => owners.includes(part)),
    );
    const wish = {
      acting,
      filled: hasNulls ? [] : [...parts],
      requirements: [
        ...keys.flatMap((key) => conditionOf(key, 'TRUE')),
        ...avoided.flatMap((key) => conditionOf(key, 'NOT TRUE')),
      ],
    };
    const of = (party: Party, set: Row, own?: Row) =>
      this.maker.row(oid, party, { ...wish, set: { ...set, ...own } }, path);
    const guest = await of(this.parties.guest, shared, parents?.guest);
    const copied = members.filter((name) => name !== acting && !(name in (parents?.guest ?? {})));
    const same = Object.fromEntries(copied.map((name) => [name, guest[name]!]));
    const account = await of(this.parties.account, same, parents?.account);
    const stranger = await of(this.parties.stranger, same, parents?.stranger);
    return { guest, account, stranger };
  }

  /** Values of the columns by which rows of a key are attached to others that collide in their turn. */
  private async parents(
    table: OwnedTable,
    foreignKeys: readonly ForeignKey[],
    members: readonly string[],
    path: readonly string[],
  ): Promise<Trio> {
    const values: { [Side in keyof Trio]: Record<string, string | null> } = {
      guest: {},
      account: {},
      stranger: {},
    };
    for (const { columns, parentOid, parentColumns } of table.parents) {
      const parent = this.map.tables.find(({ oid }) => oid === parentOid);
      const isInKey = foreignKeys.some((key) => same(key.columns, columns) && reads(key, members));
      if (!parent || !isInKey || parentOid === table.oid || path.includes(parentOid)) continue;
      const [first] = await this.casesOf(parent);
      if (!first) continue;
      const trio = await this.make(parent, first, [...path, table.oid]);
      columns.forEach((name, n) => {
        const target = parentColumns[n]!;
        values.guest[name] = trio.guest[target]!;
        values.account[name] = trio.account[target]!;
        values.stranger[name] = trio.stranger[target]!;
      });
    }
    return values;
  }
}

function isOnlyOwner(key: UniqueKey, owners: readonly string[]): boolean {
  const parts = partsOf(key);
  return key.predicate === null && parts.length === 1 && owners.includes(parts[0]!);
}

/** The columns that must be equal, without those that only a condition reads. */
function partsOf({ columns, parts, predicate }: UniqueKey): string[] {
  if (predicate === null) return [...columns];
  return columns.filter((column) => parts.some((part) => mentions(part, unquoted(column))));
}

function mentions(sql: string, name: string): boolean {
  const escaped = name.replaceAll(/[^\w]/g, String.raw`\$&`);
  return new RegExp(String.raw`(^|[^\w])${escaped}([^\w]|$)`).test(sql);
}

function conditionOf({ predicate, columns }: UniqueKey, is: Requirement['is']): Requirement[] {
  return predicate === null ? [] : [{ sql: predicate, columns, is }];
}

function same(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((name) => others.includes(name));
}

function reads({ columns }: ForeignKey, members: readonly string[]): boolean {
  return columns.some((name) => members.includes(name));
}
