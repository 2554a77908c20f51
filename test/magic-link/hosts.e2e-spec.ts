import { makeEmail } from '../support/addresses.js';
import { agree, proposed } from '../support/both-sides.js';
import { unusualUsers } from '../support/host-users.js';
import { addNotes, NO_RETRY, notesOf } from '../support/links.js';
import { askForLink, Mailbox, redeem } from '../support/mailbox.js';
import { bearer, newAccount } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

describe.each(unusualUsers)('magic links on a user table with %s', (_, users) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({
      users,
      extras: { mailer: Mailbox },
      options: { linking: NO_RETRY },
    });
  });
  afterAll(() => host.close());

  it('keep the id and the rows of a guest', async () => {
    const browser = host.browser();
    await addNotes(browser, 'mine');
    const guest = (await browser.get('/access/guest')).body.userId;
    const { status, body } = await redeem(browser, await askForLink(host, browser, makeEmail()));
    expect({ status, id: body.user.id }).toEqual({ status: 200, id: guest });
    expect(await notesOf(host, guest)).toEqual(['mine']);
  });

  it('merge a guest, take the older ways in at the first proof, and none at the second', async () => {
    const { email, password, userId, client } = await newAccount(host);
    const browser = host.browser();
    await addNotes(browser, 'mine');
    const first = await redeem(browser, await askForLink(host, browser, email));
    expect(first.body).toMatchObject({ user: { id: userId }, link: { status: 'merged' } });
    expect((await client.get('/access/account')).status).toBe(401);
    expect((await client.post('/auth/sign-in/email', { email, password })).status).toBe(401);
    const phone = host.browser();
    await redeem(phone, await askForLink(host, phone, email));
    expect((await browser.get('/access/account')).body.userId).toBe(userId);
    expect(await notesOf(host, userId)).toEqual(['mine']);
  });

  it('are confirmed by both sides when they are opened elsewhere', async () => {
    const { guest, account, phone, path } = await proposed(host, 'mine');
    expect((await agree(guest.client, path)).body.status).toBe('awaiting-consent');
    const { preview } = (await phone.get(path)).body;
    expect((await agree(phone, path, { preview: preview.hash })).body).toMatchObject({
      status: 'merged',
      receipt: { tables: { note: { moved: 1 } } },
    });
    expect(await notesOf(host, account.userId)).toEqual(['mine']);
    expect(await bearer(host, guest.token).get('/access/session')).toMatchObject({ status: 401 });
  });
});
