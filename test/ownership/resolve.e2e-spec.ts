import { randomUUID } from 'node:crypto';
import { LinkingService } from '../../src/index.js';
import { guestWithNotes, NO_RETRY, signIn } from '../support/links.js';
import { newAccount, newGuest } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

describe('an id that was handed out', () => {
  let host: TestApp;
  const resolve = (userId: string) => host.app.get(LinkingService).resolve(userId);

  beforeAll(async () => {
    host = await createTestApp({ options: { linking: NO_RETRY } });
  });
  afterAll(() => host.close());

  it('stands for the account that its guest was merged into', async () => {
    const [account, first, second] = [
      await newAccount(host),
      await guestWithNotes(host, 'one'),
      await newGuest(host),
    ];
    for (const guest of [first, second]) await signIn(guest, account);
    expect(await resolve(first.userId)).toBe(account.userId);
    expect(await resolve(second.userId)).toBe(account.userId);
    expect(await resolve(account.userId)).toBe(account.userId);
  });

  it('stands for itself while its guest lives, and after it has become an account', async () => {
    const guest = await newGuest(host);
    expect(await resolve(guest.userId)).toBe(guest.userId);
    const email = `${randomUUID()}@example.com`;
    const body = { email, password: 'correct horse battery' };
    expect(await guest.client.post('/auth/anonymous/upgrade', body)).toMatchObject({ status: 200 });
    expect(await resolve(guest.userId)).toBe(guest.userId);
  });

  it('stands for itself while the merge has not been done', async () => {
    const [account, guest] = [await newAccount(host), await guestWithNotes(host, 'one')];
    await host.sql(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
      CREATE TRIGGER refuse BEFORE UPDATE ON note FOR EACH ROW EXECUTE FUNCTION refuse()`);
    expect(await signIn(guest, account)).toMatchObject({ body: { link: { status: 'pending' } } });
    expect(await resolve(guest.userId)).toBe(guest.userId);
    await host.sql('DROP FUNCTION refuse CASCADE');
  });

  it('leads through several merges to the one that is left', async () => {
    const [last, account, guest] = [
      await newAccount(host),
      await newAccount(host),
      await newGuest(host),
    ];
    await signIn(guest, account);
    // As a host does that joins two accounts by its own means and keeps the one as a shell.
    await host.sql(
      `INSERT INTO account_links (id, guest_id, account_id, status, policy, receipt)
       VALUES (gen_random_uuid(), $1, $2, 'merged', 'merge', '{}')`,
      [account.userId, last.userId],
    );
    expect(await resolve(account.userId)).toBe(last.userId);
    expect(await resolve(guest.userId)).toBe(last.userId);
    await host.sql('DELETE FROM account_links WHERE guest_id = $1', [account.userId]);
  });

  it('stands for nobody when nobody is left, or nobody ever was', async () => {
    const [account, guest] = [await newAccount(host), await newGuest(host)];
    await signIn(guest, account);
    await host.sql('DELETE FROM sessions WHERE user_id = $1', [account.userId]);
    await host.sql('DELETE FROM identities WHERE user_id = $1', [account.userId]);
    await host.sql('DELETE FROM users WHERE id = $1', [account.userId]);
    expect(await resolve(guest.userId)).toBeNull();
    expect(await resolve(randomUUID())).toBeNull();
  });
});
