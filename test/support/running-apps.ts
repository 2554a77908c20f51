import { expectCleanDatabase } from './checker.js';
import { createTestApp, type TestApp, type TestAppSettings } from './test-app.js';

const running: TestApp[] = [];

/** An app for one test; {@link closeApps} closes it, whatever becomes of the test. */
export async function startApp(settings: TestAppSettings = {}): Promise<TestApp> {
  const host = await createTestApp(settings);
  running.push(host);
  return host;
}

/** Another instance beside a running one, on the same database. */
export function startBeside(host: TestApp, settings: TestAppSettings = {}): Promise<TestApp> {
  return startApp({ ...settings, databaseUrl: host.databaseUrl });
}

/** For `afterEach`: checks every database, then closes the latest app first, so that the one that owns it is last. */
export async function closeApps(): Promise<void> {
  const apps = running.splice(0).toReversed();
  try {
    for (const url of new Set(apps.map(({ databaseUrl }) => databaseUrl))) {
      await expectCleanDatabase(url);
    }
  } finally {
    for (const host of apps) await host.close();
  }
}
