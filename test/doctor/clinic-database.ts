import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { anonymousEntities, anonymousMigrations } from '../../src/index.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

/** A migrated database with tables of a host; its address is where `clinic()` looks for it. */
export async function createClinicDatabase(schema: string): Promise<TestDatabase> {
  const database = await createTestDatabase();
  process.env.DATABASE_URL = database.url;
  const dataSource = await new DataSource({
    type: 'postgres',
    url: database.url,
    entities: anonymousEntities(),
    migrations: anonymousMigrations(),
    migrationsRun: true,
    installExtensions: false,
  }).initialize();
  await dataSource.query(schema);
  await dataSource.destroy();
  return database;
}

export async function query<Row extends object = Record<string, unknown>>(
  database: TestDatabase,
  sql: string,
): Promise<Row[]> {
  const client = new Client(database.url);
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Columns of `pg_class` that Postgres brings up to date by itself, whenever it likes. */
const KEPT_BY_VACUUM =
  'relpages,reltuples,relallvisible,relallfrozen,relfrozenxid,relminmxid,relhasindex,relhasrules,relhastriggers';

/** Everything that is stored: every catalog that a schema is made of, and every row of every table. */
export async function contentsOf(database: TestDatabase): Promise<unknown> {
  const tables = await query<{ path: string }>(
    database,
    `SELECT format('%I.%I', schemaname, tablename) AS path FROM pg_tables
     WHERE schemaname IN ('public', 'archive') ORDER BY 1`,
  );
  const rows = await Promise.all(
    tables.map(async ({ path }) => [
      path,
      await query(database, `SELECT t::text FROM ${path} t ORDER BY 1`),
    ]),
  );
  const catalogs = ['pg_class', 'pg_attribute', 'pg_constraint', 'pg_index', 'pg_extension'];
  const schema = await Promise.all(
    catalogs.map((name) =>
      query(
        database,
        `SELECT count(*), md5(string_agg(row, ',' ORDER BY row)) FROM
         (SELECT (to_jsonb(t) - '{${KEPT_BY_VACUUM}}'::text[])::text AS row FROM ${name} t) r`,
      ),
    ),
  );
  return { rows, schema };
}
