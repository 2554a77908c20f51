import {
  Column,
  type ColumnOptions,
  Entity,
  ForeignKey,
  Index,
  type ObjectLiteral,
  type RelationOptions,
  Unique,
} from 'typeorm';

import { TWIN_OF } from '../common/sql.js';
import { type EntityClass, TABLE_SET, type TableSet } from './table-set.js';

export interface ColumnDefinition extends ColumnOptions {
  /** A foreign key to the primary key of another entity of this library. */
  readonly references?: {
    readonly target: EntityClass<ObjectLiteral>;
    readonly onDelete: RelationOptions['onDelete'];
    readonly name: string;
  };
}

/** A table as data: one description makes the entity of any prefix. */
export interface EntityDefinition<Row> {
  readonly table: string;
  readonly columns: { readonly [Property in keyof Row]-?: ColumnDefinition };
  readonly uniques?: readonly { readonly name: string; readonly columns: (keyof Row & string)[] }[];
  readonly indices?: readonly {
    readonly name: string;
    readonly columns: (keyof Row & string)[];
    readonly unique?: boolean;
    readonly where?: string;
    readonly synchronize?: false;
  }[];
}

/**
 * Makes a class an entity. In a set of tables beside the default one it is a twin of `base` that has its name, because
 * TypeORM ties a class to one table for the whole process, and would give a derived class the columns and keys of `base` a
 * second time. (An `EntitySchema` would not do: TypeORM resolves no relation from a decorated class, such as those of the
 * host, to a schema.)
 */
export function defineEntity<Row extends ObjectLiteral>(
  base: EntityClass<Row>,
  set: TableSet,
  definition: EntityDefinition<Row>,
): EntityClass<Row> {
  const target = set.isDefault ? base : twinOf(base, set);
  Entity({ name: definition.table })(target);
  defineColumns(target, definition.columns);
  for (const { name, columns } of definition.uniques ?? []) Unique(name, columns)(target);
  for (const { name, columns, ...options } of definition.indices ?? []) {
    if (options.synchronize === false) Index(name, { synchronize: false })(target);
    else Index(name, columns, options)(target);
  }
  return target;
}

/** Gives properties of a class their columns. */
export function defineColumns(
  target: EntityClass<ObjectLiteral>,
  columns: Readonly<Record<string, ColumnDefinition>>,
): void {
  for (const [property, column] of Object.entries(columns)) {
    const { references, ...options } = column;
    Column(options)(target.prototype, property);
    if (references) {
      const { target: referenced, ...key } = references;
      ForeignKey(() => referenced, key)(target.prototype, property);
    }
  }
}

function twinOf<Row extends ObjectLiteral>(
  base: EntityClass<Row>,
  set: TableSet,
): EntityClass<Row> {
  const twin = class {};
  Object.defineProperties(twin, {
    name: { value: base.name },
    [TWIN_OF]: { value: base },
    [TABLE_SET]: { value: set },
  });
  return twin as EntityClass<Row>;
}
