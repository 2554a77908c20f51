import { Barrier, eventually } from '../support/barrier.js';
import { refusal } from '../support/expectations.js';
import { Note } from '../support/host.js';
import {
  guestWithNotes,
  handlerOf,
  ledgerOf,
  linkInState,
  moveNotes,
  NO_RETRY,
  notesOf,
  signIn,
  userExists,
} from '../support/links.js';
import { newAccount } from '../support/people.js';
import {
  closeRawConnections,
  RawConnection,
  waitingStatements,
} from '../support/raw-connection.js';
import { closeApps, startApp, startBeside } from '../support/running-apps.js';
import type { TestApp } from '../support/test-app.js';
import { owned, type ReaperOptions } from '../../src/index.js';
import { age, kept, reap, staleGuest } from './stale.js';

afterEach(async () => {
  await closeRawConnections();
  await closeApps();
});

async function begin(host: TestApp): Promise<RawConnection> {
  const raw = await RawConnection.open(host.databaseUrl);
  await raw.query('BEGIN');
  return raw;
}

/** Stops every run between its two statements, with the guests locked. */
function stopping(batchSize = 500): { barrier: Barrier; reaper: ReaperOptions } {
  const barrier = new Barrier();
  return { barrier, reaper: { batchSize, onBeforeDelete: () => barrier.pass() } };
}

describe('a stale guest that is back at this moment', () => {
  it('stays when its visit is being noted', async () => {
    const host = await startApp();
    const { client, userId } = await staleGuest(host);
    const raw = await begin(host);
    await raw.query('UPDATE users SET last_seen_at = now() WHERE id = $1', [userId]);
    // Answers while the other transaction is open: it waits for nobody.
    expect(await reap(host)).toMatchObject({ reaped: 0, kept: kept({ locked: 1 }) });
    await raw.query('COMMIT');
    expect(await reap(host)).toMatchObject({ stale: 0 });
    expect(await client.get('/access/guest')).toMatchObject({ status: 200 });
  });

  it.each([
    ['a table that keeps the guest', 'note'],
    ['a table whose rows go with the guest', 'sketch'],
  ])('stays when its first row is on its way to %s', async (_case, table) => {
    const host = await startApp({
      schema: `CREATE TABLE sketch (id serial PRIMARY KEY, text text,
        user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE)`,
    });
    const { client, userId } = await staleGuest(host);
    const raw = await begin(host);
    await raw.query(`INSERT INTO ${table} (user_id, text) VALUES ($1, 'first')`, [userId]);
    expect(await reap(host)).toMatchObject({ reaped: 0, kept: kept({ locked: 1 }) });
    await raw.query('COMMIT');
    expect(await reap(host)).toMatchObject({ reaped: 0, kept: kept({ 'owns-rows': 1 }) });
    expect(await host.sql(`SELECT text FROM ${table}`)).toEqual([{ text: 'first' }]);
    expect(await client.get('/access/guest')).toMatchObject({ status: 200 });
  });

  it('stays when a row without a foreign key comes after it was locked', async () => {
    const { barrier, reaper } = stopping();
    const host = await startApp({
      options: { reaper },
      schema: 'CREATE TABLE visit (actor_id uuid NOT NULL, page text, PRIMARY KEY (page))',
      tables: [owned('visit', { column: 'actor_id' })],
    });
    const { userId } = await staleGuest(host);
    const running = reap(host);
    await barrier.reached();
    await host.sql(`INSERT INTO visit VALUES ($1, '/')`, [userId]);
    barrier.open();
    expect(await running).toMatchObject({ reaped: 0, kept: kept({ 'owns-rows': 1 }) });
    expect(await userExists(host, userId)).toBe(true);
  });

  it('stays when it is becoming an account', async () => {
    const host = await startApp();
    const { client, userId } = await staleGuest(host);
    const raw = await begin(host);
    await raw.query(`INSERT INTO users (id, email) VALUES (gen_random_uuid(), 'ada@example.com')`);
    const upgrade = client.post('/auth/anonymous/upgrade', {
      email: 'ada@example.com',
      password: 'correct horse battery',
    });
    await raw.blocks();
    expect(await reap(host)).toMatchObject({ reaped: 0, kept: kept({ locked: 1 }) });
    await raw.query('ROLLBACK');
    expect(await upgrade).toMatchObject({ status: 200, body: { user: { id: userId } } });
    await age(host, 40 * 24, userId);
    expect(await reap(host)).toMatchObject({ stale: 0 });
    expect(await client.get('/access/account')).toMatchObject({ status: 200 });
  });

  it('goes when it writes after it was locked, and is told', async () => {
    const { barrier, reaper } = stopping();
    const host = await startApp({ options: { reaper } });
    const { client, userId } = await staleGuest(host);
    const running = reap(host);
    await barrier.reached();
    const writing = client.post('/notes', { text: 'too late' });
    await eventually('the row waits for the guest', async () => {
      const waiting = await waitingStatements(host.databaseUrl);
      return waiting.some((sql) => sql.includes('INSERT INTO note'));
    });
    barrier.open();
    expect(await running).toMatchObject({ reaped: 1 });
    expect(await writing).toMatchObject(refusal(409, 'GUEST_MERGED'));
    expect(await notesOf(host, userId)).toEqual([]);
    expect(await client.post('/auth/anonymous')).toMatchObject({ status: 201 });
  });
});

