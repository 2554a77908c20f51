import { expectCleanDatabase } from '../support/checker.js';
import { clearedCookies, refusal, rowCounts } from '../support/expectations.js';
import { Note } from '../support/host.js';
import {
  addNotes,
  giveWallet,
  guestWithNotes,
  handlerOf,
  ledgerOf,
  moveNotes,
  NO_RETRY,
  notesOf,
  signIn,
  userExists,
} from '../support/links.js';
import { anotherBrowser, bearer, newAccount, newGuest, newSsoAccount } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

const path = '/auth/delete-user';
const PRAISE = `CREATE TABLE praise (id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id uuid NOT NULL REFERENCES users (id), note_id uuid NOT NULL REFERENCES note (id))`;

describe.each(['express', 'fastify'] as const)('deleting an account on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ adapter, schema: PRAISE, options: { linking: NO_RETRY } });
  });
  afterAll(() => host.close());

  it('removes it with everything it owns, and nothing of others', async () => {
    const other = await newAccount(host);
    await addNotes(other.client, 'theirs');
    const before = await rowCounts(host);
    const account = await newAccount(host);
    const second = await anotherBrowser(host, account);
    await addNotes(account.client, 'one', 'two');
    await giveWallet(host, account.userId, 5);
    const answer = await account.client.post(path, { password: account.password });
    expect(answer).toMatchObject({
      status: 200,
      body: { success: true, message: 'User deleted' },
    });
    expect(clearedCookies(answer)).toEqual(['__Host-session']);
    expect(await rowCounts(host)).toEqual(before);
    for (const { token } of [account, second]) {
      expect(await bearer(host, token).get('/access/session')).toMatchObject(
        refusal(401, 'UNAUTHORIZED'),
      );
    }
    expect(await signIn({ client: host.browser() }, account)).toMatchObject(
      refusal(401, 'INVALID_EMAIL_OR_PASSWORD'),
    );
  });

  it('leaves the address to whoever signs up next, as somebody else', async () => {
    const account = await newAccount(host);
    await account.client.post(path, { password: account.password });
    const next = await newAccount(host, { email: account.email });
    expect(next.userId).not.toBe(account.userId);
  });

  it.each([
    ['the wrong one', { password: 'not the password' }, 'INVALID_PASSWORD'],
    ['none', {}, 'USER_ALREADY_HAS_PASSWORD'],
    ['null', { password: null }, 'USER_ALREADY_HAS_PASSWORD'],
    ['a token', { token: 'from a mail that nobody sent' }, 'INVALID_OR_EXPIRED'],
  ])('needs its password, and %s is not enough', async (_, body, code) => {
    const account = await newAccount(host);
    await addNotes(account.client, 'mine');
    const answer = await account.client.post(path, body);
    expect(answer).toMatchObject(refusal(400, code));
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await notesOf(host, account.userId)).toEqual(['mine']);
    expect(await account.client.get('/access/account')).toMatchObject({ status: 200 });
  });

  it.each([
    { password: '' },
    { password: 7 },
    { password: ['a'] },
    { callbackURL: 'https:evil' },
    { callbackURL: '//evil' },
    { userId: 'somebody' },
  ])('takes nothing else: %j', async (extra) => {
    const account = await newAccount(host);
    const answer = await account.client.post(path, { password: account.password, ...extra });
    expect(answer).toMatchObject(refusal(400, 'VALIDATION_FAILED'));
    expect(await userExists(host, account.userId)).toBe(true);
  });

  it('takes where a page goes next, and leaves that to the page', async () => {
    const account = await newAccount(host);
    const body = { password: account.password, callbackURL: '/bye' };
    expect(await account.client.post(path, body)).toMatchObject({ status: 200 });
  });

  it('needs a sign-in of the last day from an account without a password', async () => {
    const { client, userId } = await newSsoAccount(host);
    expect(await client.post(path, { password: 'none at all' })).toMatchObject(
      refusal(400, 'CREDENTIAL_ACCOUNT_NOT_FOUND'),
    );
    const age = (hours: number) =>
      host.sql(
        `UPDATE sessions SET created_at = now() - $2 * interval '1 hour' WHERE user_id = $1`,
        [userId, hours],
      );
    await age(25);
    expect(await client.post(path, {})).toMatchObject(refusal(400, 'SESSION_EXPIRED'));
    expect(await userExists(host, userId)).toBe(true);
    await age(23);
    expect(await client.post(path, {})).toMatchObject({ status: 200 });
    expect(await userExists(host, userId)).toBe(false);
  });

  it('is refused as a whole while a row of somebody else refers to one of the account', async () => {
    const [account, stranger] = [await newAccount(host), await newGuest(host)];
    const { body: note } = await account.client.post('/notes', { text: 'praised' });
    await host.sql('INSERT INTO praise (user_id, note_id) VALUES ($1, $2)', [
      stranger.userId,
      note.id,
    ]);
    const before = await rowCounts(host);
    const { client, password } = account;
    expect(await client.post(path, { password })).toMatchObject(
      refusal(409, 'USER_HAS_DEPENDENTS'),
    );
    expect(await rowCounts(host)).toEqual(before);
    expect(await client.get('/access/account')).toMatchObject({ status: 200 });
    await host.sql('DELETE FROM praise WHERE note_id = $1', [note.id]);
    expect(await client.post(path, { password })).toMatchObject({ status: 200 });
  });

  it('keeps the ledger of merges, with nobody for an account', async () => {
    const account = await newAccount(host);
    const guest = await guestWithNotes(host, 'merged');
    await signIn(guest, account);
    await guest.client.post(path, { password: account.password });
    expect(await ledgerOf(host, guest.userId)).toMatchObject([
      { status: 'merged', account_id: null, receipt: { tables: { note: { moved: 1 } } } },
    ]);
    expect(await notesOf(host, account.userId)).toEqual([]);
  });

  it('leaves a clean database behind', () => expectCleanDatabase(host.databaseUrl));
});

