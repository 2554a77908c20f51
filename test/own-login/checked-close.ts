import { expectCleanDatabase } from '../support/checker.js';
import type { TestApp } from '../support/test-app.js';

/** Checks what the tests have left in the database, then closes the app. */
export async function checkedClose(host: TestApp): Promise<void> {
  try {
    await expectCleanDatabase(host.databaseUrl, { hostHasLogin: true });
  } finally {
    await host.close();
  }
}
