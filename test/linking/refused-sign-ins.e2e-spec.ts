import { guestWithNotes, ledgerOf, NO_RETRY, notesOf, signIn } from '../support/links.js';
import { newAccount } from '../support/people.js';
import { closeApps, startApp } from '../support/running-apps.js';

afterEach(closeApps);

describe('a sign-in that the database refuses', () => {
  it.each([
    ['at its session', 'TRIGGER refuse AFTER INSERT ON sessions'],
    [
      'at its COMMIT',
      'CONSTRAINT TRIGGER refuse AFTER INSERT ON sessions DEFERRABLE INITIALLY DEFERRED',
    ],
  ])('%s has linked nobody, and the guest goes on', async (_, trigger) => {
    const host = await startApp({ options: { linking: NO_RETRY } });
    const account = await newAccount(host);
    const guest = await guestWithNotes(host, 'mine');
    await host.sql(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'nobody comes in today'; END $$`);
    await host.sql(`CREATE ${trigger} FOR EACH ROW EXECUTE FUNCTION refuse()`);
    expect((await signIn(guest, account)).status).toBe(500);
    await host.sql('DROP FUNCTION refuse CASCADE');
    expect(await ledgerOf(host, guest.userId)).toEqual([]);
    expect(await guest.client.get('/access/guest')).toMatchObject({ status: 200 });
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
    expect(await signIn(guest, account)).toMatchObject({
      status: 200,
      body: { link: { status: 'merged' } },
    });
    expect(await notesOf(host, account.userId)).toEqual(['mine']);
  });
});
