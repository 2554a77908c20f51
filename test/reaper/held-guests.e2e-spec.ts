import { eventually } from '../support/barrier.js';
import { expectCleanDatabase } from '../support/checker.js';
import { addNotes, userExists } from '../support/links.js';
import { closeRawConnections, RawConnection } from '../support/raw-connection.js';
import { createTestApp, type TestApp } from '../support/test-app.js';
import { age, kept, reap, staleGuest } from './stale.js';

describe('a guest that somebody holds', () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp();
  });
  afterEach(closeRawConnections);
  afterAll(() => host.close());

  it.each(['keep', 'delete'] as const)(
    'keeps no other from being reaped, and stays itself (contributors: %s)',
    async (contributors) => {
      const [held, free] = [await staleGuest(host), await staleGuest(host)];
      if (contributors === 'delete') {
        for (const { client } of [held, free]) await addNotes(client, 'mine');
        await age(host, 40 * 24, held.userId, free.userId);
      }
      const raw = await RawConnection.open(host.databaseUrl);
      await raw.query('BEGIN');
      await raw.query('UPDATE users SET last_seen_at = now() WHERE id = $1', [held.userId]);
      const reaping = reap(host, { contributors });
      await eventually('the other is gone', async () => !(await userExists(host, free.userId)));
      expect(await reaping).toMatchObject({ reaped: 1, kept: kept({ locked: 1 }) });
      await raw.query('COMMIT');
      expect(await userExists(host, held.userId)).toBe(true);
    },
  );

  it('leaves a clean database behind', () => expectCleanDatabase(host.databaseUrl));
});
