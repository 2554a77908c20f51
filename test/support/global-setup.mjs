import { randomBytes } from 'node:crypto';
import { startEmbeddedPostgres } from '../../scripts/embedded-postgres.mjs';
import { compilePrograms } from './programs.mjs';
import { ensureRedis } from './redis-binary.mjs';

/** One server for the whole run. Set TEST_DATABASE_URL to use your own: its user must be allowed to create databases. */
export default async function globalSetup() {
  // Jest hands the environment on to its workers.
  process.env.TEST_RUN_ID = randomBytes(4).toString('hex');
  compilePrograms();
  await ensureRedis();
  if (process.env.TEST_DATABASE_URL) return;
  const server = await startEmbeddedPostgres();
  globalThis.embeddedPostgres = server;
  process.env.TEST_DATABASE_URL = server.url();
  process.env.TEST_DATABASE_IS_EMBEDDED = 'yes';
}
