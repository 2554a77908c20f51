import { owned, type TableDeclaration, ignored } from '../../src/index.js';
import { ledgerOf, NO_RETRY, reconcile, signIn, userExists } from '../support/links.js';
import { newAccount, newGuest } from '../support/people.js';
import { closeApps, startApp } from '../support/running-apps.js';

const REFERENCES = 'REFERENCES users (id)';
const entry = owned('entry', { column: 'user_id' });

/** A trigger of the host writes for the guest while its rows move, where no statement looks any more but the last. */
describe('a row that a merge has left behind', () => {
  afterEach(closeApps);

  it.each<[string, string, TableDeclaration, boolean]>([
    ['a table whose key keeps the guest', REFERENCES, entry, true],
    ['a table whose rows would go with the guest', `${REFERENCES} ON DELETE CASCADE`, entry, true],
    ['a table whose rows would forget it', `${REFERENCES} ON DELETE SET NULL`, entry, true],
    ['a table without a key', '', entry, true],
    ['an ignored table whose key keeps the guest', REFERENCES, ignored('entry', 'a log'), true],
    ['a table, where guests stay as tombstones', REFERENCES, entry, false],
  ])('stops it, and nothing has changed: in %s', async (_kind, key, declaration, deleteGuest) => {
    const host = await startApp({
      options: { linking: { ...NO_RETRY, deleteGuest } },
      schema: `CREATE TABLE entry (id serial PRIMARY KEY, user_id uuid ${key});
        CREATE INDEX ON entry (user_id);
        CREATE TABLE mark (id serial PRIMARY KEY, user_id uuid NOT NULL ${REFERENCES});
        CREATE INDEX ON mark (user_id);
        CREATE FUNCTION leave() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          INSERT INTO entry (user_id) VALUES (OLD.user_id); RETURN NULL; END $$;
        CREATE TRIGGER leave AFTER UPDATE ON mark FOR EACH ROW EXECUTE FUNCTION leave()`,
      tables: [declaration, owned('mark')],
    });
    const [account, guest] = [await newAccount(host), await newGuest(host)];
    await host.sql('INSERT INTO mark (user_id) VALUES ($1)', [guest.userId]);
    const stateOf = async () => ({
      entries: await host.sql('SELECT user_id FROM entry'),
      marks: await host.sql('SELECT user_id FROM mark'),
      guest: await host.sql('SELECT epoch, is_anonymous FROM users WHERE id = $1', [guest.userId]),
    });
    const before = await stateOf();
    expect(await signIn(guest, account)).toMatchObject({
      status: 200,
      body: { link: { status: 'pending', receipt: null } },
    });
    expect(await ledgerOf(host, guest.userId)).toMatchObject([
      {
        status: 'pending',
        receipt: null,
        error: expect.stringContaining('rows of the guest are left in entry.'),
      },
    ]);
    expect(await stateOf()).toEqual(before);
    await host.sql('DROP TRIGGER leave ON mark');
    await reconcile(host);
    expect(await ledgerOf(host, guest.userId)).toMatchObject([
      { status: 'merged', receipt: { tables: { mark: { moved: 1 } } } },
    ]);
    expect(await host.sql('SELECT user_id FROM mark')).toEqual([{ user_id: account.userId }]);
    expect(await userExists(host, guest.userId)).toBe(!deleteGuest);
  });
});
