import { expectCleanDatabase } from '../support/checker.js';
import { refusal } from '../support/expectations.js';
import { addNotes, giveWallet, guestWithNotes, NO_RETRY, signIn } from '../support/links.js';
import { bearer, newAccount } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

describe('a merge moves data, never authority', () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ options: { linking: NO_RETRY } });
  });
  afterAll(() => host.close());

  /** Everything that says who the account is and how it gets in, but for when it was last seen. */
  async function authority(userId: string) {
    const [user] = await host.sql<Record<string, unknown>>(
      `SELECT to_jsonb(u) - 'last_seen_at' AS row FROM users u WHERE id = $1`,
      [userId],
    );
    const identities = await host.sql(
      'SELECT to_jsonb(i) AS row FROM identities i WHERE user_id = $1 ORDER BY id',
      [userId],
    );
    return { user, identities };
  }

  const sessionsOf = (userId: string) =>
    host.sql<{ id: string }>('SELECT id FROM sessions WHERE user_id = $1 ORDER BY id', [userId]);

  /** A guest with everything that a guest can have: a name, a picture, rows, and a raised epoch. */
  async function maximalGuest() {
    const guest = await guestWithNotes(host, 'mine');
    await giveWallet(host, guest.userId, 5);
    await host.sql(
      `UPDATE users SET name = 'Guest', image = 'https://guest.example/me.png', email_verified = true WHERE id = $1`,
      [guest.userId],
    );
    return guest;
  }

  it('leaves the user and the identities of the account as they are', async () => {
    const account = await newAccount(host);
    await addNotes(account.client, 'hers');
    const before = await authority(account.userId);
    const guest = await maximalGuest();
    expect(await signIn(guest, account)).toMatchObject({ body: { link: { status: 'merged' } } });
    expect(await authority(account.userId)).toEqual(before);
  });

  it('leaves the sessions of the account as they are, and adds the one of the sign-in', async () => {
    const account = await newAccount(host);
    await signIn({ client: host.browser() }, account);
    const before = await sessionsOf(account.userId);
    const guest = await maximalGuest();
    const { body } = await signIn(guest, account);
    const after = await sessionsOf(account.userId);
    expect(after).toEqual(expect.arrayContaining(before));
    expect(after).toHaveLength(before.length + 1);
    expect(await bearer(host, account.token).get('/access/account')).toMatchObject({ status: 200 });
    const user = body.user as { name: string | null; emailVerified: boolean };
    expect(user).toMatchObject({ name: null, image: null, emailVerified: false });
  });

  it('lets no token of the guest speak for the account', async () => {
    const account = await newAccount(host);
    const guest = await maximalGuest();
    await signIn(guest, account);
    const old = bearer(host, guest.token);
    expect(await old.get('/access/session')).toMatchObject(refusal(401, 'UNAUTHORIZED'));
    expect(await old.get('/access/account')).toMatchObject(refusal(401, 'UNAUTHORIZED'));
    const body = { email: 'new@example.com', password: 'correct horse battery' };
    const upgrade = await old.post('/auth/anonymous/upgrade', body);
    expect(upgrade.status).toBeGreaterThanOrEqual(400);
    expect(upgrade.status).toBeLessThan(500);
    expect(await host.sql('SELECT 1 FROM identities WHERE user_id = $1', [guest.userId])).toEqual(
      [],
    );
  });

  it('leaves a clean database behind', () => expectCleanDatabase(host.databaseUrl));
});
