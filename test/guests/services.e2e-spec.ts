import { randomUUID } from 'node:crypto';
import { GuestsService, type SignInContext, UpgradeService } from '../../src/index.js';
import { expectCleanDatabase } from '../support/checker.js';
import { rowCounts } from '../support/expectations.js';
import { addNotes, guestWithNotes, notesOf } from '../support/links.js';
import { newAccount } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

/** What a host may ask of the services without a request. */
describe('the services for guests', () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp();
  });
  afterAll(() => host.close());

  it('delete a guest by its id, with everything it owns', async () => {
    const guest = await guestWithNotes(host, 'mine');
    await host.app.get(GuestsService).delete(guest.userId);
    expect(await notesOf(host, guest.userId)).toEqual([]);
    expect(await guest.client.get('/access/session')).toMatchObject({ status: 401 });
  });

  it.each(['an account', 'nobody'])('delete nothing by the id of %s', async (who) => {
    const account = await newAccount(host);
    await addNotes(account.client, 'hers');
    const before = await rowCounts(host);
    const id = who === 'nobody' ? randomUUID() : account.userId;
    await expect(host.app.get(GuestsService).delete(id)).rejects.toMatchObject({
      code: 'GUEST_MERGED',
    });
    expect(await rowCounts(host)).toEqual(before);
    expect(await account.client.get('/access/account')).toMatchObject({ status: 200 });
  });

  const claims = {
    userId: randomUUID(),
    handle: randomUUID(),
    epoch: 0,
    isGuest: true,
    issuedAt: new Date(),
    expiresAt: new Date(Date.now() + 60_000),
    endsWithBrowser: false,
  };

  it.each<[string, SignInContext['caller'], string]>([
    ['nobody calls', undefined, 'NOT_ANONYMOUS'],
    ['an account calls', { ...claims, isGuest: false }, 'NOT_ANONYMOUS'],
    ['the guest is gone', claims, 'GUEST_MERGED'],
  ])('upgrade nobody when %s', async (_who, caller, code) => {
    const before = await rowCounts(host);
    const body = { email: `${randomUUID()}@example.com`, password: 'correct horse battery' };
    const client = { ipAddress: null, userAgent: null };
    await expect(
      host.app.get(UpgradeService).upgrade(body, { caller, client }),
    ).rejects.toMatchObject({ code });
    expect(await rowCounts(host)).toEqual(before);
  });

  it('leave a clean database behind', () => expectCleanDatabase(host.databaseUrl));
});
