import { Barrier, eventually } from '../support/barrier.js';
import { expectCleanDatabase } from '../support/checker.js';
import { Wallet } from '../support/host.js';
import {
  creditsOf,
  giveWallet,
  guestWithNotes,
  handlerOf,
  ledgerOf,
  NO_RETRY,
  notesOf,
  reconcile,
  signIn,
  WalletMergeHandler,
} from '../support/links.js';
import { bearer, newAccount } from '../support/people.js';
import {
  closeRawConnections,
  RawConnection,
  waitingStatements,
} from '../support/raw-connection.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

describe('one guest that is linked twice at once', () => {
  let host: TestApp;
  let second: TestApp;
  let merging: Barrier | undefined;
  let merges = 0;
  const wallets = new WalletMergeHandler();
  const handler = handlerOf(Wallet, async (context) => {
    merges += 1;
    await merging?.pass();
    return wallets.merge(context);
  });
  beforeAll(async () => {
    const settings = {
      options: { linking: { ...NO_RETRY, budget: '4s' as const } },
      providers: [handler],
    };
    host = await createTestApp(settings);
    second = await createTestApp({ ...settings, databaseUrl: host.databaseUrl });
  });
  beforeEach(() => {
    merges = 0;
    merging = new Barrier();
  });
  afterEach(async () => {
    merging?.open();
    await closeRawConnections();
  });
  afterAll(async () => {
    await second.close();
    await host.close();
  });

  async function meeting() {
    const account = await newAccount(host);
    await giveWallet(host, account.userId, 50);
    const guest = await guestWithNotes(host, 'mine');
    await giveWallet(host, guest.userId, 100);
    return { account, guest };
  }

  it('to one account, on two instances, is merged by one while the other waits', async () => {
    const { account, guest } = await meeting();
    const first = signIn({ client: bearer(host, guest.token) }, account);
    await merging!.reached();
    const other = signIn({ client: bearer(second, guest.token) }, account);
    await eventually('the second merge waits', async () =>
      (await waitingStatements(host.databaseUrl)).some((sql) => sql.includes('FOR UPDATE')),
    );
    merging!.open();
    const answers = await Promise.all([first, other]);
    expect(answers.map(({ status, body }) => [status, body.link.status])).toEqual([
      [200, 'merged'],
      [200, 'merged'],
    ]);
    expect(answers[1].body.link).toEqual(answers[0].body.link);
    expect(merges).toBe(1);
    expect(await creditsOf(host, account.userId)).toEqual([150]);
    expect(await notesOf(host, account.userId)).toEqual(['mine']);
  });

  it('to two accounts goes to the first; the second is signed in with link null', async () => {
    const { account, guest } = await meeting();
    const other = await newAccount(host);
    const first = signIn({ client: bearer(host, guest.token) }, account);
    await merging!.reached();
    const answer = await signIn({ client: bearer(second, guest.token) }, other);
    expect({ status: answer.status, link: answer.body.link }).toEqual({ status: 200, link: null });
    merging!.open();
    expect(await first).toMatchObject({ status: 200, body: { link: { status: 'merged' } } });
    expect(await ledgerOf(host, guest.userId)).toMatchObject([{ account_id: account.userId }]);
    expect(await creditsOf(host, account.userId)).toEqual([150]);
    expect(await notesOf(host, other.userId)).toEqual([]);
    expect(await creditsOf(host, other.userId)).toEqual([]);
  });

  it('to two accounts is never split between them, whoever comes first', async () => {
    merging = undefined;
    for (let round = 0; round < 10; round += 1) {
      const accounts = [await newAccount(host), await newAccount(host)];
      const guest = await guestWithNotes(host, 'a', 'b');
      await giveWallet(host, guest.userId, 100);
      const answers = await Promise.all(
        accounts.map((account, n) =>
          signIn({ client: bearer(n ? second : host, guest.token) }, account),
        ),
      );
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      const winner = answers.findIndex(({ body }) => body.link !== null);
      expect(answers[winner]!.body.link.status).toBe('merged');
      expect(answers[1 - winner]!.body.link).toBeNull();
      expect(await notesOf(host, accounts[winner]!.userId)).toEqual(['a', 'b']);
      expect(await creditsOf(host, accounts[winner]!.userId)).toEqual([100]);
      expect(await notesOf(host, accounts[1 - winner]!.userId)).toEqual([]);
    }
  });

  const RECORD = `INSERT INTO account_links (id, guest_id, account_id, status, policy, next_attempt_at)
    VALUES (gen_random_uuid(), $1, $2, $3, 'merge', now())`;

  it.each(['COMMIT', 'ROLLBACK'])(
    'waits for the sign-in that is recording another link, which ends with %s',
    async (end) => {
      merging = undefined;
      const { account, guest } = await meeting();
      const other = await newAccount(host);
      const raw = await RawConnection.open(host.databaseUrl);
      await raw.query('BEGIN');
      await raw.query(RECORD, [guest.userId, other.userId, 'pending']);
      const signingIn = signIn({ client: bearer(host, guest.token) }, account);
      await raw.blocks();
      await raw.query(end);
      const { status, body } = await signingIn;
      expect(status).toBe(200);
      if (end === 'COMMIT') {
        expect(body.link).toBeNull();
        expect(merges).toBe(0);
        await reconcile(host);
      } else {
        expect(body.link).toMatchObject({ status: 'merged' });
      }
      const owner = end === 'COMMIT' ? other : account;
      expect(await ledgerOf(host, guest.userId)).toMatchObject([
        { account_id: owner.userId, status: 'merged' },
      ]);
      expect(await notesOf(host, owner.userId)).toEqual(['mine']);
      expect(merges).toBe(1);
    },
  );

  it('is signed in, and not merged, when it keeps its rows from this account', async () => {
    const { account, guest } = await meeting();
    await host.sql(RECORD, [guest.userId, account.userId, 'kept']);
    const { status, body } = await signIn({ client: bearer(host, guest.token) }, account);
    expect({ status, user: body.user?.id, link: body.link?.status }).toEqual({
      status: 200,
      user: account.userId,
      link: 'kept',
    });
    expect(merges).toBe(0);
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
    expect(await bearer(host, guest.token).get('/access/guest')).toMatchObject({ status: 200 });
  });

  it('leaves a clean database behind', () => expectCleanDatabase(host.databaseUrl));
});
