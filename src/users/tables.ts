import type { DataSource, EntityMetadata, ObjectLiteral } from 'typeorm';
import { ConfigurationError } from '../common/errors.js';
import { type SqlTable, sqlTableOf, TWIN_OF } from '../common/sql.js';
import type { UserEntity } from './auth-user.js';
import { Identity } from './identity.js';
import { type EntityClass, TABLE_SET, type TableSet } from './table-set.js';
import { UserTable } from './user-table.js';

/** Which tables are meant, where a DataSource has several sets of them. */
export interface TableSelection {
  readonly tablePrefix?: string;
  readonly userEntity?: UserEntity;
}

/** Properties that hold the id of a user: text everywhere in this library. */
const USER_IDS: ReadonlySet<string> = new Set(['userId', 'guestId', 'accountId']);

/** The tables of this library in one DataSource. Their names come from TypeORM, so the host's naming counts. */
export class Tables {
  readonly users: UserTable;
  private readonly set: TableSet | undefined;

  /** @throws ConfigurationError when the DataSource does not know the entities, or knows several sets and none is named. */
  constructor(
    private readonly dataSource: DataSource,
    selection: TableSelection = {},
  ) {
    const identities = chosen(dataSource, selection);
    this.set = setOf(identities);
    this.users = new UserTable(dataSource, usersOf(identities)!);
  }

  /** What goes before the names of the tables. */
  get prefix(): string {
    return this.set?.tablePrefix ?? '';
  }

  of<Entity extends ObjectLiteral>(entity: EntityClass<Entity>): SqlTable<Entity> {
    return sqlTableOf(this.metadata(entity), USER_IDS);
  }

  /** The type of a column that names a user, as SQL spells it. */
  get userIdType(): string {
    const column = this.metadata(Identity).findColumnWithPropertyName('userId')!;
    const type = this.dataSource.driver.normalizeType(column);
    return column.length === '' ? type : `${type}(${column.length})`;
  }

  /** What TypeORM knows of an entity of this library, in this set. */
  metadata(entity: EntityClass): EntityMetadata {
    const found = membersOf(this.dataSource, entity).find((member) => setOf(member) === this.set);
    if (!found) throw unknownEntities();
    return found;
  }
}

function chosen(
  dataSource: DataSource,
  { tablePrefix, userEntity }: TableSelection,
): EntityMetadata {
  const sets = membersOf(dataSource, Identity).filter(
    (member) =>
      (tablePrefix === undefined || (setOf(member)?.tablePrefix ?? '') === tablePrefix) &&
      (userEntity === undefined || usersOf(member)?.target === userEntity),
  );
  const [first] = sets;
  if (!first) throw unknownEntities({ tablePrefix, userEntity });
  if (sets.length === 1) return first;
  const prefixes = sets.map((member) => `'${setOf(member)?.tablePrefix ?? ''}'`).join(', ');
  throw new ConfigurationError(
    `the DataSource has several sets of tables of this library. Write which one: \`tablePrefix\`, one of ${prefixes}.`,
  );
}

function membersOf(dataSource: DataSource, entity: EntityClass): EntityMetadata[] {
  return dataSource.entityMetadatas.filter(
    ({ target }) =>
      target === entity ||
      (typeof target === 'function' &&
        (target.prototype instanceof entity || Reflect.get(target, TWIN_OF) === entity)),
  );
}

function setOf({ target }: EntityMetadata): TableSet | undefined {
  return typeof target === 'function'
    ? (Reflect.get(target, TABLE_SET) as TableSet | undefined)
    : undefined;
}

/** The users are whoever the identities belong to. */
function usersOf(identities: EntityMetadata): EntityMetadata | undefined {
  return identities.foreignKeys.find(({ columns }) =>
    columns.some(({ propertyName }) => propertyName === 'userId'),
  )?.referencedEntityMetadata;
}

function unknownEntities({ tablePrefix, userEntity }: TableSelection = {}): ConfigurationError {
  const options = [
    ...(tablePrefix ? [`tablePrefix: '${tablePrefix}'`] : []),
    ...(userEntity ? [`userEntity: ${userEntity.name}`] : []),
  ].join(', ');
  const call = options === '' ? '' : `{ ${options} }`;
  return new ConfigurationError(
    `the DataSource does not know the entities of this library. Write \`entities: [...anonymousEntities(${call}), …]\` and \`migrations: [...anonymousMigrations(${call}), …]\` in its options.`,
  );
}
