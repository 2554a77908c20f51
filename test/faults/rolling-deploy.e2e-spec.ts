import { DataSource } from 'typeorm';
import { anonymousEntities, anonymousMigrations } from '../../src/index.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

interface Column {
  readonly name: string;
  readonly type: string;
  /** Whether an INSERT that does not name it is refused. */
  readonly isNeeded: boolean;
}

/** By table and column, what an instance of some version finds. */
const COLUMNS = `
  SELECT format('%s.%I', attrelid::regclass, attname) AS "name", format_type(atttypid, atttypmod) AS "type",
    attnotnull AND NOT atthasdef AND attidentity = '' AS "isNeeded"
  FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
  WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'migrations'
    AND attnum > 0 AND NOT attisdropped ORDER BY 1`;

const tableOf = ({ name }: Column) => name.split('.')[0];

describe('a migration that runs while instances of the version before it are still there', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  /** The columns after that many migrations. */
  async function after(steps: number): Promise<Column[]> {
    const dataSource = await new DataSource({
      type: 'postgres',
      url: database.url,
      entities: anonymousEntities(),
      migrations: anonymousMigrations().slice(0, steps),
      uuidExtension: 'pgcrypto',
      installExtensions: false,
    }).initialize();
    try {
      await dataSource.runMigrations();
      return await dataSource.query<Column[]>(COLUMNS);
    } finally {
      await dataSource.destroy();
    }
  }

  it('takes nothing from them, and asks nothing of them that they do not know', async () => {
    let before: Column[] = [];
    for (let steps = 1; steps <= anonymousMigrations().length; steps += 1) {
      const now = await after(steps);
      expect(now).not.toEqual([]);
      expect(now).toEqual(expect.arrayContaining(before));
      const known = new Set(before.map(tableOf));
      const names = new Set(before.map(({ name }) => name));
      const added = now.filter((column) => known.has(tableOf(column)) && !names.has(column.name));
      expect(added.filter(({ isNeeded }) => isNeeded)).toEqual([]);
      before = now;
    }
  });
});
