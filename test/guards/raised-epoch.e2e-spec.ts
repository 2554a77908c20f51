import { leaveBroken } from '../support/checker/checked-databases.js';
import { refusal } from '../support/expectations.js';
import { signIn } from '../support/links.js';
import { anotherBrowser, bearer, newAccount, newGuest } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

describe('a host that raises the epoch of a user', () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp();
  });
  afterAll(() => host.close());

  const raise = (userId: string) =>
    host.sql('UPDATE users SET epoch = epoch + 1 WHERE id = $1', [userId]);

  async function expectDead(token: string): Promise<void> {
    const client = bearer(host, token);
    expect(await client.get('/access/session')).toMatchObject(refusal(401, 'UNAUTHORIZED'));
    expect(await client.post('/access/write')).toMatchObject(refusal(401, 'UNAUTHORIZED'));
    expect((await client.get('/auth/get-session')).body).toBeNull();
  }

  it('has ended every token of a guest', async () => {
    const guest = await newGuest(host);
    await raise(guest.userId);
    await expectDead(guest.token);
  });

  it('has ended every token of an account, which can sign in again', async () => {
    const account = await newAccount(host);
    const other = await anotherBrowser(host, account);
    await raise(account.userId);
    leaveBroken(
      host.databaseUrl,
      'a session is older than the epoch of its user',
      'the host has ended the tokens and left their rows to the sweeper',
    );
    for (const { token } of [account, other]) await expectDead(token);
    const { status, body } = await signIn({ client: host.browser() }, account);
    expect({ status, id: body.user?.id }).toEqual({ status: 200, id: account.userId });
    expect(await bearer(host, body.token).get('/access/account')).toMatchObject({ status: 200 });
  });

  it('has ended none of anybody else', async () => {
    const [raised, account, guest] = [
      await newGuest(host),
      await newAccount(host),
      await newGuest(host),
    ];
    await raise(raised.userId);
    for (const { client } of [account, guest]) {
      expect(await client.get('/access/session')).toMatchObject({ status: 200 });
    }
  });
});
