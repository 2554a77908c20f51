import { Column, DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { Session } from '../../src/auth/sessions/session.js';
import {
  anonymousEntities,
  anonymousMigrations,
  type MigrationOptions,
  UserBase,
} from '../../src/index.js';
import { Tables } from '../../src/users/tables.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

/** A DataSource with these sets of tables and no other. */
function open({ url }: TestDatabase, ...sets: MigrationOptions[]): Promise<DataSource> {
  return new DataSource({
    type: 'postgres',
    url,
    entities: sets.flatMap((set) => anonymousEntities(set)),
    migrations: sets.flatMap((set) => anonymousMigrations(set)),
    uuidExtension: 'pgcrypto',
    installExtensions: false,
    logging: false,
  }).initialize();
}

describe('two sets of tables in one DataSource', () => {
  const sets = [{ tablePrefix: '' }, { tablePrefix: 'staff_', timestamp: 1763700000101 }];
  let database: TestDatabase;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = await open(database, ...sets);
  });
  afterAll(async () => {
    await dataSource?.destroy();
    await database.drop();
  });

  it('have tables and migrations of their own', async () => {
    const ran = await dataSource.runMigrations();
    expect(ran.map(({ name }) => name)).toEqual([
      'CreateUsers1763700000001',
      'CreateSessions1763700000002',
      'CreateAccountLinks1763700000003',
      'MailFlows1763700000004',
      'BothSides1763700000005',
      'CreateAuthLimits1763700000006',
      'staff_CreateUsers1763700000101',
      'staff_CreateSessions1763700000102',
      'staff_CreateAccountLinks1763700000103',
      'staff_MailFlows1763700000104',
      'staff_BothSides1763700000105',
      'staff_CreateAuthLimits1763700000106',
    ]);
    const drift = await dataSource.driver.createSchemaBuilder().log();
    expect(drift.upQueries).toEqual([]);
  });

  it('are told apart by their prefix, or not at all', () => {
    expect(() => new Tables(dataSource)).toThrow('Write which one: `tablePrefix`');
    expect(() => new Tables(dataSource, { tablePrefix: 'other_' })).toThrow(
      "entities: [...anonymousEntities({ tablePrefix: 'other_' }), …]",
    );
    const staff = new Tables(dataSource, { tablePrefix: 'staff_' });
    expect([staff.users.path, staff.of(Session).path]).toEqual([
      '"staff_users"',
      '"staff_sessions"',
    ]);
    const others = new Tables(dataSource, { tablePrefix: '' });
    expect([others.users.path, others.of(Session).path]).toEqual(['"users"', '"sessions"']);
  });
});

describe('a class that extends ours', () => {
  @Entity('plain')
  class Plain extends UserBase {
    @Column({ type: 'text', nullable: true })
    note!: string | null;
  }

  let database: TestDatabase;
  let dataSource: DataSource;
  const userEntity = Plain;

  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = await open(database, { userEntity });
  });
  afterAll(async () => {
    await dataSource?.destroy();
    await database.drop();
  });

  it('has to have its table before the migrations of this library run', async () => {
    await expect(dataSource.runMigrations()).rejects.toThrow(
      'table "plain" does not exist yet. Migrations run in the order of their timestamps',
    );
  });

  it('gets every column that it does not declare, once, in the migration that TypeORM generates', async () => {
    expect(anonymousEntities({ userEntity })).toEqual(anonymousEntities({ userEntity }));
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    for (const { query } of upQueries.filter(({ query: sql }) => sql.includes('"plain"'))) {
      if (!query.startsWith('ALTER TABLE')) await dataSource.query(query);
    }
    await dataSource.runMigrations();
    const rest = await dataSource.driver.createSchemaBuilder().log();
    expect(rest.upQueries).toEqual([]);
    const [index] = await dataSource.query(
      `SELECT indexdef FROM pg_indexes WHERE indexname = 'stale_guest_idx'`,
    );
    expect(index.indexdef).toMatch(/ON public.plain .*\(last_seen_at, id\) WHERE is_anonymous/);
  });
});

describe('a table that lacks what a guest needs', () => {
  @Entity('reader')
  class Reader {
    @PrimaryGeneratedColumn() id!: number;
    @Column({ type: 'text', nullable: true }) email!: string | null;
    @Column({ name: 'is_guest', default: false }) isAnonymous!: boolean;
    @Column({ default: 0 }) epoch!: number;
    @Column({ name: 'seen_at', type: 'timestamptz', default: () => 'now()' }) lastSeenAt!: Date;
  }

  it('is told so where nobody has asked to alter it', async () => {
    const database = await createTestDatabase();
    const dataSource = await open(database, { userEntity: Reader });
    try {
      await dataSource.query('CREATE TABLE reader (id serial PRIMARY KEY, email text, epoch int)');
      await expect(dataSource.runMigrations()).rejects.toThrow(
        'table "reader" has no column "is_guest", "seen_at". Add it in a migration that runs before this one; `anonymousMigrations({ userEntity, alterUsers: true })`',
      );
    } finally {
      await dataSource.destroy();
      await database.drop();
    }
  });

  it('gets it from the first migration, if asked for, and keeps what it has', async () => {
    const database = await createTestDatabase();
    const dataSource = await open(database, { userEntity: Reader, alterUsers: true });
    try {
      await dataSource.query(`CREATE TABLE reader (id serial PRIMARY KEY, email text, epoch integer NOT NULL DEFAULT 0);
        INSERT INTO reader (epoch) VALUES (7)`);
      await dataSource.runMigrations();
      expect(await dataSource.query('SELECT id, is_guest, epoch FROM reader')).toEqual([
        { id: 1, is_guest: false, epoch: 7 },
      ]);
      const drift = await dataSource.driver.createSchemaBuilder().log();
      expect(drift.upQueries).toEqual([]);
      for (const _ of dataSource.migrations) await dataSource.undoLastMigration();
      expect(await dataSource.query('SELECT epoch FROM reader')).toEqual([{ epoch: 7 }]);
    } finally {
      await dataSource.destroy();
      await database.drop();
    }
  });
});
