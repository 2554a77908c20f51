import { Clock, ConfigurationError } from '../../src/index.js';
import { eventually } from '../support/barrier.js';
import { unusualUsers } from '../support/host-users.js';
import { addNotes, giveWallet, guestWithNotes, NO_RETRY, signIn } from '../support/links.js';
import { newAccount, newGuest, type Person } from '../support/people.js';
import { closeApps, startApp } from '../support/running-apps.js';
import { TestClock } from '../support/test-clock.js';
import type { TestApp } from '../support/test-app.js';
import { reap, staleGuest } from '../reaper/stale.js';
import { claims, happenings, insightsOf, newGuests } from './figures.js';

afterEach(closeApps);

const today = () => new Date().toISOString().slice(0, 10);

/** Puts the last visit of a guest to a moment of the day, in UTC, or of the day before. */
async function lastSeen(host: TestApp, { userId }: Person, moment: string): Promise<void> {
  await host.sql(
    `UPDATE users SET last_seen_at = (date_trunc('day', now() AT TIME ZONE 'UTC') + $2::interval) AT TIME ZONE 'UTC'
     WHERE id = $1`,
    [userId, moment],
  );
}

const seenNow = async (host: TestApp, { userId }: Person) => {
  const rows = await host.sql(
    `SELECT 1 FROM users WHERE id = $1 AND last_seen_at > now() - interval '1 minute'`,
    [userId],
  );
  return rows.length === 1;
};

/** Comes to the app, and resolves when the visit is noted, which is after the answer. */
async function comeBack(host: TestApp, person: Person): Promise<void> {
  expect((await person.client.get('/access/session')).status).toBe(200);
  await eventually('the visit is noted', () => seenNow(host, person));
}

describe('the days of InsightsService', () => {
  it('count what happens to guests', async () => {
    const host = await startApp({ options: { linking: NO_RETRY } });
    const account = await newAccount(host);
    const [returning, upgrading, merging, idle] = await newGuests(host, 4);
    await lastSeen(host, returning!, '-2 hours');
    await comeBack(host, returning!);
    await comeBack(host, returning!);
    const email = `${crypto.randomUUID()}@example.com`;
    const password = 'correct horse battery';
    const upgraded = await upgrading!.client.post('/auth/anonymous/upgrade', { email, password });
    expect(upgraded.status).toBe(200);
    expect((await signIn(merging!, account)).body.link).toMatchObject({ status: 'merged' });
    await lastSeen(host, idle!, '-40 days');
    expect(await reap(host)).toMatchObject({ reaped: 1 });
    await eventually('the figures are complete', async () => (await happenings(host)).active === 5);
    expect(await happenings(host)).toEqual({
      issued: 4,
      active: 5,
      upgraded: 1,
      linked: 1,
      reaped: 1,
    });
  });

  it('have every day of the period, today last, and nothing that did not happen', async () => {
    const host = await startApp();
    const days = await insightsOf(host).days();
    expect(days).toHaveLength(30);
    expect(days.at(-1)!.day).toBe(today());
    expect(new Set(days.map(({ day }) => day)).size).toBe(30);
    expect(days.map(({ day }) => day)).toEqual(days.map(({ day }) => day).toSorted());
    for (const day of days) {
      expect(day).toEqual({
        day: day.day,
        issued: 0,
        active: 0,
        contributed: 0,
        isContributedEstimated: false,
        upgraded: 0,
        linked: 0,
        reaped: 0,
      });
    }
  });

  it('put each happening on its day', async () => {
    const clock = new TestClock();
    const host = await startApp({ overrides: [{ token: Clock, value: clock }] });
    await newGuest(host);
    clock.advance({ days: 1 });
    await newGuests(host, 2);
    const issued = (await insightsOf(host).days({ days: 3 })).map((day) => day.issued);
    expect(issued).toEqual([0, 1, 2]);
  });

  it('count no sign-up of somebody who was no guest, and no dry run', async () => {
    const host = await startApp();
    await newAccount(host);
    await staleGuest(host);
    await reap(host, { dryRun: true });
    expect(await happenings(host)).toMatchObject({ issued: 1, upgraded: 0, reaped: 0 });
  });

  it.each([0, 367, 1.5, Number.NaN])('refuse a period of %s days', async (days) => {
    const host = await startApp();
    await expect(insightsOf(host).days({ days })).rejects.toThrow(ConfigurationError);
    await expect(insightsOf(host).timeToClaim({ days })).rejects.toThrow('"days" is');
  });
});

