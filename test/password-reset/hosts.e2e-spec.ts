import { refusal } from '../support/expectations.js';
import { memberUsers, unusualUsers } from '../support/host-users.js';
import { addNotes, NO_RETRY, notesOf, signIn } from '../support/links.js';
import { Mailbox } from '../support/mailbox.js';
import { bearer, newAccount } from '../support/people.js';
import { askForReset, newPassword, reset } from '../support/resets.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

describe.each(unusualUsers)('new passwords by mail on a user table with %s', (_, users) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({
      users,
      extras: { mailer: Mailbox },
      options: { linking: NO_RETRY },
    });
  });
  afterAll(() => host.close());

  it('end the old one and every session, and let a guest merge with the new one', async () => {
    const account = await newAccount(host);
    const { email, userId } = account;
    const browser = host.browser();
    await addNotes(browser, 'mine');
    const token = await askForReset(host, browser, email);
    expect(await reset(browser, token)).toMatchObject({ status: 200 });
    expect(await bearer(host, account.token).get('/access/session')).toMatchObject({ status: 401 });
    expect(await signIn({ client: host.browser() }, account)).toMatchObject({ status: 401 });
    const { body } = await signIn({ client: browser }, { email, password: newPassword });
    expect(body).toMatchObject({ user: { id: userId }, link: { status: 'merged' } });
    expect(await notesOf(host, userId)).toEqual(['mine']);
    expect(await reset(browser, token)).toMatchObject(refusal(400, 'INVALID_OR_EXPIRED'));
  });
});

describe('new passwords by mail where rows are deleted softly', () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ users: memberUsers, extras: { mailer: Mailbox } });
  });
  afterAll(() => host.close());

  it('are for no account that the host has deleted', async () => {
    const { email, userId } = await newAccount(host);
    const token = await askForReset(host, host.browser(), email);
    await host.sql('UPDATE members SET deleted_at = now() WHERE id = $1', [userId]);
    expect(await reset(host.browser(), token)).toMatchObject(refusal(400, 'INVALID_OR_EXPIRED'));
  });
});
