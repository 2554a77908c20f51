import { askForCode, typeCode } from '../support/codes.js';
import type { HttpAnswer } from '../support/http-client.js';
import { guestWithNotes, ledgerOf, NO_RETRY, notesOf, signIn } from '../support/links.js';
import { Mailbox } from '../support/mailbox.js';
import { type AccountHolder, newAccount, type Person } from '../support/people.js';
import { closeApps, startApp } from '../support/running-apps.js';
import type { TestApp } from '../support/test-app.js';

afterEach(closeApps);

type SignIn = (host: TestApp, guest: Person, account: AccountHolder) => Promise<HttpAnswer>;

const byPassword: SignIn = (_, guest, account) => signIn(guest, account);

const byCode: SignIn = async (host, { client }, { email }) =>
  typeCode(client, email, await askForCode(host, client, email));

describe('a sign-in that the database refuses', () => {
  const TRIGGERS = [
    ['at its session', 'TRIGGER refuse AFTER INSERT ON sessions'],
    [
      'at its COMMIT',
      'CONSTRAINT TRIGGER refuse AFTER INSERT ON sessions DEFERRABLE INITIALLY DEFERRED',
    ],
  ] as const;
  const METHODS = [
    ['by password', byPassword],
    ['by code', byCode],
  ] as const;

  it.each(
    TRIGGERS.flatMap(([where, trigger]) =>
      METHODS.map(([how, come]) => [where, how, trigger, come] as const),
    ),
  )('%s, %s, has linked nobody, and the guest goes on', async (_where, _how, trigger, come) => {
    const host = await startApp({ options: { linking: NO_RETRY }, extras: { mailer: Mailbox } });
    const account = await newAccount(host);
    const guest = await guestWithNotes(host, 'mine');
    await host.sql(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'nobody comes in today'; END $$`);
    await host.sql(`CREATE ${trigger} FOR EACH ROW EXECUTE FUNCTION refuse()`);
    expect((await come(host, guest, account)).status).toBe(500);
    await host.sql('DROP FUNCTION refuse CASCADE');
    expect(await ledgerOf(host, guest.userId)).toEqual([]);
    expect(await guest.client.get('/access/guest')).toMatchObject({ status: 200 });
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
    expect(await come(host, guest, account)).toMatchObject({
      status: 200,
      body: { link: { status: 'merged' } },
    });
    expect(await notesOf(host, account.userId)).toEqual(['mine']);
  });
});
