import { type DiscardContext, ignored, MergeHandler } from '../../src/index.js';
import { leaveBroken } from '../support/checker/checked-databases.js';
import { rowCounts } from '../support/expectations.js';
import { Note } from '../support/host.js';
import {
  addNotes,
  giveWallet,
  moveNotes,
  NO_RETRY,
  notesOf,
  signIn,
  userExists,
} from '../support/links.js';
import { LinkingService } from '../../src/index.js';
import { newAccount, newGuest, type Person } from '../support/people.js';
import { closeApps, startApp } from '../support/running-apps.js';
import type { TestApp } from '../support/test-app.js';
import { age, kept, reap, staleGuest } from './stale.js';

afterEach(closeApps);

const TABLES = `CREATE TABLE praise (id serial PRIMARY KEY, user_id uuid NOT NULL REFERENCES users (id),
    note_id uuid NOT NULL REFERENCES note (id));
  CREATE TABLE page (id serial PRIMARY KEY, note_id uuid NOT NULL REFERENCES note (id));
  CREATE TABLE import (id serial PRIMARY KEY, user_id uuid REFERENCES users (id));
  CREATE TABLE trace (id serial PRIMARY KEY, user_id uuid REFERENCES users (id) ON DELETE CASCADE)`;
const IGNORED = [ignored('import', 'stays'), ignored('trace', 'goes')];

const everything = { contributors: 'delete' } as const;

async function staleWriter(host: TestApp): Promise<{ userId: string; noteId: string }> {
  const { userId } = await staleGuest(host);
  const [note] = await host.sql<{ id: string }>(
    `INSERT INTO note (user_id, text) VALUES ($1, 'mine') RETURNING id`,
    [userId],
  );
  return { userId, noteId: note!.id };
}

describe("contributors: 'delete'", () => {
  it('removes guests with everything that hangs on their rows, children first', async () => {
    const host = await startApp({ schema: TABLES, tables: IGNORED });
    const [account, active] = [await newAccount(host), await newGuest(host)];
    await addNotes(account.client, 'theirs');
    await addNotes(active.client, 'fresh');
    const before = await rowCounts(host);
    for (let n = 0; n < 3; n += 1) {
      const { userId, noteId } = await staleWriter(host);
      await giveWallet(host, userId, n);
      await host.sql('INSERT INTO page (note_id) VALUES ($1)', [noteId]);
      await host.sql('INSERT INTO praise (user_id, note_id) VALUES ($1, $2)', [userId, noteId]);
      await host.sql('INSERT INTO trace (user_id) VALUES ($1)', [userId]);
    }
    await staleGuest(host);
    const dry = await reap(host, { ...everything, dryRun: true });
    expect(dry).toMatchObject({ stale: 4, reaped: 4, kept: kept() });
    expect(await reap(host, everything)).toEqual({ ...dry, dryRun: false });
    expect(await rowCounts(host)).toEqual(before);
  });

  it('keeps those that others refer to, and those that an ignored table holds', async () => {
    const host = await startApp({ schema: TABLES, tables: IGNORED });
    const stranger = await newGuest(host);
    const [praised, imported, gone] = [
      await staleWriter(host),
      await staleWriter(host),
      await staleWriter(host),
    ];
    await host.sql('INSERT INTO praise (user_id, note_id) VALUES ($1, $2)', [
      stranger.userId,
      praised.noteId,
    ]);
    await host.sql('INSERT INTO import (user_id) VALUES ($1)', [imported.userId]);
    const dry = await reap(host, { ...everything, dryRun: true });
    expect(dry).toMatchObject({
      reaped: 1,
      kept: kept({ 'has-dependents': 1, 'owns-rows': 1 }),
    });
    expect(await reap(host, everything)).toEqual({ ...dry, dryRun: false });
    expect(await notesOf(host, praised.userId)).toEqual(['mine']);
    expect(await notesOf(host, imported.userId)).toEqual(['mine']);
    expect(await userExists(host, gone.userId)).toBe(false);
  });

  it('lets handlers discard first, and keeps a guest with its rows when one fails', async () => {
    const discarded: string[] = [];
    const failing = new Set<string>();
    @MergeHandler(Note)
    class NoteMergeHandler implements MergeHandler {
      async merge(): Promise<void> {}

      async discard({ guest, manager }: DiscardContext): Promise<void> {
        await manager.query('DELETE FROM note WHERE user_id = $1', [guest.id]);
        if (failing.has(guest.id)) throw new Error('the bucket does not answer');
        discarded.push(guest.id);
      }
    }
    const host = await startApp({ providers: [NoteMergeHandler] });
    const [idle, writer, broken] = [
      await staleGuest(host),
      await staleWriter(host),
      await staleWriter(host),
    ];
    failing.add(broken.userId);
    await reap(host, { ...everything, dryRun: true });
    await reap(host, { contributors: 'keep' });
    // What a guest without rows leaves behind elsewhere is not the policy `keep`'s business.
    expect(discarded).toEqual([]);
    expect(await userExists(host, idle.userId)).toBe(false);
    const another = await staleGuest(host);
    expect(await reap(host, everything)).toMatchObject({ reaped: 2, kept: kept({ failed: 1 }) });
    expect(discarded.toSorted()).toEqual([writer.userId, another.userId].toSorted());
    expect(await notesOf(host, broken.userId)).toEqual(['mine']);
  });

  it('shows no handler the tombstone of a guest whose things are an account’s', async () => {
    const discarded: string[] = [];
    @MergeHandler(Note)
    class NoteMergeHandler implements MergeHandler {
      merge = moveNotes;

      async discard({ guest }: DiscardContext): Promise<void> {
        discarded.push(guest.id);
      }
    }
    const host = await startApp({
      providers: [NoteMergeHandler],
      options: { linking: { ...NO_RETRY, deleteGuest: false } },
    });
    const { guest } = await tombstone(host);
    await grown(host);
    const idle = await staleGuest(host);
    expect(await reap(host, { ...everything, dryRun: true })).toMatchObject({ reaped: 2 });
    expect(await reap(host, everything)).toMatchObject({ reaped: 2, kept: kept() });
    expect(await userExists(host, guest.userId)).toBe(false);
    expect(discarded).toEqual([idle.userId]);
  });

  it('is what the options say when the run does not', async () => {
    const host = await startApp({ options: { reaper: everything } });
    const { userId } = await staleWriter(host);
    expect(await reap(host, { contributors: 'keep' })).toMatchObject({ reaped: 0 });
    expect(await reap(host)).toMatchObject({ contributors: 'delete', reaped: 1 });
    expect(await userExists(host, userId)).toBe(false);
  });
});

