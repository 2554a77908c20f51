import { DataSource } from 'typeorm';
import type { MergeContext, MergeReport } from '../../src/index.js';
import { expectCleanDatabase } from '../support/checker.js';
import { refusal } from '../support/expectations.js';
import { Note } from '../support/host.js';
import {
  addNotes,
  creditsOf,
  giveWallet,
  guestWithNotes,
  handlerOf,
  ledgerOf,
  moveNotes,
  NO_RETRY,
  notesOf,
  reconcile,
  signIn,
  userExists,
} from '../support/links.js';
import { bearer, newAccount } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

type Merge = (context: MergeContext) => Promise<MergeReport | void> | void;

let host: TestApp;
let merge: Merge;
const ScriptedHandler = handlerOf(Note, (context) => merge(context));

const misbehaviours: Record<string, Merge> = {
  'throws at once': () => {
    throw new Error('out of luck');
  },
  'rejects after it has moved everything': async (context) => {
    await moveNotes(context);
    throw new Error('out of luck');
  },
  'rejects with something that is no error': async () => {
    // oxlint-disable-next-line typescript/only-throw-error -- that is the point
    throw 'out of luck';
  },
  'swallows its SQL error': async (context) => {
    await moveNotes(context);
    await context.manager.query('SELECT * FROM no_such_table').catch(() => undefined);
  },
  'violates a unique key': async (context) => {
    await moveNotes(context);
    await context.manager.query(
      'INSERT INTO wallet (user_id) SELECT id FROM users WHERE id IN ($1, $1) UNION ALL SELECT $1',
      [context.account.id],
    );
  },
  'returns without await': (context) => {
    void moveNotes(context);
  },
  'does nothing': async () => {},
  'moves some rows only': async ({ guest, account, manager }) => {
    await manager.query(`UPDATE note SET user_id = $2 WHERE user_id = $1 AND text = 'one'`, [
      guest.id,
      account.id,
    ]);
  },
  'deletes rows without reporting them': async ({ guest, manager }) => {
    await manager.query('DELETE FROM note WHERE user_id = $1', [guest.id]);
  },
  'gives rows to somebody else': async ({ guest, manager }) => {
    await manager.query(
      `UPDATE note SET user_id = (SELECT id FROM users WHERE name = 'stranger') WHERE user_id = $1`,
      [guest.id],
    );
  },
  'reports rows that the guest did not own': async (context) => {
    await moveNotes(context);
    return { folded: ['00000000-0000-4000-8000-000000000000'] };
  },
  'reports rows as dropped that are still there': async ({ guest, manager }) => {
    const rows = await manager.query<{ id: string }[]>('SELECT id FROM note WHERE user_id = $1', [
      guest.id,
    ]);
    return { dropped: rows.map(({ id }) => id) };
  },
  'makes a new row for the guest': async (context) => {
    await moveNotes(context);
    const { guest, manager } = context;
    await manager.query(`INSERT INTO note (user_id, text) VALUES ($1, 'late')`, [guest.id]);
  },
  'deletes the guest itself': async (context) => {
    await moveNotes(context);
    await context.manager.query('UPDATE wallet SET user_id = $2 WHERE user_id = $1', [
      context.guest.id,
      context.account.id,
    ]);
    await context.manager.query('DELETE FROM users WHERE id = $1', [context.guest.id]);
  },
  'rolls the transaction back itself': async (context) => {
    await moveNotes(context);
    await context.manager.query('ROLLBACK');
  },
  'asks the DataSource on another connection': async (context) => {
    await host.app.get(DataSource).query('SELECT 1');
    await moveNotes(context);
  },
};

describe('a merge handler that misbehaves', () => {
  beforeAll(async () => {
    host = await createTestApp({ options: { linking: NO_RETRY }, providers: [ScriptedHandler] });
    await host.browser().post('/auth/sign-up/email', {
      email: 'stranger@example.com',
      password: 'correct horse battery',
      name: 'stranger',
    });
  });
  afterAll(() => host.close());

  /** A guest with two notes and a wallet, met by an account with one note. */
  async function meeting() {
    const account = await newAccount(host);
    await addNotes(account.client, 'hers');
    const guest = await guestWithNotes(host, 'one', 'two');
    await giveWallet(host, guest.userId, 100);
    return { account, guest };
  }

  it.each(Object.keys(misbehaviours))(
    'that %s costs nobody a row or a sign-in, and is retried',
    async (kind) => {
      const { account, guest } = await meeting();
      merge = misbehaviours[kind]!;
      const { status, body } = await signIn(guest, account);
      expect({ status, link: body.link }).toEqual({
        status: 200,
        link: { id: expect.any(String), status: 'pending', policy: 'merge', receipt: null },
      });
      expect(await notesOf(host, guest.userId)).toEqual(['one', 'two']);
      expect(await creditsOf(host, guest.userId)).toEqual([100]);
      expect(await notesOf(host, account.userId)).toEqual(['hers']);
      expect(await ledgerOf(host, guest.userId)).toMatchObject([
        { id: body.link.id, status: 'pending', attempts: 1, error: expect.stringMatching(/./) },
      ]);
      merge = moveNotes;
      await reconcile(host);
      expect(await ledgerOf(host, guest.userId)).toMatchObject([
        { id: body.link.id, status: 'merged', error: null },
      ]);
      expect(await notesOf(host, account.userId)).toEqual(['hers', 'one', 'two']);
      expect(await userExists(host, guest.userId)).toBe(false);
    },
  );

  it('leaves the account signed in and the guest token dead while the link is pending', async () => {
    const { account, guest } = await meeting();
    merge = misbehaviours['throws at once']!;
    const first = await signIn(guest, account);
    expect(await guest.client.get('/access/account')).toMatchObject({
      status: 200,
      body: { userId: account.userId },
    });
    expect((await guest.client.get('/notes')).body).toMatchObject([{ text: 'hers' }]);
    expect(await bearer(host, guest.token).get('/access/session')).toMatchObject(
      refusal(401, 'UNAUTHORIZED'),
    );
    const again = await signIn({ client: bearer(host, guest.token) }, account);
    expect(again).toMatchObject({ status: 200, body: { link: { id: first.body.link.id } } });
    expect(await userExists(host, guest.userId)).toBe(true);
    merge = moveNotes;
    await reconcile(host);
  });

  it('may fail inside a transaction of its own on the manager, which undoes only that', async () => {
    const { account, guest } = await meeting();
    merge = async (context) => {
      await moveNotes(context);
      await context.manager
        .transaction((nested) => nested.query('SELECT * FROM no_such_table'))
        .catch(() => undefined);
    };
    expect(await signIn(guest, account)).toMatchObject({ body: { link: { status: 'merged' } } });
    expect(await notesOf(host, account.userId)).toEqual(['hers', 'one', 'two']);
  });

  it('leaves a clean database behind', () => expectCleanDatabase(host.databaseUrl));
});