describe('a stale guest with a link', () => {
  /** Signs the guest in to an account; the merge waits at the barrier, or fails for good. */
  async function link(merge: () => Promise<void>): Promise<{ host: TestApp; guestId: string }> {
    const handler = handlerOf(Note, async (context) => {
      await merge();
      return moveNotes(context);
    });
    const linking = { ...NO_RETRY, budget: '50ms' } as const;
    const host = await startApp({ options: { linking }, providers: [handler] });
    const [account, guest] = [await newAccount(host), await guestWithNotes(host, 'mine')];
    await age(host, 40 * 24, guest.userId);
    expect(await signIn(guest, account)).toMatchObject({ body: { link: { status: 'pending' } } });
    return { host, guestId: guest.userId };
  }

  it('stays while it is being merged', async () => {
    const barrier = new Barrier();
    const { host, guestId } = await link(() => barrier.pass());
    await barrier.reached();
    for (const contributors of ['keep', 'delete'] as const) {
      const report = await reap(host, { contributors });
      expect(report).toMatchObject({ reaped: 0, kept: kept({ locked: 1 }) });
    }
    barrier.open();
    await linkInState(host, guestId, 'merged');
    expect(await host.sql('SELECT text FROM note')).toEqual([{ text: 'mine' }]);
  });

  it.each(['pending', 'failed', 'awaiting-consent'])('stays while it is %s', async (status) => {
    const { host, guestId } = await link(() => Promise.reject(new Error('no merge today')));
    await host.sql('UPDATE account_links SET status = $1', [status]);
    for (const contributors of ['keep', 'delete'] as const) {
      const report = await reap(host, { contributors });
      expect(report).toMatchObject({ reaped: 0, kept: kept({ 'open-link': 1 }) });
    }
    expect(await notesOf(host, guestId)).toEqual(['mine']);
  });

  it.each(['kept', 'declined'])(
    'goes when it is only %s, and takes the link along',
    async (status) => {
      const { host, guestId } = await link(() => Promise.reject(new Error('no merge today')));
      await host.sql('UPDATE account_links SET status = $1', [status]);
      expect(await reap(host)).toMatchObject({ kept: kept({ 'owns-rows': 1 }) });
      expect(await reap(host, { contributors: 'delete' })).toMatchObject({ reaped: 1 });
      expect(await ledgerOf(host, guestId)).toEqual([]);
    },
  );

  it('stays with its rows when the sign-in has not committed yet', async () => {
    const host = await startApp({ options: { linking: NO_RETRY } });
    const [account, guest] = [await newAccount(host), await guestWithNotes(host, 'mine')];
    await age(host, 40 * 24, guest.userId);
    const raw = await begin(host);
    await raw.query(
      `INSERT INTO account_links (id, guest_id, account_id, status, policy)
       VALUES (gen_random_uuid(), $1, $2, 'pending', 'merge')`,
      [guest.userId, account.userId],
    );
    const running = reap(host, { contributors: 'delete' });
    await raw.blocks();
    await raw.query('COMMIT');
    expect(await running).toMatchObject({ reaped: 0, kept: kept({ 'open-link': 1 }) });
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
    expect(await ledgerOf(host, guest.userId)).toMatchObject([{ status: 'pending' }]);
  });
});

describe('two reapers at once', () => {
  it('take different guests, and leave nothing for a third run', async () => {
    const first = stopping(2);
    const host = await startApp({ options: { reaper: first.reaper } });
    const beside = await startBeside(host, { options: { reaper: { batchSize: 2 } } });
    for (let n = 0; n < 5; n += 1) await staleGuest(host);
    const running = reap(host);
    await first.barrier.reached();
    expect(await reap(beside)).toMatchObject({ stale: 5, reaped: 3, kept: kept({ locked: 2 }) });
    first.barrier.open();
    expect(await running).toMatchObject({ stale: 2, reaped: 2, kept: kept() });
    expect(await host.sql('SELECT 1 FROM users')).toEqual([]);
    expect(await reap(beside)).toMatchObject({ stale: 0 });
  });
});