describe('guests that own something', () => {
  it('are counted by the day of their last visit, soft references too', async () => {
    const host = await startApp({
      schema: 'CREATE TABLE visit_log (id serial PRIMARY KEY, actor_id uuid NOT NULL)',
      tables: [],
    });
    const [writer, owner, idle, earlier] = await newGuests(host, 4);
    await addNotes(writer!.client, 'mine', 'mine too');
    await giveWallet(host, owner!.userId, 5);
    await addNotes(earlier!.client, 'of another day');
    await lastSeen(host, idle!, '1 second');
    for (const person of [writer!, owner!]) await lastSeen(host, person, '0 seconds');
    await lastSeen(host, earlier!, '-1 second');
    const [before, now] = await insightsOf(host).days({ days: 2 });
    expect([before!.contributed, now!.contributed]).toEqual([1, 2]);
    expect(now!.isContributedEstimated).toBe(false);
  });

  it('are no guests any more once they have an account', async () => {
    const host = await startApp({ options: { linking: NO_RETRY } });
    const account = await newAccount(host);
    const guest = await guestWithNotes(host, 'mine');
    expect((await insightsOf(host).days({ days: 1 }))[0]!.contributed).toBe(1);
    await signIn(guest, account);
    expect((await insightsOf(host).days({ days: 1 }))[0]!.contributed).toBe(0);
  });

  it('are counted one by one up to a hundred a day, and worked out from as many beyond', async () => {
    const host = await startApp();
    /** So many guests of a day, spread over it, of whom every fourth has a note. */
    const populate = (guests: number, daysAgo: number) =>
      host.sql(
        `WITH made AS (INSERT INTO users (id, is_anonymous, last_seen_at)
           SELECT gen_random_uuid(), true, (date_trunc('day', now() AT TIME ZONE 'UTC')
             - $2 * interval '1 day' + n * interval '24 hours' / $1) AT TIME ZONE 'UTC'
           FROM generate_series(0, $1 - 1) n RETURNING id, last_seen_at)
         INSERT INTO note (user_id, text) SELECT id, 'n' FROM
           (SELECT id, row_number() OVER (ORDER BY last_seen_at) AS n FROM made) m WHERE n % 4 = 0`,
        [guests, daysAgo],
      );
    await populate(100, 3);
    await populate(4_000, 2);
    await populate(2_000, 1);
    await host.sql('ANALYZE users');
    const [few, many, less] = await insightsOf(host).days({ days: 4 });
    expect(few).toMatchObject({ contributed: 25, isContributedEstimated: false });
    expect([many!.isContributedEstimated, less!.isContributedEstimated]).toEqual([true, true]);
    // A quarter of 4000 and of 2000, give or take what the planner and a sample of a hundred do not know.
    expect(many!.contributed).toBeGreaterThan(700);
    expect(many!.contributed).toBeLessThan(1_300);
    expect(less!.contributed).toBeGreaterThan(350);
    expect(less!.contributed).toBeLessThan(650);
  });
});

describe('the time until guests are claimed', () => {
  it('is that from their first visit to the upgrade or the merge', async () => {
    const host = await startApp({ options: { linking: NO_RETRY } });
    const account = await newAccount(host);
    const made = async (ago: string) => {
      const guest = await newGuest(host);
      await host.sql(`UPDATE users SET created_at = now() - $2::interval WHERE id = $1`, [
        guest.userId,
        ago,
      ]);
      return guest;
    };
    const upgrade = async ({ client }: Person) => {
      const email = `${crypto.randomUUID()}@example.com`;
      await client.post('/auth/anonymous/upgrade', { email, password: 'correct horse battery' });
    };
    for (const ago of ['0 seconds', '50 seconds', '9 minutes', '59 minutes', '6 days', '29 days']) {
      await upgrade(await made(ago));
    }
    await signIn(await made('2 hours'), account);
    await signIn(await made('31 days'), account);
    expect(await claims(host)).toEqual({
      '1m': 2,
      '10m': 1,
      '1h': 1,
      '1d': 1,
      '7d': 1,
      '30d': 1,
      later: 1,
    });
    const buckets = await insightsOf(host).timeToClaim();
    expect(buckets.map(({ within }) => within)).toEqual([
      '1m',
      '10m',
      '1h',
      '1d',
      '7d',
      '30d',
      'later',
    ]);
  });
});

describe('a database and sessions of another time zone', () => {
  it('move nothing to another day', async () => {
    const clock = new TestClock();
    const host = await startApp({
      driver: { options: '-c TimeZone=Pacific/Kiritimati' },
      overrides: [{ token: Clock, value: clock }],
    });
    const [zone] = await host.sql<{ TimeZone: string }>('SHOW TimeZone');
    expect(zone!.TimeZone).toBe('Pacific/Kiritimati');
    const [late, early, returning, staying] = await newGuests(host, 4);
    for (const person of [late!, early!]) await addNotes(person.client, 'mine');
    await lastSeen(host, late!, '-1 second');
    await lastSeen(host, early!, '0 seconds');
    await lastSeen(host, returning!, '-1 second');
    await lastSeen(host, staying!, '0 seconds');
    const days = await insightsOf(host).days({ days: 2 });
    expect(days.map(({ contributed }) => contributed)).toEqual([1, 1]);
    expect(days.map(({ issued }) => issued)).toEqual([0, 4]);
    // Late enough by the app's clock for the visits to be noted, wherever in its day the database is.
    clock.advance({ hours: 2 });
    await comeBack(host, returning!);
    await comeBack(host, staying!);
    await eventually('the visit counts', async () => (await happenings(host)).active === 5);
  });
});

describe.each(unusualUsers)('a host with %s', (_, users) => {
  it('gets the same figures', async () => {
    const host = await startApp({ users, options: { linking: NO_RETRY } });
    const account = await newAccount(host);
    const [writer, merging, upgrading] = await newGuests(host, 3);
    await addNotes(writer!.client, 'mine');
    expect((await signIn(merging!, account)).body.link).toMatchObject({ status: 'merged' });
    const email = `${crypto.randomUUID()}@example.com`;
    const password = 'correct horse battery';
    await upgrading!.client.post('/auth/anonymous/upgrade', { email, password });
    expect(await happenings(host)).toMatchObject({ issued: 3, upgraded: 1, linked: 1 });
    expect(await claims(host)).toEqual({ '1m': 2 });
    const days = await insightsOf(host).days({ days: 2 });
    expect(days.reduce((sum, { contributed }) => sum + contributed, 0)).toBe(1);
    expect(await insightsOf(host).guests()).toMatchObject({ guests: 1, stale: 0 });
  });
});
