import { makeEmail } from '../support/addresses.js';
import { askForCode, otherThan, typeCode } from '../support/codes.js';
import { refusal } from '../support/expectations.js';
import { unusualUsers } from '../support/host-users.js';
import { addNotes, NO_RETRY, notesOf } from '../support/links.js';
import { Mailbox } from '../support/mailbox.js';
import { newAccount } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

describe.each(unusualUsers)('mailed codes on a user table with %s', (_, users) => {
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
    const email = makeEmail();
    const code = await askForCode(host, browser, email);
    const { status, body } = await typeCode(browser, email, code, { name: 'Ada' });
    expect({ status, user: body.user }).toMatchObject({
      status: 200,
      user: { id: guest, email, name: 'Ada' },
    });
    expect(await notesOf(host, guest)).toEqual(['mine']);
  });

  it('merge a guest, and count wrong codes', async () => {
    const { email, userId } = await newAccount(host);
    const browser = host.browser();
    await addNotes(browser, 'mine');
    const code = await askForCode(host, browser, email);
    expect(await typeCode(browser, email, otherThan(code))).toMatchObject(
      refusal(400, 'INVALID_OR_EXPIRED'),
    );
    const { body } = await typeCode(browser, email, code);
    expect(body).toMatchObject({ user: { id: userId }, link: { status: 'merged' } });
    expect(await notesOf(host, userId)).toEqual(['mine']);
  });
});