/** A guest that was merged just now, and that nobody has seen for forty days. */
async function tombstone(host: TestApp): Promise<{ account: Person; guest: Person }> {
  const [account, guest] = [await newAccount(host), await newGuest(host)];
  await addNotes(guest.client, 'mine');
  await signIn(guest, account);
  await age(host, 40 * 24, guest.userId);
  return { account, guest };
}

const grown = (host: TestApp) =>
  host.sql(`UPDATE account_links SET updated_at = now() - interval '25 hours'`);

describe('a tombstone', () => {
  const start = () => startApp({ options: { linking: { ...NO_RETRY, deleteGuest: false } } });

  it.each(['keep', 'delete'] as const)(
    'goes when rows that come late are no longer looked for, and is not forgotten (contributors: %s)',
    async (contributors) => {
      const host = await start();
      const { account, guest } = await tombstone(host);
      expect(await reap(host, { contributors })).toMatchObject({
        reaped: 0,
        kept: kept({ 'recently-merged': 1 }),
      });
      await grown(host);
      expect(await reap(host, { contributors })).toMatchObject({ reaped: 1, kept: kept() });
      expect(await host.app.get(LinkingService).resolve(guest.userId)).toBe(account.userId);
      expect(await notesOf(host, account.userId)).toEqual(['mine']);
    },
  );

  it.each(['keep', 'delete'] as const)(
    'stays while a row names it, which is its account’s (contributors: %s)',
    async (contributors) => {
      const host = await start();
      const { guest } = await tombstone(host);
      await grown(host);
      await host.sql(`INSERT INTO note (user_id, text) VALUES ($1, 'late')`, [guest.userId]);
      const report = await reap(host, { contributors });
      expect(report).toMatchObject({ reaped: 0, kept: kept({ 'owns-rows': 1 }) });
      expect(await notesOf(host, guest.userId)).toEqual(['late']);
      leaveBroken(
        host.databaseUrl,
        'note (user_id) names a guest that was merged',
        'after a day nobody sweeps any more',
      );
    },
  );
});
