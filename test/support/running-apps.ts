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

/** For `afterEach`: closes the latest app first, so that the one that owns the database, and has it checked, is last. */
export async function closeApps(): Promise<void> {
  const apps = running.splice(0).toReversed();
  const failures: unknown[] = [];
  for (const host of apps) await host.close().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}
