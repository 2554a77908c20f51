import type { LinkingOptions, MergeContext } from '../../src/index.js';
import { Barrier, eventually } from '../support/barrier.js';
import { type CommitFault, FaultyProxy } from '../support/faulty-proxy.js';
import { newCookies } from '../support/expectations.js';
import { Note } from '../support/host.js';
import {
  addNotes,
  creditsOf,
  FAST_RETRY,
  giveWallet,
  guestWithNotes,
  handlerOf,
  ledgerOf,
  linkInState,
  moveNotes,
  notesOf,
  signIn,
  userExists,
  WalletMergeHandler,
} from '../support/links.js';
import { newAccount } from '../support/people.js';
import { closeApps, startApp, startBeside } from '../support/running-apps.js';
import type { TestApp } from '../support/test-app.js';

const POOL = 4;

describe('a network between app and database', () => {
  let barrier: Barrier;
  let proxy: FaultyProxy;
  /** Asks the database directly. */
  let direct: TestApp;
  let host: TestApp;
  const HeldNotes = handlerOf(Note, async (context: MergeContext) => {
    await barrier.pass();
    await moveNotes(context);
  });

  async function start(more: LinkingOptions = {}): Promise<void> {
    const linking = { ...FAST_RETRY, budget: '8s' as const, ...more };
    const providers = [HeldNotes, WalletMergeHandler];
    const still = { ...linking, retry: { every: '1h' as const } };
    direct = await startApp({ options: { linking: still }, providers, hostTables: [] });
    proxy = await FaultyProxy.start(direct.databaseUrl);
    host = await startBeside(
      { ...direct, databaseUrl: proxy.databaseUrl },
      { options: { linking }, providers, hostTables: [], poolSize: POOL },
    );
  }

  beforeEach(() => {
    barrier = new Barrier();
    barrier.open();
  });
  afterEach(async () => {
    barrier.open();
    proxy.up();
    await closeApps();
    await proxy.close();
  });

  async function meeting() {
    const account = await newAccount(host);
    await addNotes(account.client, 'hers');
    const guest = await guestWithNotes(host, 'mine');
    await giveWallet(host, guest.userId, 5);
    return { account, guest };
  }
  type Meeting = Awaited<ReturnType<typeof meeting>>;

  async function expectMergedOnce({ guest, account }: Meeting): Promise<void> {
    await linkInState(direct, guest.userId, 'merged');
    await eventually('it is announced', async () => {
      const [link] = await ledgerOf(direct, guest.userId);
      return link!.announced;
    });
    expect(await ledgerOf(direct, guest.userId)).toHaveLength(1);
    expect(await userExists(direct, guest.userId)).toBe(false);
    expect(await notesOf(direct, account.userId)).toEqual(['hers', 'mine']);
    expect(await creditsOf(direct, account.userId)).toEqual([5]);
  }

  async function expectWhole({ guest, account }: Meeting): Promise<void> {
    expect(await notesOf(direct, guest.userId)).toEqual(['mine']);
    expect(await creditsOf(direct, guest.userId)).toEqual([5]);
    expect(await notesOf(direct, account.userId)).toEqual(['hers']);
  }

  /** Every connection of the pool can be had at once, and works. */
  async function expectWholePool(): Promise<void> {
    const used = Array.from({ length: POOL }, () => host.sql('SELECT pg_sleep(0.05)'));
    expect(await Promise.all(used)).toHaveLength(POOL);
  }

  it('that loses the answer of the COMMIT: the sign-in tells the truth', async () => {
    await start();
    for (let n = 0; n < 10; n += 1) {
      const people = await meeting();
      proxy.faults.push('cut-after');
      const answer = await signIn(people.guest, people.account);
      expect(answer).toMatchObject({ status: 200, body: { link: { status: 'merged' } } });
      await expectMergedOnce(people);
    }
    expect(proxy.faults).toEqual([]);
    await expectWholePool();
  });

  it('that loses the COMMIT: nothing has moved, until it is tried again', async () => {
    await start({ retry: { every: '50ms', firstDelay: '1s' } });
    for (let n = 0; n < 5; n += 1) {
      const people = await meeting();
      proxy.faults.push('cut-before');
      const answer = await signIn(people.guest, people.account);
      expect(answer).toMatchObject({ status: 200, body: { link: { status: 'pending' } } });
      await expectWhole(people);
      await direct.sql('UPDATE account_links SET next_attempt_at = now() WHERE guest_id = $1', [
        people.guest.userId,
      ]);
      await expectMergedOnce(people);
    }
    await expectWholePool();
  });

  it.each<[string, CommitFault[]]>([
    ['three COMMITs one after the other', ['cut-before', 'cut-before', 'cut-before']],
    ['a COMMIT, then the answer of the next', ['cut-before', 'cut-after']],
  ])('that loses %s', async (_what, faults) => {
    await start();
    const people = await meeting();
    proxy.faults.push(...faults);
    expect(await signIn(people.guest, people.account)).toMatchObject({ status: 200 });
    await expectMergedOnce(people);
    expect(proxy.faults).toEqual([]);
  });

  describe('that loses a sign-in', () => {
    const ENTRY = 'opened AS (INSERT';
    const sessionsOf = ({ account }: Meeting) =>
      direct.sql('SELECT 1 FROM sessions WHERE user_id = $1', [account.userId]);

    it('on its way back: session and link are there, and the guest goes along later', async () => {
      await start();
      // Twice: a prepared statement is sent with its text, and then without.
      for (let n = 0; n < 2; n += 1) {
        const people = await meeting();
        proxy.onStatement(ENTRY, 'cut-after');
        const answer = await signIn(people.guest, people.account);
        expect(answer.status).toBeGreaterThanOrEqual(500);
        expect(newCookies(answer)).toEqual([]);
        expect(proxy.isSpent).toBe(true);
        expect(await sessionsOf(people)).toHaveLength(2);
        expect(await ledgerOf(direct, people.guest.userId)).toMatchObject([{ status: 'pending' }]);
        await expectWhole(people);
        await direct.sql('UPDATE account_links SET next_attempt_at = now() WHERE guest_id = $1', [
          people.guest.userId,
        ]);
        await expectMergedOnce(people);
      }
      await expectWholePool();
    });

    it('on its way there: nothing has happened', async () => {
      await start();
      for (let n = 0; n < 2; n += 1) {
        const people = await meeting();
        proxy.onStatement(ENTRY, 'cut-before');
        expect((await signIn(people.guest, people.account)).status).toBeGreaterThanOrEqual(500);
        expect(proxy.isSpent).toBe(true);
        expect(await sessionsOf(people)).toHaveLength(1);
        expect(await ledgerOf(direct, people.guest.userId)).toEqual([]);
        await expectWhole(people);
        expect(await signIn(people.guest, people.account)).toMatchObject({ status: 200 });
        await expectMergedOnce(people);
      }
      await expectWholePool();
    });
  });

  it('that swallows the answer of the COMMIT: the sign-in does not wait for it', async () => {
    await start({ budget: '300ms', timeout: '3s' });
    const people = await meeting();
    proxy.faults.push('swallow');
    const before = performance.now();
    const answer = await signIn(people.guest, people.account);
    expect(performance.now() - before).toBeLessThan(2_500);
    expect(answer).toMatchObject({ status: 200, body: { link: { status: 'pending' } } });
    await expectMergedOnce(people);
    await expectWholePool();
  });

  it('that breaks in the middle of a merge, and is back at once', async () => {
    await start();
    const people = await meeting();
    barrier = new Barrier();
    const signingIn = signIn(people.guest, people.account);
    await barrier.reached();
    proxy.cut();
    barrier.open();
    expect(await signingIn).toMatchObject({ status: 200, body: { link: { status: 'pending' } } });
    // When the failure itself could not be written down, the link waits until the lease of the attempt is over.
    await direct.sql('UPDATE account_links SET next_attempt_at = now()');
    await expectMergedOnce(people);
    await expectWholePool();
  });

  it('that is gone in the middle of a merge, and back later', async () => {
    await start();
    const people = await meeting();
    barrier = new Barrier();
    const signingIn = signIn(people.guest, people.account);
    await barrier.reached();
    proxy.down();
    barrier.open();
    expect(await signingIn).toMatchObject({ status: 200, body: { link: { status: 'pending' } } });
    await expectWhole(people);
    proxy.up();
    await direct.sql('UPDATE account_links SET next_attempt_at = now()');
    await expectMergedOnce(people);
    await expectWholePool();
  });
});
