import { randomUUID } from 'node:crypto';
import { LinkingService } from '../../src/index.js';
import { refusal } from '../support/expectations.js';
import { guestWithNotes, NO_RETRY, notesOf } from '../support/links.js';
import { newAccount } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

describe('LinkingService in the hands of a host', () => {
  let host: TestApp;
  let linking: LinkingService;
  beforeAll(async () => {
    host = await createTestApp({ options: { linking: NO_RETRY, session: { cacheFor: '60s' } } });
    linking = host.app.get(LinkingService);
  });
  afterAll(() => host.close());

  it('ends the session of a guest that it links at once, also one that is remembered', async () => {
    const account = await newAccount(host);
    const guest = await guestWithNotes(host, 'mine');
    expect(await guest.client.get('/access/guest')).toMatchObject({ status: 200 });
    expect(await linking.link(guest.userId, account.userId)).toMatchObject({ status: 'merged' });
    expect(await notesOf(host, account.userId)).toEqual(['mine']);
    expect(await guest.client.get('/access/session')).toMatchObject(refusal(401, 'UNAUTHORIZED'));
  });

  it.each([
    ['nothing', 'nothing'],
    [randomUUID(), 'nobody'],
    ['%00', randomUUID()],
  ])('knows no link %j of %j', async (linkId, userId) => {
    const refused = { code: 'LINK_NOT_FOUND' };
    await expect(linking.confirm(linkId, userId)).rejects.toMatchObject(refused);
    await expect(linking.decline(linkId, userId)).rejects.toMatchObject(refused);
  });
});
