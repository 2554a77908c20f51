import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../../scripts/embedded-postgres.mjs';
import { ensureChromium } from './chromium-binary.mjs';
import { compilePrograms } from './programs.mjs';
import { ensureRedis } from './redis-binary.mjs';

/** One server for the whole run. Set TEST_DATABASE_URL to use your own: its user must be allowed to create databases. */
export default async function globalSetup(globalConfig) {
  // Jest hands the environment on to its workers.
  process.env.TEST_RUN_ID = randomBytes(4).toString('hex');
  compilePrograms();
  await ensureRedis();
  if (hasBrowserTests(globalConfig)) await lookForBrowser();
  if (process.env.TEST_DATABASE_URL) return;
  const server = await startEmbeddedPostgres({ inMemory: true });
  globalThis.embeddedPostgres = server;
  process.env.TEST_DATABASE_URL = server.url();
  process.env.TEST_DATABASE_IS_EMBEDDED = 'yes';
}

/** Whether this run is about them: nobody who runs one other file waits for a browser. */
function hasBrowserTests({ rootDir, testPathPatterns, findRelatedTests, onlyChanged }) {
  if (findRelatedTests || onlyChanged) return true;
  const folder = join(rootDir, 'test', 'browser');
  const wanted = testPathPatterns.toExecutor({ rootDir });
  return readdirSync(folder).some((name) => wanted.isMatch(join(folder, name)));
}

async function lookForBrowser() {
  const { program, missing } = await ensureChromium();
  if (program) process.env.CHROMIUM_PATH = program;
  else process.env.CHROMIUM_MISSING = missing;
  if (missing) console.log(missing);
}
