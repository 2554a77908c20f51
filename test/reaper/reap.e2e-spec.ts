import { eventually } from '../support/barrier.js';
import { cleanupAnonymousUsers, ConfigurationError, ReaperService } from '../../src/index.js';
import { clearedCookies, newCookies, refusal, rowCounts } from '../support/expectations.js';
import { addNotes, giveWallet, notesOf, userExists } from '../support/links.js';
import { newAccount, newGuest } from '../support/people.js';
import { closeApps, startApp } from '../support/running-apps.js';
import { TestClock } from '../support/test-clock.js';
import { Clock } from '../../src/index.js';
import { age, kept, reap, staleGuest } from './stale.js';

const DAY = 86_400;

afterEach(closeApps);

describe('cleanupAnonymousUsers', () => {
  it('answers 0 when there are no guests', async () => {
    const host = await startApp();
    await newAccount(host);
    expect(await cleanupAnonymousUsers(host.app, { olderThan: DAY })).toBe(0);
  });

  it('removes guests that were not seen for longer, and says how many', async () => {
    const host = await startApp();
    const guests = [await newGuest(host), await newGuest(host)];
    await age(host, 25, ...guests.map(({ userId }) => userId));
    expect(await cleanupAnonymousUsers(host.app, { olderThan: DAY, dryRun: true })).toBe(2);
    expect(await cleanupAnonymousUsers(host.app, { olderThan: DAY })).toBe(2);
    for (const { userId } of guests) expect(await userExists(host, userId)).toBe(false);
    expect(await cleanupAnonymousUsers(host.app, { olderThan: DAY })).toBe(0);
  });

  it('counts from the last visit, not from the first', async () => {
    const host = await startApp();
    const guest = await newGuest(host);
    await age(host, 23, guest.userId);
    await host.sql(`UPDATE users SET created_at = now() - interval '1 year'`);
    expect(await cleanupAnonymousUsers(host.app, { olderThan: DAY })).toBe(0);
    expect(await userExists(host, guest.userId)).toBe(true);
  });

  it('never removes an account', async () => {
    const host = await startApp();
    const account = await newAccount(host);
    await age(host, 48, account.userId);
    expect(await cleanupAnonymousUsers(host.app, { olderThan: DAY })).toBe(0);
    expect(await userExists(host, account.userId)).toBe(true);
  });

  it('takes the age from the options when it is given none', async () => {
    const host = await startApp({ options: { reaper: { olderThan: '3d' } } });
    const [young, old] = [await newGuest(host), await newGuest(host)];
    await age(host, 71, young.userId);
    await age(host, 73, old.userId);
    expect(await cleanupAnonymousUsers(host.app)).toBe(1);
    expect(await userExists(host, young.userId)).toBe(true);
  });

  it.each([0, 7199, -1, Number.NaN, Number.POSITIVE_INFINITY])(
    'refuses %d seconds, which somebody who is here could reach',
    async (olderThan) => {
      const host = await startApp();
      const guest = await staleGuest(host);
      await expect(cleanupAnonymousUsers(host.app, { olderThan })).rejects.toThrow(
        ConfigurationError,
      );
      expect(await userExists(host, guest.userId)).toBe(true);
    },
  );
});