describe('an account that goes while guests wait for it', () => {
  let failing = true;
  const discarded: string[] = [];
  const handler = handlerOf(Note, async (context) => {
    if (failing) throw new Error('out of luck');
    await moveNotes(context);
  });
  handler.prototype.discard = async ({ guest }: { guest: { id: string } }) => {
    discarded.push(guest.id);
  };
  let host: TestApp;
  let asking: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ providers: [handler], options: { linking: NO_RETRY } });
    asking = await createTestApp({
      databaseUrl: host.databaseUrl,
      providers: [handler],
      options: { linking: { ...NO_RETRY, policy: 'ask' } },
    });
  });
  beforeEach(() => {
    failing = true;
  });
  afterAll(async () => {
    await asking.close();
    await host.close();
  });

  it.each([
    ['pending', () => host],
    ['awaiting-consent', () => asking],
  ] as const)('leaves a guest whose link is %s as it was, alive', async (status, instance) => {
    const account = await newAccount(host);
    const guest = await guestWithNotes(instance(), 'mine');
    const { body } = await signIn(guest, account);
    expect(body.link).toMatchObject({ status });
    expect(await account.client.post(path, { password: account.password })).toMatchObject({
      status: 200,
    });
    expect(await ledgerOf(host, guest.userId)).toEqual([]);
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
    expect(await bearer(host, guest.token).get('/access/guest')).toMatchObject({ status: 200 });
    failing = false;
    const next = await newAccount(host);
    const again = bearer(host, guest.token);
    expect(
      await again.post('/auth/sign-in/email', { email: next.email, password: next.password }),
    ).toMatchObject({ body: { link: { status: 'merged' } } });
    expect(await notesOf(host, next.userId)).toEqual(['mine']);
  });

  it('lets the handlers of the host discard what no foreign key leads to', async () => {
    const account = await newAccount(host);
    await account.client.post(path, { password: account.password });
    expect(discarded).toContain(account.userId);
  });

  it('leaves a clean database behind', () => expectCleanDatabase(host.databaseUrl));
});
