import {
  DataSource,
  type DataSourceOptions,
  DefaultNamingStrategy,
  Entity,
  ManyToOne,
  PrimaryGeneratedColumn,
} from 'typeorm';
import { anonymousEntities, anonymousMigrations, type User } from '../../src/index.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

/** As many hosts have it: everything that has no name of its own gets one in snake case. */
class SnakeCaseStrategy extends DefaultNamingStrategy {
  override tableName(className: string, customName: string | undefined): string {
    return customName ?? snakeCase(className);
  }

  override columnName(
    property: string,
    customName: string | undefined,
    prefixes: string[],
  ): string {
    return customName ?? snakeCase([...prefixes, property].join('_'));
  }
}

function snakeCase(name: string): string {
  return name.replaceAll(/([a-z])([A-Z])/g, '$1_$2').toLowerCase();
}

/** A host's table. By its name, the class of the users is found with every table prefix. */
@Entity('pet')
class Pet {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @ManyToOne('User')
  user!: User;
}

interface Variant {
  readonly tablePrefix?: string;
  readonly options?: Partial<DataSourceOptions & { schema: string }>;
  readonly users: string;
}

const variants: [string, Variant][] = [
  ['the defaults', { users: 'public.users' }],
  ["the table prefix 'auth_'", { tablePrefix: 'auth_', users: 'public.auth_users' }],
  ["a host's entityPrefix", { options: { entityPrefix: 'app_' }, users: 'public.app_users' }],
  [
    "a host's naming strategy",
    { options: { namingStrategy: new SnakeCaseStrategy() }, users: 'public.users' },
  ],
  ["a host's schema", { options: { schema: 'accounts' }, users: 'accounts.users' }],
];

describe.each(variants)('the migrations with %s', (_, { tablePrefix, options, users }) => {
  let database: TestDatabase;
  let dataSource: DataSource;
  const connect = (...more: (new () => object)[]): Promise<DataSource> =>
    new DataSource({
      type: 'postgres',
      url: database.url,
      entities: [...anonymousEntities({ tablePrefix }), ...more],
      migrations: anonymousMigrations(),
      uuidExtension: 'pgcrypto',
      installExtensions: false,
      ...options,
    } as DataSourceOptions).initialize();

  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = await connect();
    await dataSource.query('CREATE SCHEMA accounts');
    await dataSource.runMigrations();
  });

  afterAll(async () => {
    await dataSource?.destroy();
    await database?.drop();
  });

  /** TypeORM keeps a table of its own, in which it notes what has run. */
  const objects = async (): Promise<string[]> => {
    const rows: { name: string }[] = await dataSource.query(
      `SELECT relnamespace::regnamespace || '.' || relname AS name FROM pg_class
       WHERE relnamespace::regnamespace::text IN ('public', 'accounts')
         AND relname !~ '^(app_)?migrations|PK_' ORDER BY 1`,
    );
    return rows.map(({ name }) => name);
  };

  const drift = async (): Promise<string[]> => {
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    return upQueries.map(({ query }) => query);
  };

  it('make what the entities describe', async () => {
    expect(await objects()).toContain(users);
    expect(await drift()).toEqual([]);
  });

  it('make a table of users that the relations of a host find', async () => {
    const host = await connect(Pet);
    const relation = host.getMetadata(Pet).findRelationWithPropertyPath('user');
    await host.destroy();
    expect(relation?.inverseEntityMetadata.tablePath).toBe(users.replace('public.', ''));
  });

  it('make an address unique without regard to case', async () => {
    const insert = `INSERT INTO ${users} (id, email) VALUES (gen_random_uuid(), $1)`;
    await dataSource.query(insert, ['ada@example.com']);
    await expect(dataSource.query(insert, ['Ada@Example.com'])).rejects.toMatchObject({
      driverError: { code: '23505' },
    });
    await dataSource.query(`DELETE FROM ${users}`);
  });

  it('leave nothing behind when they are reverted, and run again', async () => {
    const before = await objects();
    for (const _migration of anonymousMigrations()) await dataSource.undoLastMigration();
    expect(await objects()).toEqual([]);
    await dataSource.runMigrations();
    expect(await objects()).toEqual(before);
    expect(await drift()).toEqual([]);
  });
});
