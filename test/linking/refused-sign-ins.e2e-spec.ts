import { guestWithNotes, ledgerOf, NO_RETRY, notesOf, signIn } from '../support/links.js';
import { askForLink, redeem, startMailApp } from '../support/mailbox.js';
import { type AccountHolder, newAccount, type Person } from '../support/people.js';
import { closeApps } from '../support/running-apps.js';
import type { TestApp } from '../support/test-app.js';

afterEach(closeApps);

type SignIn = (host: TestApp, guest: Person, account: AccountHolder) => ReturnType<typeof signIn>;

const methods: Record<string, SignIn> = {
  'a password': (_, guest, account) => signIn(guest, account),
  'a mailed link': async (host, { client }, { email }) =>
    redeem(client, await askForLink(host, client, email)),
};

const refusals: Record<string, string> = {
  'its session': 'TRIGGER refuse AFTER INSERT ON sessions',
  'its link': 'TRIGGER refuse AFTER INSERT ON account_links',
  'its COMMIT': 'CONSTRAINT TRIGGER refuse AFTER INSERT ON sessions DEFERRABLE INITIALLY DEFERRED',
};

const cases = Object.keys(methods).flatMap((method) =>
  Object.keys(refusals).map((what) => [method, what] as const),
);

describe('a sign-in that the database refuses', () => {
  it.each(cases)(
    'by %s at %s has begun and linked nothing, and the guest goes on',
    async (method, what) => {
      const host = await startMailApp({ options: { linking: NO_RETRY } });
      const account = await newAccount(host);
      const guest = await guestWithNotes(host, 'mine');
      await host.sql(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'nobody comes in today'; END $$`);
      await host.sql(`CREATE ${refusals[what]} FOR EACH ROW EXECUTE FUNCTION refuse()`);
      expect((await methods[method]!(host, guest, account)).status).toBe(500);
      await host.sql('DROP FUNCTION refuse CASCADE');
      expect(await ledgerOf(host, guest.userId)).toEqual([]);
      expect(await host.sql('SELECT 1 FROM sessions')).toHaveLength(1);
      expect(await account.client.get('/access/account')).toMatchObject({ status: 200 });
      expect(await guest.client.get('/access/guest')).toMatchObject({ status: 200 });
      expect(await notesOf(host, guest.userId)).toEqual(['mine']);
      expect(await methods[method]!(host, guest, account)).toMatchObject({ status: 200 });
      expect(await ledgerOf(host, guest.userId)).toMatchObject([{ status: 'merged' }]);
      expect(await notesOf(host, account.userId)).toEqual(['mine']);
    },
  );
});
