import { DataSource } from 'typeorm';
import { createPawsApp } from '../../examples/paws/create-app.js';
import type { PawsOptions } from '../../examples/paws/paws.options.js';
import { expectCleanDatabase } from '../support/checker.js';
import { HttpClient } from '../support/http-client.js';
import { ORIGIN, SECRET, type TestApp } from '../support/test-app.js';
import { createTestDatabase } from '../support/test-database.js';

const running: TestApp[] = [];

/** The example on a fresh database, listening on a free port; {@link closePaws} closes it, whatever becomes of the test. */
export async function startPaws(options: Partial<PawsOptions> = {}): Promise<TestApp> {
  const database = await createTestDatabase();
  try {
    const app = await createPawsApp(
      {
        databaseUrl: database.url,
        secret: SECRET,
        baseUrl: ORIGIN,
        isThrottled: false,
        ...options,
      },
      false,
    );
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();
    const dataSource = app.get(DataSource);
    const host: TestApp = {
      app,
      dataSource,
      databaseUrl: database.url,
      url,
      statements: [], // The example is told by its answers; nobody counts its statements.
      browser: () => new HttpClient(url, { origin: ORIGIN }),
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

/** For `afterEach` or `afterAll`: checks every database, then closes every app. */
export async function closePaws(): Promise<void> {
  const apps = running.splice(0);
  try {
    for (const { databaseUrl } of apps) await expectCleanDatabase(databaseUrl);
  } finally {
    for (const host of apps) await host.close();
  }
}
