import { validate as isUuid } from 'uuid';
import type { DataSource, EntityMetadata } from 'typeorm';
import { ConfigurationError } from '../common/errors.js';
import { quote, type SqlTable, sqlTableOf, TWIN_OF } from '../common/sql.js';
import { REQUIRED_PROPERTIES } from './auth-user.js';
import { User } from './user.js';

type Columns = SqlTable<User>['columns'];

/** An id that the type of its column takes, so that Postgres is never asked with one that it cannot read. */
const IDS: Readonly<Record<string, (id: string) => boolean>> = {
  uuid: (id) => isUuid(id),
  integer: (id) => isWhole(id, 2n ** 31n),
  bigint: (id) => isWhole(id, 2n ** 63n),
};

/** The host's user table, or our own: names, types, and what it has not got. */
export class UserTable implements SqlTable<User> {
  readonly path: string;
  readonly name: string;
  readonly columns: Columns;
  /** The type of the ids, as SQL spells it, without a length. */
  readonly idType: string;
  /** Whether the table gives its rows their ids; otherwise this library makes them. */
  readonly makesIds: boolean;
  /** Whether the table comes with this library's migrations. */
  readonly isOwn: boolean;
  private readonly deletedAt: string | undefined;
  private readonly selections = new Map<string, string>();

  /** @throws ConfigurationError when the entity lacks a column that has to be there. */
  constructor(
    private readonly dataSource: DataSource,
    readonly metadata: EntityMetadata,
  ) {
    const { path, name, columns } = sqlTableOf<User>(metadata);
    this.path = path;
    this.name = name;
    this.columns = columns;
    const missing = REQUIRED_PROPERTIES.filter((property) => columns[property] === undefined);
    if (missing.length > 0) throw lacking(metadata, missing);
    const id = metadata.findColumnWithPropertyPath('id')!;
    this.idType = dataSource.driver.normalizeType(id);
    this.makesIds =
      this.idType !== 'uuid' && (id.isGenerated || id.default !== undefined || this.idType in IDS);
    this.isOwn = isOwn(metadata.target);
    this.deletedAt = metadata.deleteDateColumn && quote(metadata.deleteDateColumn.databaseName);
  }

  /**
   * The properties of {@link User}, and no column of the host's own. Rows of the host may be older than a column that it has
   * for one of these, and say nothing there.
   */
  readonly select = (alias: string): string => {
    const known = this.selections.get(alias) ?? this.selection(alias);
    this.selections.set(alias, known);
    return known;
  };

  private selection(alias: string): string {
    const c: Partial<Columns> = this.columns;
    const or = (column: string | undefined, fallback: string) =>
      column === undefined ? fallback : `coalesce(${alias}.${column}, ${fallback})`;
    const seen = `${alias}.${this.columns.lastSeenAt}`;
    const selected: { readonly [Property in keyof User]: string } = {
      id: `${alias}.${this.columns.id}::text`,
      email: `${alias}.${this.columns.email}`,
      isAnonymous: `${alias}.${this.columns.isAnonymous}`,
      epoch: `${alias}.${this.columns.epoch}`,
      lastSeenAt: seen,
      emailVerified: or(c.emailVerified, 'false'),
      name: c.name === undefined ? 'NULL::text' : `${alias}.${c.name}`,
      image: c.image === undefined ? 'NULL::text' : `${alias}.${c.image}`,
      createdAt: or(c.createdAt, seen),
      updatedAt: or(c.updatedAt, seen),
    };
    return Object.entries(selected)
      .map(([property, expression]) => `${expression} AS ${quote(property)}`)
      .join(', ');
  }

  /** SQL condition: the host has not deleted the row softly. */
  readonly live = (alias: string): string =>
    this.deletedAt === undefined ? 'true' : `${alias}.${this.deletedAt} IS NULL`;

  /** What follows SET, for the properties that have a column. Each gets its column and answers its new value. */
  changes(values: { readonly [Property in keyof User]?: (column: string) => string }): string {
    return Object.entries(values)
      .flatMap(([property, value]) => {
        const column = this.columns[property as keyof User] as string | undefined;
        return column === undefined ? [] : [`${column} = ${value(column)}`];
      })
      .join(', ');
  }

  /** Whether the table has a column for the property. */
  has(property: keyof User): boolean {
    return (this.columns[property] as string | undefined) !== undefined;
  }

  /** Whether a value from outside can be a user's id at all. */
  isId(value: unknown): value is string {
    if (typeof value !== 'string' || value === '' || value.length > 255) return false;
    return IDS[this.idType]?.(value) ?? !value.includes('\0');
  }

  /** A value of a property of the host's entity as Postgres takes it. */
  toColumn(property: string, value: unknown): { column: string; value: unknown } | undefined {
    const column = this.metadata.findColumnWithPropertyPath(property);
    return (
      column && {
        column: quote(column.databaseName),
        value: this.dataSource.driver.preparePersistentValue(value, column),
      }
    );
  }
}

function isWhole(id: string, limit: bigint): boolean {
  if (!/^-?\d{1,19}$/.test(id)) return false;
  const value = BigInt(id);
  return value < limit && value >= -limit;
}

function isOwn(target: unknown): boolean {
  return target === User || (typeof target === 'function' && Reflect.get(target, TWIN_OF) === User);
}

const DECLARATIONS: Readonly<Record<(typeof REQUIRED_PROPERTIES)[number], string>> = {
  id: '@PrimaryGeneratedColumn() id!: number;',
  email: "@Column({ type: 'text', nullable: true }) email!: string | null;",
  isAnonymous: '@Column({ default: false }) isAnonymous!: boolean;',
  epoch: '@Column({ default: 0 }) epoch!: number;',
  lastSeenAt: "@Column({ type: 'timestamptz', default: () => 'now()' }) lastSeenAt!: Date;",
};

function lacking(
  { targetName }: EntityMetadata,
  missing: readonly (typeof REQUIRED_PROPERTIES)[number][],
): ConfigurationError {
  return new ConfigurationError(
    `userEntity ${targetName} has no ${missing.join(', ')}. Write in the class, and add the columns in a migration:\n  ${missing
      .map((property) => DECLARATIONS[property])
      .join('\n  ')}`,
  );
}
