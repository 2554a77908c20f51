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
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = `t_${process.env.JEST_WORKER_ID ?? '0'}_${randomBytes(6).toString('hex')}`;
  await onServer(async (client) => {
    // Copying template0's files beats writing them through the log, the default since PostgreSQL 15.
    const strategy = (await majorVersion(client)) >= 15 ? 'STRATEGY FILE_COPY' : '';
    await client.query(`CREATE DATABASE "${name}" TEMPLATE template0 ${strategy}`);
  });

  const url = new URL(serverUrl());
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: async () => {
      try {
        await expectCleanDatabase(url.href);
      } finally {
        forgetDatabase(url.href);
        await onServer((client) => client.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`));
      }
    },
  };
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

function serverUrl(): string {
  const url = process.env.TEST_DATABASE_URL;
  if (!url)
    throw new Error(
      'TEST_DATABASE_URL is not set: run the tests through Jest, whose global setup sets it',
    );
  return url;
}
