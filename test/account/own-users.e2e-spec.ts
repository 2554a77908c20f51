import { refusal } from '../support/expectations.js';
import { memberUsers, personUsers } from '../support/host-users.js';
import { addNotes, notesOf, signIn } from '../support/links.js';
import { anotherBrowser, bearer, newAccount, newSsoAccount } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

const newPassword = 'a better horse battery';

describe.each([
  ['integer ids and few columns', personUsers],
  ['other column names and soft deletion', memberUsers],
])('the account where the user table is the host’s, with %s', (_, users) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ users });
  });
  afterAll(() => host.close());

  it('lists its sessions and ways in with the id as text', async () => {
    const account = await newAccount(host);
    await anotherBrowser(host, account);
    const { client, userId } = account;
    expect(typeof userId).toBe('string');
    expect((await client.get('/auth/list-sessions')).body).toMatchObject([{ userId }, { userId }]);
    expect((await client.get('/auth/list-accounts')).body).toMatchObject([
      { providerId: 'credential', accountId: userId, userId },
    ]);
  });

  it('ends other sessions, and all of them with a new password', async () => {
    const account = await newAccount(host);
    const other = await anotherBrowser(host, account);
    await account.client.post('/auth/revoke-other-sessions', {});
    expect(await other.client.get('/access/account')).toMatchObject(refusal(401, 'UNAUTHORIZED'));
    const answer = await account.client.post('/auth/change-password', {
      currentPassword: account.password,
      newPassword,
      revokeOtherSessions: true,
    });
    expect(answer).toMatchObject({ status: 200, body: { user: { id: account.userId } } });
    expect(await bearer(host, account.token).get('/access/account')).toMatchObject({ status: 401 });
    expect(await account.client.get('/access/account')).toMatchObject({
      status: 200,
      body: { userId: account.userId },
    });
    expect(
      await signIn({ client: host.browser() }, { email: account.email, password: newPassword }),
    ).toMatchObject({ status: 200 });
  });

  it('sets a first password', async () => {
    const { client, email, userId } = await newSsoAccount(host);
    expect(await client.post('/auth/set-password', { newPassword })).toMatchObject({ status: 200 });
    expect(await client.post('/auth/set-password', { newPassword })).toMatchObject(
      refusal(400, 'PASSWORD_ALREADY_SET'),
    );
    expect(
      await signIn({ client: host.browser() }, { email, password: newPassword }),
    ).toMatchObject({ body: { user: { id: userId } } });
  });

  it('deletes the row itself, and what it owns', async () => {
    const { client, userId, password } = await newAccount(host);
    await addNotes(client, 'mine');
    expect(await client.post('/auth/delete-user', { password })).toMatchObject({ status: 200 });
    expect(await host.sql(`SELECT 1 FROM ${users.table} WHERE id = $1`, [userId])).toEqual([]);
    expect(await notesOf(host, userId)).toEqual([]);
  });
});
