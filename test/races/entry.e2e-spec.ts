import { randomUUID } from 'node:crypto';
import { newCookies, refusal } from '../support/expectations.js';
import {
  addNotes,
  guestWithNotes,
  ledgerOf,
  NO_RETRY,
  notesOf,
  signIn,
  userExists,
} from '../support/links.js';
import {
  type AccountHolder,
  anotherBrowser,
  bearer,
  newAccount,
  type Person,
} from '../support/people.js';
import { closeRawConnections, RawConnection } from '../support/raw-connection.js';
import { closeApps, startApp, startBeside } from '../support/running-apps.js';
import type { TestApp } from '../support/test-app.js';

/** The sign-in is one statement, which looks at everything when it begins, and then may wait. */
describe.each([
  ['', {}],
  [
    ', where the host has everything serializable',
    { options: '-c default_transaction_isolation=serializable' },
  ],
])('what happens while a sign-in waits for its account%s', (_where, driver) => {
  let host: TestApp;
  let raw: RawConnection;
  let account: AccountHolder;
  let guest: Person;
  beforeEach(async () => {
    host = await startApp({ options: { linking: NO_RETRY }, driver });
    account = await newAccount(host);
    await addNotes(account.client, 'hers');
    guest = await guestWithNotes(host, 'mine');
    raw = await RawConnection.open(host.databaseUrl);
    await raw.query('BEGIN');
  });
  afterEach(async () => {
    await closeRawConnections();
    await closeApps();
  });

  const holdAccount = () =>
    raw.query('SELECT 1 FROM users WHERE id = $1 FOR UPDATE', [account.userId]);

  /** From another tab of the guest. */
  const otherTab = () => bearer(host, guest.token);

  /** What the guest's sign-in answers when it has waited for somebody who does this. */
  async function signInDuring(meanwhile: () => Promise<unknown>) {
    const answer = signIn(guest, account);
    await raw.blocks();
    await meanwhile();
    await raw.query('COMMIT');
    return answer;
  }

  const sessionsOf = (userId: string) =>
    host.sql('SELECT 1 FROM sessions WHERE user_id = $1', [userId]);

  async function expectNothingDone(): Promise<void> {
    expect(await ledgerOf(host, guest.userId)).toEqual([]);
    expect((await guest.client.get('/notes')).body).toMatchObject([{ text: 'mine' }]);
  }

  it('nothing: the guest goes along', async () => {
    await holdAccount();
    const answer = await signInDuring(async () => undefined);
    expect(answer).toMatchObject({ status: 200, body: { link: { status: 'merged' } } });
    expect(await notesOf(host, account.userId)).toEqual(['hers', 'mine']);
  });

  it('the guest becomes an account: it stays by itself', async () => {
    await holdAccount();
    const login = { email: `${randomUUID()}@example.com`, password: 'correct horse battery' };
    const answer = await signInDuring(async () => {
      expect(await otherTab().post('/auth/anonymous/upgrade', login)).toMatchObject({
        status: 200,
      });
    });
    expect(answer).toMatchObject({
      status: 200,
      body: { user: { id: account.userId }, link: null },
    });
    expect(await ledgerOf(host, guest.userId)).toEqual([]);
    expect(await notesOf(host, account.userId)).toEqual(['hers']);
    const own = await anotherBrowser(host, login);
    expect(own.userId).toBe(guest.userId);
    expect((await own.client.get('/notes')).body).toMatchObject([{ text: 'mine' }]);
  });

  it('the guest becomes an account, and the host asks before it merges: nobody is asked', async () => {
    const options = { linking: { ...NO_RETRY, policy: 'ask' as const } };
    const asking = await startBeside(host, { options, driver });
    await holdAccount();
    const signingIn = signIn({ client: bearer(asking, guest.token) }, account);
    await raw.blocks();
    const login = { email: `${randomUUID()}@example.com`, password: 'correct horse battery' };
    expect(await otherTab().post('/auth/anonymous/upgrade', login)).toMatchObject({ status: 200 });
    await raw.query('COMMIT');
    expect(await signingIn).toMatchObject({ status: 200, body: { link: null } });
    expect(await ledgerOf(host, guest.userId)).toEqual([]);
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
  });

  it('the guest goes to another account: that one keeps it', async () => {
    await holdAccount();
    const other = await newAccount(host);
    const answer = await signInDuring(async () => {
      expect(await signIn({ client: otherTab() }, other)).toMatchObject({
        body: { link: { status: 'merged' } },
      });
    });
    expect(answer).toMatchObject({
      status: 200,
      body: { user: { id: account.userId }, link: null },
    });
    expect(await ledgerOf(host, guest.userId)).toMatchObject([
      { account_id: other.userId, status: 'merged' },
    ]);
    expect(await notesOf(host, other.userId)).toEqual(['mine']);
    expect(await notesOf(host, account.userId)).toEqual(['hers']);
  });

  it('the guest is deleted: there is nothing to link', async () => {
    await holdAccount();
    const answer = await signInDuring(async () => {
      expect(await otherTab().delete('/auth/anonymous')).toMatchObject({ status: 200 });
    });
    expect(answer).toMatchObject({ status: 200, body: { link: null } });
    expect(await ledgerOf(host, guest.userId)).toEqual([]);
    expect(await userExists(host, guest.userId)).toBe(false);
  });

  it('the password becomes another: nobody comes in with the old one', async () => {
    const before = await sessionsOf(account.userId);
    await raw.query(`UPDATE identities SET secret_hash = 'another' WHERE user_id = $1`, [
      account.userId,
    ]);
    const answer = await signInDuring(async () => undefined);
    expect(answer).toMatchObject(refusal(401, 'INVALID_EMAIL_OR_PASSWORD'));
    expect(newCookies(answer)).toEqual([]);
    expect(await sessionsOf(account.userId)).toEqual(before);
    await expectNothingDone();
  });

  it('the account is signed out everywhere: nobody comes in with an older proof', async () => {
    await holdAccount();
    const answer = await signInDuring(async () => {
      await raw.query('UPDATE users SET epoch = epoch + 1 WHERE id = $1', [account.userId]);
      await raw.query('DELETE FROM sessions WHERE user_id = $1', [account.userId]);
    });
    expect(answer).toMatchObject(refusal(401, 'INVALID_EMAIL_OR_PASSWORD'));
    expect(await sessionsOf(account.userId)).toEqual([]);
    await expectNothingDone();
  });

  it('the account changes its name: the answer has the new one', async () => {
    await holdAccount();
    const answer = await signInDuring(() =>
      raw.query(`UPDATE users SET name = 'Ada' WHERE id = $1`, [account.userId]),
    );
    expect(answer).toMatchObject({
      status: 200,
      body: { user: { name: 'Ada' }, link: { status: 'merged' } },
    });
  });

  it('the account is deleted: nobody comes in', async () => {
    await raw.query('DELETE FROM note WHERE user_id = $1', [account.userId]);
    await raw.query('DELETE FROM users WHERE id = $1', [account.userId]);
    const answer = await signInDuring(async () => undefined);
    expect(answer).toMatchObject(refusal(401, 'INVALID_EMAIL_OR_PASSWORD'));
    expect(await sessionsOf(account.userId)).toEqual([]);
    await expectNothingDone();
  });

  it('somebody answers a link of the guest that is in its way, and takes too long: it is refused, and leaves no session', async () => {
    const other = await newAccount(host);
    await host.sql(
      `INSERT INTO account_links (id, guest_id, account_id, status, policy, next_attempt_at)
       VALUES ($1, $2, $3, 'awaiting-consent', 'both-sides', now() + interval '1 day')`,
      [randomUUID(), guest.userId, other.userId],
    );
    await raw.query('SELECT 1 FROM account_links WHERE guest_id = $1 FOR UPDATE', [guest.userId]);
    const before = await sessionsOf(account.userId);
    expect(await signIn(guest, account)).toMatchObject(refusal(503, 'TEMPORARILY_UNAVAILABLE'));
    expect(await sessionsOf(account.userId)).toEqual(before);
    await raw.query('COMMIT');
    expect(await signIn(guest, account)).toMatchObject({ body: { link: { status: 'merged' } } });
    expect(await ledgerOf(host, guest.userId)).toMatchObject([{ account_id: account.userId }]);
  });

  it('the same guest signs in to another account, which waits as well: it goes to one of them', async () => {
    const other = await newAccount(host);
    await raw.query('SELECT 1 FROM users WHERE id = ANY ($1) FOR UPDATE', [
      [account.userId, other.userId],
    ]);
    const answers = [signIn(guest, account), signIn({ client: otherTab() }, other)];
    await raw.blocks(2);
    await raw.query('COMMIT');
    const [first, second] = await Promise.all(answers);
    expect([first!.status, second!.status]).toEqual([200, 200]);
    const statuses = [first!.body.link?.status, second!.body.link?.status];
    expect(statuses).toEqual(expect.arrayContaining(['merged', undefined]));
    const [winner, loser] = first!.body.link ? [account, other] : [other, account];
    expect(await ledgerOf(host, guest.userId)).toMatchObject([
      { account_id: winner.userId, status: 'merged' },
    ]);
    expect(await notesOf(host, winner.userId)).toContain('mine');
    expect(await notesOf(host, loser.userId)).not.toContain('mine');
  });

  it('the same guest signs in to the same account: both tell of one link', async () => {
    await holdAccount();
    const answers = [signIn(guest, account), signIn({ client: otherTab() }, account)];
    await raw.blocks(2);
    await raw.query('COMMIT');
    const [first, second] = await Promise.all(answers);
    expect(first!.body.link.id).toBe(second!.body.link.id);
    expect(await ledgerOf(host, guest.userId)).toMatchObject([{ status: 'merged' }]);
    expect(await notesOf(host, account.userId)).toEqual(['hers', 'mine']);
  });
});
