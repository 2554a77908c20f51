import { randomUUID } from 'node:crypto';
import { refusal } from '../support/expectations.js';
import { guestWithNotes, NO_RETRY, notesOf, signIn } from '../support/links.js';
import { newAccount } from '../support/people.js';
import { closeRawConnections, RawConnection } from '../support/raw-connection.js';
import { closeApps, startApp } from '../support/running-apps.js';
import type { TestApp } from '../support/test-app.js';

afterEach(async () => {
  await closeRawConnections();
  await closeApps();
});

/** As `SELECT … FOR UPDATE` of a host, which stops even rows that only refer to the user. */
async function hold(host: TestApp, userId: string): Promise<RawConnection> {
  const raw = await RawConnection.open(host.databaseUrl);
  await raw.query('BEGIN');
  await raw.query('SELECT 1 FROM users WHERE id = $1 FOR UPDATE', [userId]);
  return raw;
}

describe('a user whose row somebody holds', () => {
  it.each(['users WHERE id', 'identities WHERE user_id'])(
    'keeps a sign-in waiting for two seconds, and its connection no longer: %s',
    async (row) => {
      const poolSize = 2;
      const host = await startApp({ options: { linking: NO_RETRY }, poolSize });
      const account = await newAccount(host);
      const raw = await RawConnection.open(host.databaseUrl);
      await raw.query('BEGIN');
      await raw.query(`SELECT 1 FROM ${row} = $1 FOR UPDATE`, [account.userId]);
      const before = performance.now();
      const answer = await signIn({ client: host.browser() }, account);
      const waitedMs = performance.now() - before;
      expect(answer).toMatchObject(refusal(503, 'TEMPORARILY_UNAVAILABLE'));
      expect(waitedMs).toBeGreaterThan(1_900);
      expect(waitedMs).toBeLessThan(6_000);
      await raw.query('COMMIT');
      expect(await signIn({ client: host.browser() }, account)).toMatchObject({ status: 200 });
      const patience = Array.from({ length: poolSize }, () =>
        host.sql(`SELECT current_setting('lock_timeout') AS wait, pg_sleep(0.1)`),
      );
      for (const rows of await Promise.all(patience)) expect(rows).toMatchObject([{ wait: '0' }]);
    },
  );

  it('cannot sign in for the moment, and loses nothing', async () => {
    const host = await startApp({ options: { linking: NO_RETRY } });
    const account = await newAccount(host);
    const guest = await guestWithNotes(host, 'mine');
    const raw = await hold(host, account.userId);
    expect(await signIn(guest, account)).toMatchObject(refusal(503, 'TEMPORARILY_UNAVAILABLE'));
    expect((await guest.client.get('/notes')).body).toMatchObject([{ text: 'mine' }]);
    await raw.query('COMMIT');
    expect(await signIn(guest, account)).toMatchObject({ body: { link: { status: 'merged' } } });
    expect(await notesOf(host, account.userId)).toEqual(['mine']);
  });

  it('cannot become an account for the moment, and stays a guest', async () => {
    const host = await startApp({ options: { linking: NO_RETRY } });
    const guest = await guestWithNotes(host, 'mine');
    const raw = await hold(host, guest.userId);
    const body = { email: `${randomUUID()}@example.com`, password: 'correct horse battery' };
    const upgrade = () => guest.client.post('/auth/anonymous/upgrade', body);
    expect(await upgrade()).toMatchObject(refusal(503, 'TEMPORARILY_UNAVAILABLE'));
    await raw.query('COMMIT');
    expect(await upgrade()).toMatchObject({ status: 200, body: { user: { id: guest.userId } } });
  });
});
