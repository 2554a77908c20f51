import type { MergeContext, MergeReport } from '../../src/index.js';
import { addNotes, giveWallet, guestWithNotes, moveNotes } from './links.js';
import { type AccountHolder, newAccount, type Person } from './people.js';
import type { TestApp } from './test-app.js';

/** What a handler does in an app, right or wrong. */
export type Merge = (context: MergeContext, host: TestApp) => Promise<MergeReport | void> | void;

/** A guest with the notes one and two and a wallet, and an account with one note. */
export async function guestWithAWallet(
  host: TestApp,
): Promise<{ account: AccountHolder; guest: Person }> {
  const account = await newAccount(host);
  await addNotes(account.client, 'hers');
  const guest = await guestWithNotes(host, 'one', 'two');
  await giveWallet(host, guest.userId, 100);
  return { account, guest };
}

/** Mistakes of a handler for notes that cost nobody a row, when its guest is one {@link guestWithAWallet}. */
export const misbehaviours: Readonly<Record<string, Merge>> = {
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
  'gives rows to somebody else': async ({ guest, manager }, host) => {
    const stranger = await newAccount(host);
    await manager.query('UPDATE note SET user_id = $2 WHERE user_id = $1', [
      guest.id,
      stranger.userId,
    ]);
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
  'begins another transaction in the middle of a query': async (context) => {
    await context.manager.query('SELECT 1; ROLLBACK; BEGIN');
    await moveNotes(context);
  },
  'asks the DataSource on another connection': async (context, host) => {
    await host.dataSource.query('SELECT 1');
    await moveNotes(context);
  },
};
