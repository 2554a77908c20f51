import { Barrier, eventually } from '../support/barrier.js';
import { expectCleanDatabase } from '../support/checker.js';
import { refusal, rowCounts } from '../support/expectations.js';
import { Note } from '../support/host.js';
import {
  guestWithNotes,
  handlerOf,
  linkInState,
  moveNotes,
  NO_RETRY,
  notesOf,
  reconcile,
  signIn,
  userExists,
} from '../support/links.js';
import { bearer, newAccount, type Person } from '../support/people.js';
import {
  closeRawConnections,
  RawConnection,
  waitingStatements,
} from '../support/raw-connection.js';
import { DEFERRED_NOTES, stops, StrictNotesController } from '../support/strict-notes.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

const INSERT = 'INSERT INTO note (user_id, text) VALUES ($1, $2)';

describe.each(['express', 'fastify'] as const)(
  'a guest that writes while it is merged on %s',
  (adapter) => {
    let host: TestApp;
    let merging: Barrier | undefined;
    const handler = handlerOf(Note, async (context) => {
      await merging?.pass();
      await moveNotes(context);
    });
    beforeAll(async () => {
      host = await createTestApp({
        adapter,
        options: { linking: { ...NO_RETRY, budget: '4s' } },
        schema: DEFERRED_NOTES,
        controllers: [StrictNotesController],
        providers: [handler],
      });
    });
    beforeEach(() => {
      merging = undefined;
      stops.beforeWrite = stops.beforeCommit = undefined;
    });
    afterEach(async () => {
      for (const barrier of [merging, stops.beforeWrite, stops.beforeCommit]) barrier?.open();
      await closeRawConnections();
    });
    afterAll(() => host.close());

    async function meeting() {
      return { account: await newAccount(host), guest: await guestWithNotes(host, 'early') };
    }

    /** A write of the guest on a connection of its own. */
    const write = ({ token }: Person, route = '') =>
      bearer(host, token).post(`/strict-notes${route}`, { text: 'late' });

    const waitsFor = (sql: string) =>
      eventually(`${sql} waits`, async () =>
        (await waitingStatements(host.databaseUrl)).some((statement) => statement.includes(sql)),
      );

    it.each([
      ['COMMIT', ['early', 'in flight']],
      ['ROLLBACK', ['early']],
    ])('makes the merge wait for a row in flight, which ends with %s', async (end, notes) => {
      const { account, guest } = await meeting();
      const raw = await RawConnection.open(host.databaseUrl);
      await raw.query('BEGIN');
      await raw.query(INSERT, [guest.userId, 'in flight']);
      const signingIn = signIn(guest, account);
      await raw.blocks();
      await raw.query(end);
      expect(await signingIn).toMatchObject({ status: 200, body: { link: { status: 'merged' } } });
      expect(await notesOf(host, account.userId)).toEqual(notes);
    });

    it('is answered 409 when its row comes after the merge has locked the guest', async () => {
      const { account, guest } = await meeting();
      merging = new Barrier();
      stops.beforeWrite = new Barrier();
      const writing = write(guest);
      await stops.beforeWrite.reached();
      const signingIn = signIn(guest, account);
      await merging.reached();
      stops.beforeWrite.open();
      await waitsFor('INSERT INTO note');
      merging.open();
      expect(await signingIn).toMatchObject({ status: 200, body: { link: { status: 'merged' } } });
      expect(await writing).toMatchObject(refusal(409, 'GUEST_MERGED'));
      expect(await notesOf(host, account.userId)).toEqual(['early']);
    });

    it('is answered 401 when it begins while the merge is held', async () => {
      const { account, guest } = await meeting();
      merging = new Barrier();
      const signingIn = signIn(guest, account);
      await merging.reached();
      const answer = await write(guest);
      merging.open();
      expect(answer).toMatchObject(refusal(401, 'UNAUTHORIZED'));
      expect(await signingIn).toMatchObject({ status: 200, body: { link: { status: 'merged' } } });
      const notes = await host.sql('SELECT text FROM note WHERE user_id IN ($1, $2)', [
        guest.userId,
        account.userId,
      ]);
      expect(notes).toEqual([{ text: 'early' }]);
    });

    it.each(['', '/transaction'])(
      'is answered 409 when its row comes after the merge at %j',
      async (route) => {
        const { account, guest } = await meeting();
        stops.beforeWrite = new Barrier();
        const writing = write(guest, route);
        await stops.beforeWrite.reached();
        expect(await signIn(guest, account)).toMatchObject({
          body: { link: { status: 'merged' } },
        });
        stops.beforeWrite.open();
        expect(await writing).toMatchObject(refusal(409, 'GUEST_MERGED'));
        expect(await notesOf(host, account.userId)).toEqual(['early']);
        expect(await userExists(host, guest.userId)).toBe(false);
      },
    );

    it('keeps a row that its transaction has written, and the merge waits for it', async () => {
      const { account, guest } = await meeting();
      stops.beforeCommit = new Barrier();
      const writing = write(guest, '/transaction');
      await stops.beforeCommit.reached();
      const signingIn = signIn(guest, account);
      await waitsFor('FOR UPDATE');
      stops.beforeCommit.open();
      expect(await writing).toMatchObject({ status: 201 });
      expect(await signingIn).toMatchObject({ status: 200, body: { link: { status: 'merged' } } });
      expect(await notesOf(host, account.userId)).toEqual(['early', 'late']);
    });

    it('is answered 409 when its key is checked by a COMMIT after the merge', async () => {
      const { account, guest } = await meeting();
      stops.beforeCommit = new Barrier();
      const writing = write(guest, '/deferred');
      await stops.beforeCommit.reached();
      expect(await signIn(guest, account)).toMatchObject({ body: { link: { status: 'merged' } } });
      stops.beforeCommit.open();
      expect(await writing).toMatchObject(refusal(409, 'GUEST_MERGED'));
      expect(await host.sql('SELECT 1 FROM deferred_note')).toEqual([]);
    });

    it('is answered 409 when its key is checked by a COMMIT during the merge', async () => {
      const { account, guest } = await meeting();
      merging = new Barrier();
      stops.beforeCommit = new Barrier();
      const writing = write(guest, '/deferred');
      await stops.beforeCommit.reached();
      const signingIn = signIn(guest, account);
      await merging.reached();
      stops.beforeCommit.open();
      await waitsFor('COMMIT');
      merging.open();
      expect(await signingIn).toMatchObject({ status: 200, body: { link: { status: 'merged' } } });
      expect(await writing).toMatchObject(refusal(409, 'GUEST_MERGED'));
      expect(await host.sql('SELECT 1 FROM deferred_note')).toEqual([]);
    });

    it('cannot leave a row behind from a REPEATABLE READ transaction that began before', async () => {
      const { account, guest } = await meeting();
      const raw = await RawConnection.open(host.databaseUrl);
      await raw.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
      await raw.query('SELECT 1 FROM users WHERE id = $1', [guest.userId]);
      expect(await signIn(guest, account)).toMatchObject({ body: { link: { status: 'merged' } } });
      await expect(raw.query(INSERT, [guest.userId, 'late'])).rejects.toMatchObject({
        code: expect.stringMatching(/^(40001|23503)$/),
      });
      await raw.query('ROLLBACK');
      expect(await notesOf(host, account.userId)).toEqual(['early']);
    });

    it('that holds a row longer than the budget leaves the link pending, and loses nothing', async () => {
      const { account, guest } = await meeting();
      const raw = await RawConnection.open(host.databaseUrl);
      await raw.query('BEGIN');
      await raw.query(INSERT, [guest.userId, 'in flight']);
      const answer = await signIn(guest, account);
      expect(answer).toMatchObject({ status: 200, body: { link: { status: 'pending' } } });
      await raw.query('COMMIT');
      await reconcile(host);
      await linkInState(host, guest.userId, 'merged');
      expect(await notesOf(host, account.userId)).toEqual(['early', 'in flight']);
    });

    it('writes nothing with its dead cookie, and gets none that would replace the cookie of the account', async () => {
      const { account, guest } = await meeting();
      merging = new Barrier();
      const tab = host.browser();
      guest.client.cookies.copyTo(tab.cookies);
      const signingIn = signIn(guest, account);
      await merging.reached();
      const during = await tab.post('/notes', { text: 'from a dead cookie' });
      merging.open();
      expect(await signingIn).toMatchObject({ body: { link: { status: 'merged' } } });
      const { users } = await rowCounts(host);
      const after = await tab.post('/notes', { text: 'from a dead cookie' });
      for (const answer of [during, after]) {
        expect(answer).toMatchObject(refusal(409, 'GUEST_MERGED'));
        expect(answer.headers.getSetCookie()).toEqual([]);
      }
      expect((await rowCounts(host)).users).toBe(users);
      const owners = await host.sql(
        `SELECT u.id FROM note n JOIN users u ON u.id = n.user_id WHERE n.text = 'from a dead cookie'`,
      );
      expect(owners).toEqual([]);
      expect(await notesOf(host, account.userId)).toEqual(expect.arrayContaining(['early']));
    });

    it('leaves a clean database behind', () => expectCleanDatabase(host.databaseUrl));
  },
);
