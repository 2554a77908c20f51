import { getMetadataArgsStorage, Index } from 'typeorm';
import { ConfigurationError } from '../common/errors.js';
import type { UserEntity } from './auth-user.js';
import { defineColumns } from './define-entity.js';
import type { EntityClass, IdColumn, TableSet } from './table-set.js';
import { USER_COLUMNS, UserBase } from './user.js';

const ID_TYPES: ReadonlyMap<unknown, IdColumn['type']> = new Map<unknown, IdColumn['type']>([
  ['uuid', 'uuid'],
  [Number, 'integer'],
  ...(['int', 'int4', 'integer'] as const).map((type) => [type, 'integer'] as const),
  ...(['int8', 'bigint'] as const).map((type) => [type, 'bigint'] as const),
  ['text', 'text'],
  [String, 'varchar'],
  ...(['varchar', 'character varying'] as const).map((type) => [type, 'varchar'] as const),
]);

/**
 * Gives a host's class that extends {@link UserBase} the columns which it does not declare itself. TypeORM would let the
 * decorators of a base class win over those of the class, so the base has none.
 */
export function completeUserEntity(entity: UserEntity, { tablePrefix }: TableSet): void {
  // Our migration makes it; the schema builder, which knows no name of the column here, leaves it alone.
  Index(staleGuestIndex(tablePrefix), { synchronize: false })(entity);
  if (!(entity.prototype instanceof UserBase)) return;
  const missing = Object.entries(USER_COLUMNS).filter(
    ([property]) => columnOf(entity, property) === undefined,
  );
  defineColumns(entity, Object.fromEntries(missing));
}

/** The index by which guests are reaped, on a user table of the host's. */
export function staleGuestIndex(tablePrefix: string): string {
  return `${tablePrefix}stale_guest_idx`;
}

/** @throws ConfigurationError when the class is no entity, or its id is of a type that cannot be referenced here. */
export function idColumnOf(entity: UserEntity): IdColumn {
  const isEntity = getMetadataArgsStorage().tables.some(({ target }) => target === entity);
  if (!isEntity) {
    throw new ConfigurationError(
      `userEntity ${entity.name} is no entity. Write @Entity() before the class.`,
    );
  }
  const id = columnOf(entity, 'id');
  const type = id && ID_TYPES.get(id.options.type);
  if (!id?.options.primary || type === undefined) {
    throw new ConfigurationError(
      `userEntity ${entity.name} needs a primary key "id" of type uuid, integer, bigint, text or varchar. Write for example @PrimaryGeneratedColumn() id!: number.`,
    );
  }
  const { length } = id.options;
  return { type, ...(length !== undefined && { length: String(length) }) };
}

function columnOf(entity: EntityClass, property: string) {
  const classes: unknown[] = [];
  for (let type: unknown = entity; typeof type === 'function'; type = Object.getPrototypeOf(type)) {
    classes.push(type);
  }
  return getMetadataArgsStorage().columns.find(
    ({ target, propertyName }) => propertyName === property && classes.includes(target),
  );
}
