import { LateRowsService, owned } from '../../src/index.js';
import {
  checkMerges,
  createAccount,
  createGuest,
  expectNoOrphans,
  signInAs,
} from '../../src/testing/index.js';
import { memberUsers, personUsers } from '../support/host-users.js';
import { HttpClient } from '../support/http-client.js';
import { NO_RETRY } from '../support/links.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

const HOSTS = { 'an extended entity': memberUsers, 'a table with integer ids': personUsers };

describe.each(Object.entries(HOSTS))('the test kit over %s', (_, users) => {
  const schema = `
    CREATE TABLE star (user_id ${users.idType} REFERENCES ${users.table} (id), place integer, PRIMARY KEY (user_id, place));
    CREATE TABLE audit (id serial PRIMARY KEY, actor ${users.idType}, what text NOT NULL);
    CREATE TABLE message (id serial PRIMARY KEY, sender_id ${users.idType} NOT NULL REFERENCES ${users.table} (id),
      recipient_id ${users.idType} REFERENCES ${users.table} (id))`;
  const tables = [owned('star', { onCollision: 'keepGuest' }), owned('audit', { column: 'actor' })];
  let host: TestApp;

  beforeAll(async () => {
    host = await createTestApp({ users, schema, tables, options: { linking: NO_RETRY } });
  });
  afterAll(() => host.close());

  it('tries every table out', async () => {
    const before = await host.sql(`SELECT id FROM ${users.table}`);
    expect(await checkMerges(host.app)).toEqual({
      audit: { moved: 2, folded: 0, dropped: 0 },
      message: { moved: 3, folded: 0, dropped: 0 },
      note: { moved: 2, folded: 0, dropped: 0 },
      star: { moved: 3, folded: 0, dropped: 1 },
      wallet: { moved: 0, folded: 1, dropped: 0 },
    });
    expect(await host.sql(`SELECT id FROM ${users.table}`)).toEqual(before);
  });

  it('links a guest with a sign-in, and finds what names nobody', async () => {
    const [account, guest] = [await createAccount(host.app), await createGuest(host.app)];
    await new HttpClient(host.url, guest.headers).post('/notes', { text: 'mine' });
    const { link, headers } = await signInAs(host.app, account, { guest });
    expect(link).toMatchObject({ status: 'merged', receipt: { tables: { note: { moved: 1 } } } });
    expect(await new HttpClient(host.url, headers).get('/notes')).toMatchObject({
      body: [{ text: 'mine' }],
    });
    await expectNoOrphans(host.app);
    await host.sql(`INSERT INTO audit (actor, what) VALUES ($1, 'late')`, [guest.userId]);
    await expect(expectNoOrphans(host.app)).rejects.toThrow(
      '- audit, column actor: 1 row that name guests that have been merged',
    );
    await host.app.get(LateRowsService).run();
  });
});
