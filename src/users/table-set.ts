import type { ObjectLiteral } from 'typeorm';

export type EntityClass<Row extends ObjectLiteral = ObjectLiteral> = new () => Row;

/** One set of this library's tables. A DataSource may hold several, each with a prefix of its own. */
export interface TableSet {
  readonly tablePrefix: string;
  /** No prefix and no user table of the host: its entities are the exported classes themselves. */
  readonly isDefault: boolean;
}

/** On an entity of another set than the default one: which. */
export const TABLE_SET = Symbol.for('nestjs-anonymous:table-set');

/** The type of the users' ids, for the columns that name a user. */
export interface IdColumn {
  readonly type: 'uuid' | 'integer' | 'bigint' | 'text' | 'varchar';
  readonly length?: string;
}

/** What the entities of a set are made from. */
export interface TableSetPlan extends TableSet {
  readonly user: EntityClass;
  readonly userId: IdColumn;
}
