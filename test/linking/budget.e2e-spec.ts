import type { LinkingOptions, MergeContext } from '../../src/index.js';
import { Barrier, eventually } from '../support/barrier.js';
import { refusal } from '../support/expectations.js';
import { Note } from '../support/host.js';
import {
  addNotes,
  FAST_RETRY,
  guestWithNotes,
  handlerOf,
  ledgerOf,
  linkInState,
  moveNotes,
  notesOf,
  reconcile,
  signIn,
  userExists,
} from '../support/links.js';
import { bearer, newAccount } from '../support/people.js';
import { closeRawConnections, RawConnection } from '../support/raw-connection.js';
import { closeApps, startApp, startBeside } from '../support/running-apps.js';
import type { TestApp } from '../support/test-app.js';

const BUDGET_MS = 300;
/** What the budget would be if the option were not heard. */
const DEFAULT_BUDGET_MS = 2_000;
const linking: LinkingOptions = {
  budget: `${BUDGET_MS}ms`,
  retry: { every: '1h', firstDelay: '1ms' },
};

const OPEN_MERGES = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database()
  AND pid <> pg_backend_pid() AND xact_start IS NOT NULL AND backend_type = 'client backend'`;

const openMerges = async (host: TestApp) => (await host.sql(OPEN_MERGES)).length;

async function meeting(host: TestApp) {
  const account = await newAccount(host);
  await addNotes(account.client, 'hers');
  return { account, guest: await guestWithNotes(host, 'mine') };
}

/** The ledger once a first attempt has ended. */
const attempted = (host: TestApp, guestId: string) =>
  eventually('the attempt is over', async () => {
    const links = await ledgerOf(host, guestId);
    return links[0]!.attempts > 0 && links;
  });

async function timed<Answer>(work: Promise<Answer>): Promise<{ answer: Answer; ms: number }> {
  const start = performance.now();
  const answer = await work;
  return { answer, ms: performance.now() - start };
}

describe('a merge that takes longer than the budget', () => {
  let barrier: Barrier;
  let merge: (context: MergeContext) => Promise<void>;
  const handler = handlerOf(Note, (context) => merge(context));
  const start = (more: LinkingOptions = {}, poolSize?: number) =>
    startApp({ options: { linking: { ...linking, ...more } }, providers: [handler], poolSize });

  beforeEach(() => {
    barrier = new Barrier();
    merge = async (context) => {
      await barrier.pass();
      await moveNotes(context);
    };
  });
  afterEach(async () => {
    barrier.open();
    await closeRawConnections();
    await closeApps();
  });

  it('does not keep the sign-in waiting, and goes on by itself', async () => {
    const host = await start();
    const { account, guest } = await meeting(host);
    const { answer, ms } = await timed(signIn(guest, account));
    expect(answer).toMatchObject({ status: 200, body: { link: { status: 'pending' } } });
    expect(ms).toBeGreaterThanOrEqual(BUDGET_MS);
    expect(ms).toBeLessThan(DEFAULT_BUDGET_MS);
    expect(await guest.client.get('/access/account')).toMatchObject({ status: 200 });
    expect(await bearer(host, guest.token).get('/access/session')).toMatchObject(
      refusal(401, 'UNAUTHORIZED'),
    );
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
    barrier.open();
    const merged = await linkInState(host, guest.userId, 'merged');
    expect(merged).toMatchObject({ id: answer.body.link.id, attempts: 1 });
    expect(await notesOf(host, account.userId)).toEqual(['hers', 'mine']);
  });

  it('lets the account write meanwhile', async () => {
    const host = await start();
    const { account, guest } = await meeting(host);
    const signingIn = signIn(guest, account);
    await barrier.reached();
    await addNotes(account.client, 'meanwhile');
    barrier.open();
    expect(await signingIn).toMatchObject({ body: { link: { status: 'merged' } } });
    expect(await notesOf(host, account.userId)).toEqual(['hers', 'meanwhile', 'mine']);
  });

  it('waits for nothing that locks the guest or the account, and is done after it', async () => {
    const host = await start();
    barrier.open();
    for (const who of ['guest', 'account'] as const) {
      const people = await meeting(host);
      const raw = await RawConnection.open(host.databaseUrl);
      await raw.query('BEGIN');
      await raw.query('SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE', [people[who].userId]);
      const { answer, ms } = await timed(signIn(people.guest, people.account));
      expect(answer).toMatchObject({ status: 200, body: { link: { status: 'pending' } } });
      expect(ms).toBeLessThan(DEFAULT_BUDGET_MS);
      await raw.query('COMMIT');
      await eventually('merged', async () => {
        await reconcile(host).catch(() => undefined);
        return (await ledgerOf(host, people.guest.userId))[0]?.status === 'merged';
      });
      expect(await notesOf(host, people.account.userId)).toEqual(['hers', 'mine']);
    }
  }, 40_000);

  it('runs on for two sign-ins at most; a third is undone and retried', async () => {
    const host = await start();
    const meetings = [await meeting(host), await meeting(host), await meeting(host)];
    const answers = await Promise.all(meetings.map(({ guest, account }) => signIn(guest, account)));
    expect(answers.map(({ body }) => body.link.status)).toEqual(['pending', 'pending', 'pending']);
    await eventually('two merges are open', async () => (await openMerges(host)) === 2);
    barrier.open();
    const states = async () => {
      const rows = await Promise.all(meetings.map(({ guest }) => ledgerOf(host, guest.userId)));
      return rows.map(([link]) => link!.status).toSorted();
    };
    await eventually('two are merged', async () => (await states()).indexOf('pending') === 2);
    expect(await states()).toEqual(['merged', 'merged', 'pending']);
    await reconcile(host);
    expect(await states()).toEqual(['merged', 'merged', 'merged']);
    for (const { account } of meetings) {
      expect(await notesOf(host, account.userId)).toEqual(['hers', 'mine']);
    }
  });

  it('is not undone by a sign-in that meets it a second time', async () => {
    const host = await start();
    const meetings = [await meeting(host), await meeting(host)];
    for (const { guest, account } of meetings) await signIn(guest, account);
    for (const { guest, account } of meetings) {
      const again = await signIn({ client: bearer(host, guest.token) }, account);
      expect(again).toMatchObject({ status: 200, body: { link: { status: 'pending' } } });
    }
    barrier.open();
    for (const { guest } of meetings) {
      const [link] = await attempted(host, guest.userId);
      expect(link).toMatchObject({ status: 'merged', attempts: 1, error: null });
    }
  });

  it.each<[string, (context: MergeContext) => Promise<void>]>([
    ['never ends', () => new Promise(() => undefined)],
    ['waits in a statement', ({ manager }) => manager.query('SELECT pg_sleep(60)')],
  ])('loses its connection after the timeout when its handler %s', async (_how, hang) => {
    const host = await start({ budget: '100ms', timeout: '400ms' }, 3);
    const { account, guest } = await meeting(host);
    merge = hang;
    expect(await signIn(guest, account)).toMatchObject({
      status: 200,
      body: { link: { status: 'pending' } },
    });
    const [link] = await attempted(host, guest.userId);
    expect(link).toMatchObject({ status: 'pending', attempts: 1 });
    expect(link!.error).toMatch(/400 ms|timeout/i);
    await eventually('no merge is open', async () => (await openMerges(host)) === 0, 1_000);
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
    const backends = await Promise.all(
      [1, 2, 3].map(() =>
        host.sql<{ pid: number }>('SELECT pg_backend_pid() AS pid, pg_sleep(0.3)'),
      ),
    );
    expect(new Set(backends.map(([row]) => row!.pid)).size).toBe(3);
    merge = moveNotes;
    await reconcile(host);
    expect(await notesOf(host, account.userId)).toEqual(['hers', 'mine']);
  });

  it('can do nothing more with its manager once its time is over', async () => {
    const host = await start({ budget: '100ms', timeout: '300ms' });
    const { account, guest } = await meeting(host);
    const late: { error?: unknown; aborted?: boolean } = {};
    merge = async (context) => {
      await barrier.pass();
      late.aborted = context.signal.aborted;
      await moveNotes(context).catch((error: unknown) => (late.error = error));
    };
    await signIn(guest, account);
    await attempted(host, guest.userId);
    barrier.open();
    await eventually('the handler has tried', () => late.error);
    expect(late).toEqual({ aborted: true, error: expect.any(Error) });
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
    expect(await notesOf(host, account.userId)).toEqual(['hers']);
    merge = moveNotes;
    await reconcile(host);
    expect(await userExists(host, guest.userId)).toBe(false);
  });

  it('stays pending when the app closes, which does not wait for it for ever', async () => {
    const host = await start();
    const observer = await startBeside(host, { options: { linking }, providers: [handler] });
    const { account, guest } = await meeting(host);
    expect(await signIn(guest, account)).toMatchObject({ body: { link: { status: 'pending' } } });
    const { ms } = await timed(host.app.close());
    expect(ms).toBeLessThan(10_000);
    await eventually('no merge is open', async () => (await openMerges(observer)) === 0);
    expect(await ledgerOf(observer, guest.userId)).toMatchObject([
      { status: 'pending', receipt: null },
    ]);
    expect(await notesOf(observer, guest.userId)).toEqual(['mine']);
    merge = moveNotes;
    await reconcile(observer);
    expect(await notesOf(observer, account.userId)).toEqual(['hers', 'mine']);
  });
});

describe('a pool of two connections', () => {
  afterEach(closeApps);

  it('lets twenty guests sign in at once, and merges them all', async () => {
    const host = await startApp({
      options: { linking: FAST_RETRY },
      poolSize: 2,
    });
    const accounts = [await newAccount(host), await newAccount(host), await newAccount(host)];
    const guests = [];
    for (let n = 0; n < 20; n += 1) guests.push(await guestWithNotes(host, `note ${n}`));
    const answers = await Promise.all(guests.map((guest, n) => signIn(guest, accounts[n % 3]!)));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    for (const { userId } of guests) await linkInState(host, userId, 'merged');
    const notes = await Promise.all(accounts.map(({ userId }) => notesOf(host, userId)));
    expect(notes.map((texts) => texts.length)).toEqual([7, 7, 6]);
  });
});
