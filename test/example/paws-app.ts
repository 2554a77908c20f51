import { DataSource } from 'typeorm';
import { createPawsApp } from '../../examples/paws/create-app.js';
import type { PawsOptions } from '../../examples/paws/paws.options.js';
import { hashCheaply } from '../support/cheap-hashing.js';
import { checkTables } from '../support/checker/checked-databases.js';
import { tablesOf } from '../support/checker/names.js';
import { HttpClient } from '../support/http-client.js';
import { ORIGIN, SECRET, type TestApp } from '../support/test-app.js';
import { copyOfTemplate } from '../support/test-database.js';

const running: TestApp[] = [];

/**
 * The example on a fresh database; {@link closePaws} closes it, whatever becomes of the test. It listens on the port of the
 * base URL, and on a free one if that has none.
 */
export async function startPaws(options: Partial<PawsOptions> = {}): Promise<TestApp> {
  const { baseUrl = ORIGIN } = options;
  const database = await copyOfTemplate('paws', migrate);
  try {
    const app = await create({ databaseUrl: database.url, ...options, baseUrl });
    hashCheaply(app);
    await app.listen(Number(new URL(baseUrl).port), '127.0.0.1');
    const url = await app.getUrl();
    const dataSource = app.get(DataSource);
    checkTables(database.url, tablesOf(app, false));
    const host: TestApp = {
      app,
      dataSource,
      databaseUrl: database.url,
      url,
      statements: [], // The example is told by its answers; nobody counts its statements.
      browser: () => new HttpClient(url, { origin: baseUrl }),
      sql: (text, parameters) => dataSource.query(text, parameters),
      close: async () => {
        await app.close();
        await database.drop();
      },
    };
    running.push(host);
    return host;
  } catch (error) {
    await database.drop();
    throw error;
  }
}

const create = (options: Omit<PawsOptions, 'secret'>) =>
  createPawsApp({ secret: SECRET, isThrottled: false, ...options }, false);

/** The example does that when it starts. What it finds done takes no time. */
async function migrate(databaseUrl: string): Promise<void> {
  const app = await create({ databaseUrl, baseUrl: ORIGIN });
  await app.init();
  await app.close();
}

/** For `afterEach` or `afterAll`: closes every app, which has its database checked. */
export async function closePaws(): Promise<void> {
  const failures: unknown[] = [];
  for (const host of running.splice(0)) {
    await host.close().catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw failures[0];
}
