import { ignored, owned } from '../../src/index.js';
import { ledgerOf, NO_RETRY, reconcile, signIn, userExists } from '../support/links.js';
import { type AccountHolder, newAccount, newGuest, type Person } from '../support/people.js';
import { closeApps, startApp } from '../support/running-apps.js';
import type { TestApp, TestAppSettings } from '../support/test-app.js';

const FOREIGN_KEY = 'REFERENCES users (id)';

/** A table of the host, and what makes rows of it stay where they are. */
const sketches = (reference: string) =>
  `CREATE TABLE sketch (id serial PRIMARY KEY, user_id uuid NOT NULL ${reference})`;
const KEEP = `CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN NEW.user_id := OLD.user_id; RETURN NEW; END $$;
  CREATE TRIGGER keep BEFORE UPDATE ON sketch FOR EACH ROW EXECUTE FUNCTION keep()`;

describe('a row that stays with the guest', () => {
  let host: TestApp;
  let account: AccountHolder;
  let guest: Person;
  afterEach(closeApps);

  async function start(settings: TestAppSettings): Promise<void> {
    host = await startApp({ options: { linking: NO_RETRY }, ...settings });
    [account, guest] = [await newAccount(host), await newGuest(host)];
    await host.sql('INSERT INTO sketch (user_id) VALUES ($1)', [guest.userId]);
  }

  const owners = () => host.sql('SELECT user_id FROM sketch');
  const guestNow = () =>
    host.sql('SELECT is_anonymous, epoch FROM users WHERE id = $1', [guest.userId]);

  async function expectMergeIsRefused(): Promise<void> {
    const before = await guestNow();
    const { status, body } = await signIn(guest, account);
    expect({ status, link: body.link?.status }).toEqual({ status: 200, link: 'pending' });
    expect(await owners()).toEqual([{ user_id: guest.userId }]);
    expect(await guestNow()).toEqual(before);
    expect(await ledgerOf(host, guest.userId)).toMatchObject([
      { receipt: null, error: expect.stringContaining('rows of the guest are left in sketch.') },
    ]);
  }

  it.each([
    ['in a table whose key keeps the guest', FOREIGN_KEY, true],
    ['in a table whose rows go with the guest', `${FOREIGN_KEY} ON DELETE CASCADE`, true],
    ['in a column without a foreign key', '', true],
    ['where guests stay as tombstones', FOREIGN_KEY, false],
  ])(
    'because of a trigger of the host, %s, keeps the merge from being done, until it can be',
    async (_, reference, deleteGuest) => {
      await start({
        options: { linking: { ...NO_RETRY, deleteGuest } },
        tables: [owned('sketch', { column: 'user_id' })],
        schema: `${sketches(reference)}; ${KEEP}`,
      });
      await expectMergeIsRefused();
      await host.sql('DROP TRIGGER keep ON sketch');
      await reconcile(host);
      expect(await owners()).toEqual([{ user_id: account.userId }]);
      expect(await userExists(host, guest.userId)).toBe(!deleteGuest);
    },
  );

  it('because its table is ignored keeps the merge from being done, until it is gone', async () => {
    await start({ tables: [ignored('sketch', 'a log')], schema: sketches(FOREIGN_KEY) });
    await expectMergeIsRefused();
    await host.sql('DELETE FROM sketch');
    await reconcile(host);
    expect(await userExists(host, guest.userId)).toBe(false);
  });
});
