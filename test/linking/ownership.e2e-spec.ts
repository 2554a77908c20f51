import { owned } from '../../src/index.js';
import { expectCleanDatabase } from '../support/checker.js';
import {
  guestWithNotes,
  ledgerOf,
  linkInState,
  NO_RETRY,
  notesOf,
  reconcile,
  signIn,
  userExists,
} from '../support/links.js';
import { newAccount, newGuest } from '../support/people.js';
import { closeApps, startApp, startBeside } from '../support/running-apps.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

const linking = NO_RETRY;

const SCHEMA = `
  CREATE TABLE transfer (id integer PRIMARY KEY, kind text NOT NULL,
    sender_id uuid NOT NULL REFERENCES users (id), recipient_id uuid NOT NULL REFERENCES users (id));
  CREATE FUNCTION refuse_half_way() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'a transfer to oneself stands half way'; END $$;
  CREATE TRIGGER half_way BEFORE UPDATE ON transfer FOR EACH ROW
    WHEN (NEW.kind = 'to oneself' AND NEW.sender_id <> NEW.recipient_id) EXECUTE FUNCTION refuse_half_way();

  CREATE SCHEMA shop;
  CREATE TABLE shop."Order Line" (order_no integer, line_no integer, "Buyer" uuid REFERENCES users (id) ON DELETE SET NULL,
    PRIMARY KEY (order_no, line_no));

  CREATE TABLE vote (user_id uuid REFERENCES users (id), venue integer, day date, PRIMARY KEY (user_id, venue, day));

  CREATE TABLE pet (id integer PRIMARY KEY, user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    mother_id integer REFERENCES pet (id));

  CREATE TABLE visit (id integer, day date, user_id uuid NOT NULL REFERENCES users (id), PRIMARY KEY (id, day))
    PARTITION BY RANGE (day);
  CREATE TABLE visit_old PARTITION OF visit FOR VALUES FROM (MINVALUE) TO ('2020-01-01');
  CREATE TABLE visit_new PARTITION OF visit FOR VALUES FROM ('2020-01-01') TO (MAXVALUE);

  CREATE TABLE deferred (id integer PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED);`;

