import { randomUUID } from 'node:crypto';
import { Barrier, eventually } from '../support/barrier.js';
import { expectCleanDatabase } from '../support/checker.js';
import { newCookies, refusal } from '../support/expectations.js';
import { Note } from '../support/host.js';
import type { HttpAnswer } from '../support/http-client.js';
import {
  addNotes,
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
import { MeetingHashing } from '../support/meeting-hashing.js';
import { type AccountHolder, bearer, newAccount, type Person } from '../support/people.js';
import {
  closeRawConnections,
  RawConnection,
  waitingStatements,
} from '../support/raw-connection.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

const upgrade = '/auth/anonymous/upgrade';
const newLogin = () => ({
  email: `${randomUUID()}@example.com`,
  password: 'correct horse battery',
});
/** So that competitors meet in another order each time. */
const jitter = () => new Promise((resolve) => setTimeout(resolve, Math.random() * 20));

describe('a guest that is linked to an account while it becomes one itself', () => {
  const hashing = new MeetingHashing();
  let host: TestApp;
  let second: TestApp;
  let merging: Barrier | undefined;
  let failing: boolean;
  let calls: number;
  const handler = handlerOf(Note, async (context) => {
    calls += 1;
    await merging?.pass();
    if (failing) throw new Error('out of luck');
    await moveNotes(context);
  });
  beforeAll(async () => {
    const options = { linking: NO_RETRY, password: { hash: hashing } };
    host = await createTestApp({ options, providers: [handler] });
    second = await createTestApp({
      options,
      providers: [handler],
      databaseUrl: host.databaseUrl,
    });
  });
  beforeEach(() => {
    calls = 0;
    failing = false;
    merging = hashing.barrier = undefined;
  });
  afterEach(async () => {
    merging?.open();
    hashing.barrier?.open();
    await closeRawConnections();
  });
  afterAll(async () => {
    await second.close();
    await host.close();
  });

  async function meeting() {
    const account = await newAccount(host);
    await addNotes(account.client, 'hers');
    return { account, guest: await guestWithNotes(host, 'mine') };
  }

  /** From another tab of the guest, on the other instance. */
  const signInTo = (account: AccountHolder, guest: Person) =>
    signIn({ client: bearer(second, guest.token) }, account);

  const signInAnew = (login: { email: string; password: string }) =>
    signIn({ client: host.browser() }, login);

  const usersWith = (email: string) =>
    host.sql<{ id: string }>('SELECT id FROM users WHERE email = $1', [email]);

  /** The upgrade has passed its guard and hashes the password when this resolves. */
  async function upgradePastItsGuard({ client }: Person, route: string, login: object) {
    hashing.barrier = new Barrier();
    const answer = client.post(route, login);
    await hashing.barrier.reached();
    return { answer };
  }

  async function expectAllAtTheAccount(account: AccountHolder, guest: Person, linked: HttpAnswer) {
    expect(linked).toMatchObject({ status: 200, body: { link: { status: 'merged' } } });
    expect(await notesOf(host, account.userId)).toEqual(['hers', 'mine']);
    expect(await userExists(host, guest.userId)).toBe(false);
  }

  it('stays by itself when the upgrade is first and the link waits for it', async () => {
    const { account, guest } = await meeting();
    const login = newLogin();
    const raw = await RawConnection.open(host.databaseUrl);
    await raw.query('BEGIN');
    await raw.query('SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE', [guest.userId]);
    const upgrading = guest.client.post(upgrade, login);
    await raw.blocks();
    const linking = signInTo(account, guest);
    await eventually('the merge waits for the guest', async () =>
      (await waitingStatements(host.databaseUrl)).some((sql) => sql.includes('FOR UPDATE')),
    );
    await raw.query('COMMIT');
    const [upgraded, linked] = await Promise.all([upgrading, linking]);
    expect(upgraded).toMatchObject({
      status: 200,
      body: { user: { id: guest.userId, isAnonymous: false } },
    });
    expect({ status: linked.status, link: linked.body.link }).toEqual({ status: 200, link: null });
    expect(calls).toBe(0);
    expect(await ledgerOf(host, guest.userId)).toEqual([]);
    const rows = await host.sql('SELECT is_anonymous, epoch FROM users WHERE id = $1', [
      guest.userId,
    ]);
    expect(rows).toEqual([{ is_anonymous: false, epoch: 1 }]);
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
    expect(await notesOf(host, account.userId)).toEqual(['hers']);
    expect(await guest.client.get('/access/account')).toMatchObject({ status: 200 });
    expect(await signInAnew(login)).toMatchObject({
      status: 200,
      body: { user: { id: guest.userId } },
    });
  });

  describe.each(['held in its handler', 'finished'])('when the merge is %s', (progress) => {
    /** Links the guest, then lets the upgrade that has passed its guard go on, and the merge after that. */
    async function linkBefore(
      upgrading: Promise<HttpAnswer>,
      account: AccountHolder,
      guest: Person,
    ) {
      merging = new Barrier();
      const linking = signInTo(account, guest);
      await merging.reached();
      if (progress === 'finished') {
        merging.open();
        await linking;
      }
      hashing.barrier!.open();
      const answer = await upgrading;
      merging.open();
      return { answer, linked: await linking };
    }

    it('is refused an upgrade that had passed its guard', async () => {
      const { account, guest } = await meeting();
      const login = newLogin();
      const upgrading = await upgradePastItsGuard(guest, upgrade, login);
      const { answer, linked } = await linkBefore(upgrading.answer, account, guest);
      expect(answer).toMatchObject(refusal(409, 'GUEST_MERGED'));
      expect(newCookies(answer)).toEqual([]);
      expect(answer.headers.get('set-auth-token')).toBeNull();
      await expectAllAtTheAccount(account, guest, linked);
      expect(await usersWith(login.email)).toEqual([]);
      expect(await signInAnew(login)).toMatchObject(refusal(401, 'INVALID_EMAIL_OR_PASSWORD'));
    });

    it('signs up as somebody new, who owns nothing, once the sign-up had read its credential', async () => {
      const { account, guest } = await meeting();
      const login = newLogin();
      const upgrading = await upgradePastItsGuard(guest, '/auth/sign-up/email', login);
      const { answer, linked } = await linkBefore(upgrading.answer, account, guest);
      expect(answer).toMatchObject({ status: 200, body: { user: { isAnonymous: false } } });
      const { id } = answer.body.user;
      expect([guest.userId, account.userId]).not.toContain(id);
      expect(await usersWith(login.email)).toEqual([{ id }]);
      expect(await notesOf(host, id)).toEqual([]);
      await expectAllAtTheAccount(account, guest, linked);
    });
  });

  it('is refused an upgrade that comes while the merge is held', async () => {
    const { account, guest } = await meeting();
    merging = new Barrier();
    const linking = signInTo(account, guest);
    await merging.reached();
    const answer = await guest.client.post(upgrade, newLogin());
    merging.open();
    expect(answer).toMatchObject(refusal(401, 'UNAUTHORIZED'));
    await expectAllAtTheAccount(account, guest, await linking);
  });

  it('is refused an upgrade that comes while the link is pending', async () => {
    const { account, guest } = await meeting();
    failing = true;
    expect(await signInTo(account, guest)).toMatchObject({
      status: 200,
      body: { link: { status: 'pending' } },
    });
    expect(await guest.client.post(upgrade, newLogin())).toMatchObject(
      refusal(401, 'UNAUTHORIZED'),
    );
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
    failing = false;
    await reconcile(host);
    expect(await ledgerOf(host, guest.userId)).toMatchObject([{ status: 'merged' }]);
    expect(await notesOf(host, account.userId)).toEqual(['hers', 'mine']);
  });

  it('has one fate in every round, and both halves of it agree', async () => {
    for (let round = 0; round < 50; round += 1) {
      const { account, guest } = await meeting();
      const [upgraded, linked] = await Promise.all([
        jitter().then(() => guest.client.post(upgrade, newLogin())),
        jitter().then(() => signInTo(account, guest)),
      ]);
      const fate = {
        upgrade: upgraded.status,
        signIn: linked.status,
        link: linked.body.link?.status ?? null,
        atTheGuest: await notesOf(host, guest.userId),
        atTheAccount: await notesOf(host, account.userId),
      };
      expect([
        { upgrade: 200, signIn: 200, link: null, atTheGuest: ['mine'], atTheAccount: ['hers'] },
        ...[401, 409].map((status) => ({
          upgrade: status,
          signIn: 200,
          link: 'merged',
          atTheGuest: [],
          atTheAccount: ['hers', 'mine'],
        })),
      ]).toContainEqual(fate);
    }
  }, 60_000);

  it('leaves a clean database behind', () => expectCleanDatabase(host.databaseUrl));
});