describe('the reaper', () => {
  it('keeps guests that own rows, whatever the table, and says so', async () => {
    const host = await startApp();
    const [idle, writer, payer] = [
      await staleGuest(host),
      await staleGuest(host),
      await staleGuest(host),
    ];
    await host.sql(`INSERT INTO note (user_id, text) VALUES ($1, 'mine'), ($1, 'too')`, [
      writer.userId,
    ]);
    await giveWallet(host, payer.userId, 3);
    expect(await reap(host)).toEqual({
      dryRun: false,
      olderThanMs: 30 * DAY * 1000,
      contributors: 'keep',
      stale: 3,
      reaped: 1,
      kept: kept({ 'owns-rows': 2 }),
      finished: true,
    });
    expect(await userExists(host, idle.userId)).toBe(false);
    expect(await notesOf(host, writer.userId)).toEqual(['mine', 'too']);
  });

  it('finds nothing to do the second time', async () => {
    const host = await startApp();
    await staleGuest(host);
    expect(await reap(host)).toMatchObject({ stale: 1, reaped: 1 });
    expect(await reap(host)).toMatchObject({ stale: 0, reaped: 0, kept: kept() });
  });

  it('goes over the guests that stay once, in batches of any size', async () => {
    const host = await startApp({ options: { reaper: { batchSize: 2 } } });
    const guests = await Promise.all(Array.from({ length: 7 }, () => staleGuest(host)));
    // All at the same microsecond, as after a migration that adds the column.
    await host.sql(`UPDATE users SET last_seen_at = now() - interval '40 days'`);
    for (const { userId } of guests.slice(0, 4)) await giveWallet(host, userId, 1);
    expect(await reap(host)).toMatchObject({
      stale: 7,
      reaped: 3,
      kept: kept({ 'owns-rows': 4 }),
    });
  });

  it('writes nothing on a dry run, and foretells the next run', async () => {
    const host = await startApp();
    await staleGuest(host);
    const [writer, active] = [await staleGuest(host), await newGuest(host)];
    await host.sql(`INSERT INTO note (user_id, text) VALUES ($1, 'mine')`, [writer.userId]);
    const before = await rowCounts(host);
    const rows = () => host.sql('SELECT *, ctid, xmin, xmax FROM users ORDER BY id');
    const users = await rows();
    const dry = await reap(host, { dryRun: true });
    expect(await rowCounts(host)).toEqual(before);
    // Not even a lock is left on a row.
    expect(await rows()).toEqual(users);
    expect(await reap(host)).toEqual({ ...dry, dryRun: false });
    expect(dry).toMatchObject({ stale: 2, reaped: 1 });
    expect(await active.client.get('/access/guest')).toMatchObject({ status: 200 });
  });

  it('leaves a reaped guest with a dead token, and a way to begin anew', async () => {
    const host = await startApp();
    const { client, userId } = await staleGuest(host);
    await reap(host);
    expect(await client.get('/access/session')).toMatchObject(refusal(401, 'UNAUTHORIZED'));
    const answer = await client.get('/auth/get-session');
    expect(answer).toMatchObject({ status: 200, body: null });
    expect(clearedCookies(answer)).toHaveLength(1);
    const again = await client.post('/auth/anonymous');
    expect(again).toMatchObject({ status: 201 });
    expect(newCookies(again)).toHaveLength(1);
    expect(again.body.user.id).not.toBe(userId);
  });

  it('ends what a session cache remembers of those who went', async () => {
    const host = await startApp({ options: { session: { cacheFor: '1h' } } });
    const [gone, other] = [await staleGuest(host), await newGuest(host)];
    await gone.client.get('/access/session');
    await other.client.get('/access/session');
    await age(host, 40 * 24, gone.userId);
    await reap(host);
    expect(await gone.client.get('/access/session')).toMatchObject({ status: 401 });
    expect(await other.client.get('/access/session')).toMatchObject({ status: 200 });
  });

  it.each([-1, 1])("goes by the database's clock when the app's is %d days off", async (days) => {
    const clock = new TestClock();
    const host = await startApp({ overrides: [{ token: Clock, value: clock }] });
    clock.advance({ days });
    const [young, old] = [await newGuest(host), await newGuest(host)];
    await age(host, 23, young.userId);
    await age(host, 25, old.userId);
    expect(await reap(host, { olderThan: '24h' })).toMatchObject({ stale: 1, reaped: 1 });
    expect(await userExists(host, young.userId)).toBe(true);
    expect(await userExists(host, old.userId)).toBe(false);
  });

  it('stops after the batch when it is told to', async () => {
    const host = await startApp({ options: { reaper: { batchSize: 1 } } });
    for (let n = 0; n < 3; n += 1) await staleGuest(host);
    const stop = new AbortController();
    const seen: object[] = [];
    const report = await reap(host, {
      signal: stop.signal,
      onProgress: (progress) => {
        seen.push(progress);
        if (progress.looked === 2) stop.abort();
      },
    });
    expect(report).toMatchObject({ stale: 2, reaped: 2, finished: false });
    expect(seen).toEqual([
      { total: 3, looked: 1, reaped: 1 },
      { total: 3, looked: 2, reaped: 2 },
    ]);
  });

  it('rests after each batch, and not for long when it is told to stop', async () => {
    const host = await startApp({ options: { reaper: { batchSize: 1, pause: '1h' } } });
    for (let n = 0; n < 3; n += 1) await staleGuest(host);
    const stop = new AbortController();
    const run = reap(host, { signal: stop.signal });
    await eventually('the first batch', async () => {
      const [{ n }] = (await host.sql('SELECT count(*)::int AS n FROM users')) as [{ n: number }];
      return n === 2;
    });
    stop.abort();
    expect(await run).toMatchObject({ stale: 1, reaped: 1, finished: false });
  });

  it('does not rest when it deletes nothing, nor after the last batch', async () => {
    const host = await startApp({ options: { reaper: { batchSize: 2, pause: '1h' } } });
    for (let n = 0; n < 3; n += 1) await staleGuest(host);
    expect(await reap(host, { dryRun: true })).toMatchObject({ stale: 3, finished: true });
    await host.sql('DELETE FROM users WHERE id IN (SELECT id FROM users LIMIT 2)');
    expect(await reap(host)).toMatchObject({ stale: 1, finished: true });
  });

  it('stops after the batch when the app closes', async () => {
    const host = await startApp({ options: { reaper: { batchSize: 1 } } });
    for (let n = 0; n < 3; n += 1) await staleGuest(host);
    let closing: Promise<void> | undefined;
    const report = await reap(host, {
      onProgress: () => {
        closing ??= host.app.get(ReaperService).onModuleDestroy();
      },
    });
    await closing;
    expect(report).toMatchObject({ stale: 1, reaped: 1, finished: false });
  });

  it('does not touch what others have', async () => {
    const host = await startApp();
    const [account, guest] = [await newAccount(host), await newGuest(host)];
    await addNotes(guest.client, 'mine');
    await addNotes(account.client, 'theirs');
    await staleGuest(host);
    const before = await rowCounts(host);
    expect(await reap(host)).toMatchObject({ stale: 1, reaped: 1 });
    expect(await rowCounts(host)).toEqual({ ...before, users: before.users! - 1 });
  });
});
