import { owned } from '../../src/index.js';
import { refusal } from '../support/expectations.js';
import { ledgerOf, linkInState, NO_RETRY, reconcile, signIn } from '../support/links.js';
import { insert, meet, rowsIn } from '../support/merging.js';
import { bearer } from '../support/people.js';
import { closeApps, startApp } from '../support/running-apps.js';

const schema = `CREATE TABLE pet (id integer PRIMARY KEY, user_id uuid NOT NULL REFERENCES users (id), name text NOT NULL,
  UNIQUE (user_id, name))`;
const PETS = [
  [1, 'guest', 'Bentley'],
  [2, 'account', 'Bentley'],
];
const options = { linking: NO_RETRY };

describe('a guest and an account that both have a Bentley', () => {
  afterEach(closeApps);

  it('become one, with one Bentley', async () => {
    const tables = [owned('pet', { onCollision: 'keepAccount' })];
    const host = await startApp({ options, schema, tables });
    const people = await meet(host);
    await insert(host, 'pet', people, PETS);
    expect(await signIn(people.guest, people.account)).toMatchObject({
      status: 200,
      body: { link: { status: 'merged', receipt: { tables: { pet: { dropped: 1 } } } } },
    });
    expect(await rowsIn(host, 'pet', people)).toEqual([[2, 'account', 'Bentley']]);
  });

  it('sign in again and again, however often the merge is refused', async () => {
    const host = await startApp({
      options,
      schema,
      tables: [owned('pet', { onCollision: 'refuse' })],
    });
    const people = await meet(host);
    await insert(host, 'pet', people, PETS);
    const { account, guest } = people;
    const first = await signIn(guest, account);
    expect(first).toMatchObject({ status: 200, body: { link: { status: 'pending' } } });
    for (let n = 0; n < 3; n += 1) {
      const again = await signIn({ client: bearer(host, guest.token) }, account);
      expect(again).toMatchObject({ status: 200, body: { link: { id: first.body.link.id } } });
      const session = await bearer(host, again.body.token as string).get('/access/account');
      expect(session).toMatchObject({ status: 200, body: { userId: account.userId } });
    }
    expect(await bearer(host, guest.token).get('/access/session')).toMatchObject(
      refusal(401, 'UNAUTHORIZED'),
    );
    expect(await rowsIn(host, 'pet', people)).toEqual(PETS);
    await host.sql(`UPDATE pet SET name = 'Bentley II' WHERE id = 1`);
    await reconcile(host);
    await linkInState(host, guest.userId, 'merged');
    expect(await rowsIn(host, 'pet', people)).toEqual([
      [1, 'account', 'Bentley II'],
      [2, 'account', 'Bentley'],
    ]);
  });

  it('are merged even if the account writes its Bentley while the merge runs', async () => {
    const tables = [owned('pet', { onCollision: 'keepAccount' })];
    const host = await startApp({ options, schema, tables });
    const people = await meet(host);
    await insert(host, 'pet', people, PETS.slice(0, 1));
    // In the merge's own transaction, behind its look for collisions: as if the account had written it just then.
    await host.sql(`CREATE FUNCTION race() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO pet VALUES (2, NEW.user_id, 'Bentley') ON CONFLICT DO NOTHING; RETURN NEW; END $$;
      CREATE SEQUENCE once;
      CREATE TRIGGER race BEFORE UPDATE ON pet FOR EACH ROW WHEN (nextval('once') = 1) EXECUTE FUNCTION race()`);
    expect(await signIn(people.guest, people.account)).toMatchObject({
      status: 200,
      body: { link: { status: 'merged' } },
    });
    expect(await host.sql('SELECT 1 FROM pet')).toHaveLength(1);
    expect(await ledgerOf(host, people.guest.userId)).toMatchObject([{ status: 'merged' }]);
  });
});