describe('tables that reference a user', () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({
      options: { linking },
      schema: SCHEMA,
      tables: [owned('vote', { onCollision: 'keepAccount' })],
    });
  });
  afterAll(() => host.close());

  const meet = async () => ({ account: await newAccount(host), guest: await newGuest(host) });

  it('change both owner columns of a row in one go, and count it once', async () => {
    const { account, guest } = await meet();
    const other = await newAccount(host);
    await host.sql(
      `INSERT INTO transfer VALUES (1, 'to oneself', $1, $1), (2, 'out', $1, $2), (3, 'in', $2, $1), (4, 'else', $2, $2)`,
      [guest.userId, other.userId],
    );
    const { body } = await signIn(guest, account);
    expect(body.link).toMatchObject({
      status: 'merged',
      receipt: { tables: { transfer: { moved: 3, folded: 0, dropped: 0 } } },
    });
    const [me, them] = [account.userId, other.userId];
    expect(await host.sql('SELECT sender_id, recipient_id FROM transfer ORDER BY id')).toEqual([
      { sender_id: me, recipient_id: me },
      { sender_id: me, recipient_id: them },
      { sender_id: them, recipient_id: me },
      { sender_id: them, recipient_id: them },
    ]);
  });

  it('are found in another schema, under names that need quotes, where the key says SET NULL', async () => {
    const { account, guest } = await meet();
    await host.sql(`INSERT INTO shop."Order Line" VALUES (1, 1, $1), (1, 2, $1), (2, 1, NULL)`, [
      guest.userId,
    ]);
    const { body } = await signIn(guest, account);
    expect(body.link.status).toBe('merged');
    expect(Object.values(body.link.receipt.tables)).toEqual([{ moved: 2, folded: 0, dropped: 0 }]);
    expect(Object.keys(body.link.receipt.tables)[0]).toMatch(/shop.+Order Line/);
    const rows = await host.sql(
      'SELECT "Buyer" AS buyer FROM shop."Order Line" ORDER BY order_no, line_no',
    );
    expect(rows).toEqual([{ buyer: account.userId }, { buyer: account.userId }, { buyer: null }]);
  });

  it('may have the owner in a composite primary key', async () => {
    const { account, guest } = await meet();
    await host.sql(
      `INSERT INTO vote VALUES ($1, 1, '2024-01-01'), ($1, 1, '2024-01-02'), ($2, 2, '2024-01-01')`,
      [guest.userId, account.userId],
    );
    expect((await signIn(guest, account)).body.link).toMatchObject({
      status: 'merged',
      receipt: { tables: { vote: { moved: 2 } } },
    });
    const rows = await host.sql('SELECT venue FROM vote WHERE user_id = $1 ORDER BY venue', [
      account.userId,
    ]);
    expect(rows).toEqual([{ venue: 1 }, { venue: 1 }, { venue: 2 }]);
  });

  it('lose nothing to ON DELETE CASCADE', async () => {
    const { account, guest } = await meet();
    await host.sql('INSERT INTO pet VALUES (1, $1, NULL), (2, $1, 1), (3, $1, 2)', [guest.userId]);
    expect((await signIn(guest, account)).body.link).toMatchObject({
      status: 'merged',
      receipt: { tables: { pet: { moved: 3 } } },
    });
    expect(await host.sql('SELECT id FROM pet WHERE user_id = $1', [account.userId])).toHaveLength(
      3,
    );
  });

  it('may be partitioned, and count once', async () => {
    const { account, guest } = await meet();
    await host.sql(`INSERT INTO visit VALUES (1, '2019-05-05', $1), (1, '2024-05-05', $1)`, [
      guest.userId,
    ]);
    const { body } = await signIn(guest, account);
    expect(body.link.receipt.tables).toEqual({ visit: { moved: 2, folded: 0, dropped: 0 } });
    const rows = await host.sql('SELECT 1 FROM visit WHERE user_id = $1', [account.userId]);
    expect(rows).toHaveLength(2);
  });

  it('may check their key only at COMMIT', async () => {
    const { account, guest } = await meet();
    await host.sql('INSERT INTO deferred VALUES (1, $1), (2, $1)', [guest.userId]);
    expect((await signIn(guest, account)).body.link).toMatchObject({
      status: 'merged',
      receipt: { tables: { deferred: { moved: 2 } } },
    });
    expect(await userExists(host, guest.userId)).toBe(false);
  });

  it('are left out of the receipt when the guest has no row in them', async () => {
    const account = await newAccount(host);
    const guest = await guestWithNotes(host, 'mine');
    const { body } = await signIn(guest, account);
    expect(body.link.receipt.tables).toEqual({ note: { moved: 1, folded: 0, dropped: 0 } });
  });

  it('leave a clean database behind', () => expectCleanDatabase(host.databaseUrl));
});

describe('a table that comes after the start', () => {
  afterEach(closeApps);

  it.each([
    [
      'comes',
      'CREATE TABLE late (id integer PRIMARY KEY, user_id uuid NOT NULL REFERENCES users (id))',
    ],
    [
      'comes with CASCADE',
      'CREATE TABLE late (id integer PRIMARY KEY, user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE)',
    ],
  ])(
    'keeps links pending until an instance that knows it does them: it %s',
    async (_how, table) => {
      const host = await startApp({ options: { linking } });
      const account = await newAccount(host);
      const guest = await guestWithNotes(host, 'mine');
      await host.sql(table);
      await host.sql('INSERT INTO late VALUES (1, $1)', [guest.userId]);
      expect(await signIn(guest, account)).toMatchObject({
        status: 200,
        body: { link: { status: 'pending', receipt: null } },
      });
      expect(await notesOf(host, guest.userId)).toEqual(['mine']);
      await reconcile(host);
      const [retried] = await ledgerOf(host, guest.userId);
      expect(retried!.status).toBe('pending');
      expect(retried!.attempts).toBeGreaterThan(1);

      const restarted = await startBeside(host, { options: { linking } });
      await reconcile(restarted);
      const { receipt } = await linkInState(host, guest.userId, 'merged');
      expect(receipt!.tables).toEqual({
        note: { moved: 1, folded: 0, dropped: 0 },
        late: { moved: 1, folded: 0, dropped: 0 },
      });
      expect(await host.sql('SELECT user_id FROM late')).toEqual([{ user_id: account.userId }]);
    },
  );
});
