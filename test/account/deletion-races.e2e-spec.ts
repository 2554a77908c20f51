import { Barrier, eventually } from '../support/barrier.js';
import { expectCleanDatabase } from '../support/checker.js';
import { refusal } from '../support/expectations.js';
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
import { type AccountHolder, bearer, newAccount } from '../support/people.js';
import {
  closeRawConnections,
  RawConnection,
  waitingStatements,
} from '../support/raw-connection.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

describe('a deletion of an account that meets something else', () => {
  const hashing = new MeetingHashing();
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
    const providers = [handler];
    host = await createTestApp({ options, providers });
    second = await createTestApp({ options, providers, databaseUrl: host.databaseUrl });
  });
  beforeEach(() => {
    failing = false;
  });
  afterEach(async () => {
    for (const barrier of [merging, discarding, hashing.checking]) barrier?.open();
    merging = discarding = hashing.checking = undefined;
    await closeRawConnections();
    await expectCleanDatabase(host.databaseUrl);
  });
  afterAll(async () => {
    await second.close();
    await host.close();
  });

  const erase = ({ client, password }: AccountHolder) =>
    client.post('/auth/delete-user', { password });
  const someWait = (pattern: RegExp) =>
    eventually(`somebody waits: ${pattern}`, async () =>
      (await waitingStatements(host.databaseUrl)).some((sql) => pattern.test(sql)),
    );

  it('happens once, asked twice', async () => {
    const account = await newAccount(host);
    hashing.checking = new Barrier();
    const asked = [host, second].map((on) =>
      bearer(on, account.token).post('/auth/delete-user', { password: account.password }),
    );
    await hashing.checking.reached(2);
    hashing.checking.open();
    const answers = await Promise.all(asked);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(await userExists(host, account.userId)).toBe(false);
  });

  it('signs nobody in any more', async () => {
    const account = await newAccount(host);
    discarding = new Barrier();
    const deletion = erase(account);
    await discarding.reached();
    const late = signIn({ client: second.browser() }, account);
    await someWait(/FOR KEY SHARE OF u/);
    discarding.open();
    expect(await deletion).toMatchObject({ status: 200 });
    expect(await late).toMatchObject(refusal(401, 'INVALID_EMAIL_OR_PASSWORD'));
    expect((await late).headers.getSetCookie()).toEqual([]);
  });

  it('lets nothing be written for the account any more, and says why', async () => {
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

  it('takes along what was written before it began, however late that is committed', async () => {
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

  it('leaves a guest whole that is about to be merged into the account', async () => {
    const account = await newAccount(host);
    const guest = await guestWithNotes(host, 'mine');
    failing = true;
    expect((await signIn(guest, account)).body.link).toMatchObject({ status: 'pending' });
    failing = false;
    discarding = new Barrier();
    const deletion = erase(account);
    await discarding.reached();
    const merge = reconcile(second);
    await someWait(/NOT u\."is_anonymous" .*FOR NO KEY UPDATE\)/);
    discarding.open();
    expect(await deletion).toMatchObject({ status: 200 });
    await merge;
    expect(await ledgerOf(host, guest.userId)).toEqual([]);
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
    expect(await bearer(host, guest.token).get('/access/guest')).toMatchObject({ status: 200 });
  });

  it('takes along what a merge has brought that was faster', async () => {
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

  it('gives way to a merge that takes its time, as a new password does, and changes nothing then', async () => {
    const account = await newAccount(host);
    const guest = await guestWithNotes(host, 'mine');
    merging = new Barrier();
    const merge = signIn(guest, account);
    await merging.reached();
    expect(await erase(account)).toMatchObject(refusal(503, 'TEMPORARILY_UNAVAILABLE'));
    const change = { currentPassword: account.password, newPassword: 'a newer password' };
    expect(await bearer(second, account.token).post('/auth/change-password', change)).toMatchObject(
      refusal(503, 'TEMPORARILY_UNAVAILABLE'),
    );
    merging.open();
    expect((await merge).body.link).toMatchObject({ status: 'merged' });
    expect(await signIn({ client: host.browser() }, account)).toMatchObject({ status: 200 });
  });
});
