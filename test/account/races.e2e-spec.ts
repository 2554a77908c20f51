import { Clock } from '../../src/index.js';
import { Barrier, eventually } from '../support/barrier.js';
import { expectCleanDatabase } from '../support/checker.js';
import { newCookies, refusal } from '../support/expectations.js';
import { Note } from '../support/host.js';
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
import { anotherBrowser, bearer, newAccount, type AccountHolder } from '../support/people.js';
import {
  closeRawConnections,
  RawConnection,
  waitingStatements,
} from '../support/raw-connection.js';
import { createTestApp, type TestApp } from '../support/test-app.js';
import { TestClock } from '../support/test-clock.js';

describe('two things that happen to an account at once', () => {
  const hashing = new MeetingHashing();
  const clock = new TestClock();
  let host: TestApp;
  let second: TestApp;
  let merging: Barrier | undefined;
  let discarding: Barrier | undefined;
  let failing: boolean;
  const handler = handlerOf(Note, async (context) => {
    await merging?.pass();
    if (failing) throw new Error('out of luck');
    await moveNotes(context);
  });
  handler.prototype.discard = async () => {
    await discarding?.pass();
  };
  beforeAll(async () => {
    const options = { linking: NO_RETRY, password: { hash: hashing } };
    const overrides = [{ token: Clock, value: clock }];
    host = await createTestApp({ options, overrides, providers: [handler] });
    second = await createTestApp({
      options,
      providers: [handler],
      databaseUrl: host.databaseUrl,
    });
  });
  beforeEach(() => {
    failing = false;
  });
  afterEach(async () => {
    for (const barrier of [merging, discarding, hashing.barrier, hashing.checking]) barrier?.open();
    merging = discarding = hashing.barrier = hashing.checking = undefined;
    clock.reset();
    await closeRawConnections();
    await expectCleanDatabase(host.databaseUrl);
  });
  afterAll(async () => {
    await second.close();
    await host.close();
  });

  const change = (
    on: TestApp,
    { token, password }: AccountHolder,
    newPassword: string,
    revokeOtherSessions = false,
  ) =>
    bearer(on, token).post('/auth/change-password', {
      currentPassword: password,
      newPassword,
      revokeOtherSessions,
    });
  const tryWith = async ({ email }: AccountHolder, password: string) =>
    (await signIn({ client: host.browser() }, { email, password })).status;
  const erase = ({ client, password }: AccountHolder) =>
    client.post('/auth/delete-user', { password });
  const someWait = (pattern: RegExp) =>
    eventually(`somebody waits: ${pattern}`, async () =>
      (await waitingStatements(host.databaseUrl)).some((sql) => pattern.test(sql)),
    );

  it.each([false, true])(
    'let one of two new passwords win, others signed out: %s',
    async (revoke) => {
      const account = await newAccount(host);
      hashing.barrier = new Barrier();
      const passwords = ['the first of them', 'the second of them'];
      const changes = [
        change(host, account, passwords[0]!, revoke),
        change(second, account, passwords[1]!, revoke),
      ];
      await hashing.barrier.reached(2);
      hashing.barrier.open();
      const answers = await Promise.all(changes);
      const winner = answers.findIndex(({ status }) => status === 200);
      expect(answers[1 - winner]).toMatchObject(
        revoke ? refusal(401, 'UNAUTHORIZED') : refusal(400, 'INVALID_PASSWORD'),
      );
      expect(await tryWith(account, passwords[winner]!)).toBe(200);
      expect(await tryWith(account, passwords[1 - winner]!)).toBe(401);
      expect(await tryWith(account, account.password)).toBe(401);
    },
  );

  it.each([false, true])(
    'let nobody in by a password that was checked before it changed, others signed out: %s',
    async (revoke) => {
      const account = await newAccount(host);
      hashing.checking = new Barrier();
      const late = signIn({ client: host.browser() }, account);
      await hashing.checking.reached();
      const { checking } = hashing;
      hashing.checking = undefined;
      expect(await change(second, account, 'a newer password', revoke)).toMatchObject({
        status: 200,
      });
      checking.open();
      expect(await late).toMatchObject(refusal(401, 'INVALID_EMAIL_OR_PASSWORD'));
    },
  );

  it('leave no session behind of sign-ins that race a change which ends them', async () => {
    const account = await newAccount(host);
    const rush = Array.from({ length: 12 }, () => signIn({ client: host.browser() }, account));
    const changed = await change(second, account, 'a newer password', true);
    const answers = await Promise.all(rush);
    expect(changed).toMatchObject({ status: 200 });
    for (const { body } of answers.filter(({ status }) => status === 200)) {
      expect(await bearer(host, body.token).post('/access/write')).toMatchObject(
        refusal(401, 'UNAUTHORIZED'),
      );
    }
    const left = await host.sql('SELECT 1 FROM sessions WHERE user_id = $1', [account.userId]);
    expect(left).toHaveLength(1);
  });

  it('change no password for a session that was ended while it was hashed', async () => {
    const account = await newAccount(host);
    const other = await anotherBrowser(host, account);
    hashing.barrier = new Barrier();
    const late = change(host, account, 'a newer password');
    await hashing.barrier.reached();
    expect(await other.client.post('/auth/revoke-other-sessions', {})).toMatchObject({
      status: 200,
    });
    hashing.barrier.open();
    expect(await late).toMatchObject(refusal(401, 'UNAUTHORIZED'));
    expect(await tryWith(account, account.password)).toBe(200);
  });

  it('renew no session that is being ended, and hand out no cookie of it', async () => {
    const account = await newAccount(host);
    const ending = await RawConnection.open(host.databaseUrl);
    await ending.query('BEGIN');
    await ending.query('DELETE FROM sessions WHERE user_id = $1', [account.userId]);
    clock.advance({ days: 16 });
    const renewal = account.client.get('/access/account');
    await ending.blocks();
    await ending.query('COMMIT');
    expect((await renewal).status).toBe(200);
    expect(newCookies(await renewal)).toEqual([]);
    expect((await renewal).headers.get('set-auth-token')).toBeNull();
    clock.reset();
    expect(await account.client.get('/access/account')).toMatchObject(refusal(401, 'UNAUTHORIZED'));
  });

  it('delete an account once, asked twice', async () => {
    const account = await newAccount(host);
    hashing.checking = new Barrier();
    const asked = [host, second].map((on) =>
      bearer(on, account.token).post('/auth/delete-user', { password: account.password }),
    );
    await hashing.checking.reached(2);
    hashing.checking.open();
    const answers = await Promise.all(asked);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 401]);
    expect(await userExists(host, account.userId)).toBe(false);
  });

  it('sign nobody in to an account that is being deleted', async () => {
    const account = await newAccount(host);
    discarding = new Barrier();
    const deletion = erase(account);
    await discarding.reached();
    const late = signIn({ client: second.browser() }, account);
    await someWait(/FOR KEY SHARE$/);
    discarding.open();
    expect(await deletion).toMatchObject({ status: 200 });
    expect(await late).toMatchObject(refusal(401, 'INVALID_EMAIL_OR_PASSWORD'));
    expect((await late).headers.getSetCookie()).toEqual([]);
  });

  it('write nothing for an account that is being deleted, and say why', async () => {
    const account = await newAccount(host);
    discarding = new Barrier();
    const deletion = erase(account);
    await discarding.reached();
    const late = bearer(second, account.token).post('/notes', { text: 'late' });
    await someWait(/INSERT INTO note/);
    discarding.open();
    expect(await deletion).toMatchObject({ status: 200 });
    expect(await late).toMatchObject(refusal(401, 'UNAUTHORIZED'));
  });

  it('delete what was written before the deletion began, however late it is committed', async () => {
    const account = await newAccount(host);
    const writer = await RawConnection.open(host.databaseUrl);
    await writer.query('BEGIN');
    await writer.query(`INSERT INTO note (user_id, text) VALUES ($1, 'in flight')`, [
      account.userId,
    ]);
    const deletion = erase(account);
    await writer.blocks();
    await writer.query('COMMIT');
    expect(await deletion).toMatchObject({ status: 200 });
    expect(await notesOf(host, account.userId)).toEqual([]);
  });

  it('leave a guest whole whose account goes while it is merged into it', async () => {
    const account = await newAccount(host);
    const guest = await guestWithNotes(host, 'mine');
    failing = true;
    expect((await signIn(guest, account)).body.link).toMatchObject({ status: 'pending' });
    failing = false;
    discarding = new Barrier();
    const deletion = erase(account);
    await discarding.reached();
    const merge = reconcile(second);
    await someWait(/NOT u\."is_anonymous" .*FOR NO KEY UPDATE$/);
    discarding.open();
    expect(await deletion).toMatchObject({ status: 200 });
    await merge;
    expect(await ledgerOf(host, guest.userId)).toEqual([]);
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
    expect(await bearer(host, guest.token).get('/access/guest')).toMatchObject({ status: 200 });
  });

  it('delete what a merge has brought that was faster', async () => {
    const account = await newAccount(host);
    await addNotes(account.client, 'hers');
    const guest = await guestWithNotes(host, 'mine');
    merging = new Barrier();
    const merge = signIn(guest, account);
    await merging.reached();
    const deletion = erase(account);
    await someWait(/FOR UPDATE OF u FOR KEY SHARE OF s/);
    merging.open();
    expect((await merge).body.link).toMatchObject({ status: 'merged' });
    expect(await deletion).toMatchObject({ status: 200 });
    expect(await notesOf(host, account.userId)).toEqual([]);
    expect(await userExists(host, guest.userId)).toBe(false);
  });

  it('give way to a merge that takes its time, and change nothing then', async () => {
    const account = await newAccount(host);
    const guest = await guestWithNotes(host, 'mine');
    merging = new Barrier();
    const merge = signIn(guest, account);
    await merging.reached();
    expect(await erase(account)).toMatchObject(refusal(503, 'TEMPORARILY_UNAVAILABLE'));
    expect(await change(second, account, 'a newer password')).toMatchObject(
      refusal(503, 'TEMPORARILY_UNAVAILABLE'),
    );
    merging.open();
    expect((await merge).body.link).toMatchObject({ status: 'merged' });
    expect(await tryWith(account, account.password)).toBe(200);
  });
});
