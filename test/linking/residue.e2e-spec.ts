import { owned } from '../../src/index.js';
import { ledgerOf, NO_RETRY, reconcile, signIn, userExists } from '../support/links.js';
import { newAccount, newGuest } from '../support/people.js';
import { closeApps, startApp } from '../support/running-apps.js';

afterEach(closeApps);

describe('a row that a trigger of the host keeps with the guest', () => {
  it.each([
    ['in a table whose rows go with the guest', 'REFERENCES users (id) ON DELETE CASCADE'],
    ['in a column without a foreign key', ''],
  ])('%s keeps the merge from being done, until it can be', async (_, reference) => {
    const host = await startApp({
      options: { linking: NO_RETRY },
      tables: [owned('sketch', { column: 'user_id' })],
      schema: `CREATE TABLE sketch (id serial PRIMARY KEY, user_id uuid NOT NULL ${reference});
        CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN NEW.user_id := OLD.user_id; RETURN NEW; END $$;
        CREATE TRIGGER keep BEFORE UPDATE ON sketch FOR EACH ROW EXECUTE FUNCTION keep()`,
    });
    const [account, guest] = [await newAccount(host), await newGuest(host)];
    await host.sql('INSERT INTO sketch (user_id) VALUES ($1)', [guest.userId]);
    const owners = () => host.sql('SELECT user_id FROM sketch');
    const { status, body } = await signIn(guest, account);
    expect({ status, link: body.link?.status }).toEqual({ status: 200, link: 'pending' });
    expect(await owners()).toEqual([{ user_id: guest.userId }]);
    expect(await userExists(host, guest.userId)).toBe(true);
    expect(await ledgerOf(host, guest.userId)).toMatchObject([
      { error: expect.stringContaining('sketch') },
    ]);
    await host.sql('DROP TRIGGER keep ON sketch');
    await reconcile(host);
    expect(await owners()).toEqual([{ user_id: account.userId }]);
  });
});
