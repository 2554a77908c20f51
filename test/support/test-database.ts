import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { expectCleanDatabase } from './checker.js';
import { forgetDatabase } from './checker/checked-databases.js';

export interface TestDatabase {
  url: string;
  /**
   * Runs the global checker, so that no test leaves a broken promise behind, and drops the database. Works while connections
   * are still open: they are cut.
   */
  drop(): Promise<void>;
}

/** A database of its own for each caller, so that test files can run in parallel on one server. */
export function createTestDatabase(): Promise<TestDatabase> {
  return copyOf('template0');
}

/** The same, as a copy of a template that the first caller of the run fills. */
export async function copyOfTemplate(
  name: string,
  fill: (url: string) => Promise<void>,
): Promise<TestDatabase> {
  const template = `t_${runId()}_${name}`;
  await onServer(async (client) => {
    await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [template]);
    const { rows } = await client.query<{ isFilled: boolean }>(
      'SELECT datistemplate AS "isFilled" FROM pg_database WHERE datname = $1',
      [template],
    );
    if (rows[0]?.isFilled) return;
    // Left behind by a worker that ended in the middle.
    await client.query(`DROP DATABASE IF EXISTS "${template}" WITH (FORCE)`);
    await client.query(`CREATE DATABASE "${template}" TEMPLATE template0`);
    await fill(urlOf(template));
    await client.query(`ALTER DATABASE "${template}" IS_TEMPLATE true`);
  });
  return copyOf(template);
}

async function copyOf(template: string): Promise<TestDatabase> {
  const name = `t_${runId()}_${randomBytes(6).toString('hex')}`;
  await onServer(async (client) => {
    // Copying files beats writing them through the log, the default since PostgreSQL 15.
    const strategy = (await majorVersion(client)) >= 15 ? 'STRATEGY FILE_COPY' : '';
    await client.query(`CREATE DATABASE "${name}" TEMPLATE "${template}" ${strategy}`);
  });
  const url = urlOf(name);
  return {
    url,
    drop: async () => {
      try {
        await expectCleanDatabase(url);
      } finally {
        forgetDatabase(url);
        await onServer((client) => client.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`));
      }
    },
  };
}

function urlOf(database: string): string {
  const url = new URL(serverUrl());
  url.pathname = `/${database}`;
  return url.href;
}

async function onServer(work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client(serverUrl());
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

async function majorVersion(client: Client): Promise<number> {
  const { rows } = await client.query<{ version: number }>(
    `SELECT current_setting('server_version_num')::int / 10000 AS version`,
  );
  return rows[0]?.version ?? 0;
}

/** Tells the databases of this run from those of others on one server. */
function runId(): string {
  return process.env.TEST_RUN_ID ?? 'run';
}

function serverUrl(): string {
  const url = process.env.TEST_DATABASE_URL;
  if (!url)
    throw new Error(
      'TEST_DATABASE_URL is not set: run the tests through Jest, whose global setup sets it',
    );
  return url;
}
