import { askForChange, makeEmail } from '../support/addresses.js';
import { type HostUsers, memberUsers, personUsers } from '../support/host-users.js';
import { refusal } from '../support/expectations.js';
import type { HttpClient } from '../support/http-client.js';
import { addNotes, NO_RETRY, notesOf } from '../support/links.js';
import { askForVerification, Mailbox, mailboxOf, mailedToken, verify } from '../support/mailbox.js';
import { newAccount } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

const hosts: [string, HostUsers, string, RegExp | null][] = [
  ['integer ids and no column for a proven address', personUsers, 'email', null],
  ['an address that may not be null', memberUsers, 'mail', /@guest\.invalid$/],
];

describe.each(hosts)('a change of address on a user table with %s', (_, users, column, left) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({
      users,
      extras: { mailer: Mailbox },
      options: { linking: NO_RETRY },
    });
  });
  afterAll(() => host.close());

  const change = async (client: HttpClient, to: string) =>
    verify(client, await askForChange(host, client, to));

  it('keeps the id and the rows', async () => {
    const { client, userId, email } = await newAccount(host);
    await addNotes(client, 'mine');
    const newEmail = makeEmail();
    expect((await change(client, newEmail)).body.user).toMatchObject({
      id: userId,
      email: newEmail,
    });
    expect((await client.get('/access/account')).body.userId).toBe(userId);
    expect(await notesOf(host, userId)).toEqual(['mine']);
    expect(mailboxOf(host).letters.at(-1)).toMatchObject({
      to: email,
      subject: expect.stringContaining('was changed'),
    });
  });

  it('takes an address that nobody proved, and none that somebody did', async () => {
    const [account, squatter, owner] = [
      await newAccount(host),
      await newAccount(host),
      await newAccount(host),
    ];
    await verify(owner.client, await askForVerification(host, owner.client, owner.email));
    expect(
      await account.client.post('/auth/change-email', { newEmail: owner.email }),
    ).toMatchObject(refusal(409, 'EMAIL_TAKEN'));
    expect((await change(account.client, squatter.email)).status).toBe(200);
    const [row] = await host.sql<{ address: string | null }>(
      `SELECT ${column} AS address FROM ${users.table} WHERE id = $1`,
      [squatter.userId],
    );
    if (left) expect(row!.address).toMatch(left);
    else expect(row!.address).toBeNull();
    expect((await squatter.client.get('/access/account')).body.userId).toBe(squatter.userId);
    // The mail goes to people, not to what only fills the column.
    const letters = mailboxOf(host).letters.length;
    const fresh = makeEmail();
    expect((await change(squatter.client, fresh)).status).toBe(200);
    expect(
      mailboxOf(host)
        .letters.slice(letters)
        .map(({ to }) => to),
    ).toEqual([fresh]);
  });

  it('is no 500 where a row that is no account has the address', async () => {
    const account = await newAccount(host);
    const taken = makeEmail();
    const guest = host.browser();
    await addNotes(guest, 'a guest');
    const guestId = (await guest.get('/access/guest')).body.userId;
    const token = await mailedToken(host, taken, 'verify-email', () =>
      account.client.post('/auth/change-email', { newEmail: taken }),
    );
    await host.sql(`UPDATE ${users.table} SET ${column} = $2 WHERE id = $1`, [guestId, taken]);
    expect(await verify(account.client, token)).toMatchObject(refusal(409, 'EMAIL_TAKEN'));
  });
});
