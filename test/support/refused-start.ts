import { createTestApp, type TestAppSettings } from './test-app.js';

/** What the app says when it refuses to start. */
export async function refusalOf(settings: TestAppSettings): Promise<Error> {
  const started = await createTestApp(settings).catch((error: Error) => error);
  if (started instanceof Error) return started;
  await started.close();
  throw new Error('the app has started');
}
