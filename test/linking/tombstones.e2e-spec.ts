import { LateRowsService, owned } from '../../src/index.js';
import { refusal } from '../support/expectations.js';
import {
  guestWithNotes,
  ledgerOf,
  NO_RETRY,
  notesOf,
  signIn,
  userExists,
} from '../support/links.js';
import { bearer, newAccount } from '../support/people.js';
import { leaveBroken } from '../support/checker/checked-databases.js';
import { closeApps, startApp } from '../support/running-apps.js';
import { AnonymousModule } from '../../src/index.js';
import type { TestApp } from '../support/test-app.js';

afterAll(closeApps);

const sweep = (host: TestApp) => host.app.get(LateRowsService).run();

describe('a guest that is kept as a tombstone', () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await startApp({ options: { linking: { ...NO_RETRY, deleteGuest: false } } });
  });
  it('keeps its row, and nothing else', async () => {
    const account = await newAccount(host);
    const guest = await guestWithNotes(host, 'mine');
    const { body } = await signIn(guest, account);
    expect(body.link).toMatchObject({
      status: 'merged',
      receipt: { tables: { note: { moved: 1 } } },
    });
    expect(await userExists(host, guest.userId)).toBe(true);
    expect(await notesOf(host, account.userId)).toEqual(['mine']);
    const old = bearer(host, guest.token);
    for (const answer of [
      await old.get('/access/session'),
      await old.post('/auth/anonymous/upgrade', {
        email: 'late@example.com',
        password: 'correct horse battery',
      }),
      await old.delete('/auth/anonymous'),
    ]) {
      expect(answer).toMatchObject(refusal(401, 'UNAUTHORIZED'));
    }
  });

  it('is not merged again by its old token', async () => {
    const [account, other] = [await newAccount(host), await newAccount(host)];
    const guest = await guestWithNotes(host, 'mine');
    const first = await signIn(guest, account);
    const old = () => ({ client: bearer(host, guest.token) });
    const again = await signIn(old(), account);
    expect(again).toMatchObject({ status: 200, body: { link: first.body.link } });
    expect(await signIn(old(), other)).toMatchObject({
      status: 200,
      body: { link: null },
    });
    expect(await ledgerOf(host, guest.userId)).toMatchObject([
      { id: first.body.link.id, status: 'merged' },
    ]);
  });

  it('hands over what still arrives for it', async () => {
    const account = await newAccount(host);
    const guest = await guestWithNotes(host, 'mine');
    await signIn(guest, account);
    expect(await sweep(host)).toBe(0);
    await host.sql(`INSERT INTO note (user_id, text) VALUES ($1, 'late')`, [guest.userId]);
    await host.sql('INSERT INTO wallet (user_id, credits) VALUES ($1, 5), ($2, 7)', [
      guest.userId,
      account.userId,
    ]);
    expect(await sweep(host)).toBe(1);
    expect(await notesOf(host, account.userId)).toEqual(['late', 'mine']);
    expect(await host.sql('SELECT user_id, credits FROM wallet')).toEqual([
      { user_id: account.userId, credits: 12 },
    ]);
    expect(await sweep(host)).toBe(0);
  });
});

describe('a column without a foreign key', () => {
  it('is swept for a day after the merge', async () => {
    const host = await startApp({
      options: { linking: NO_RETRY },
      imports: [AnonymousModule.forFeature([owned('visit', { column: 'actor_id' })])],
      schema: 'CREATE TABLE visit (id serial PRIMARY KEY, actor_id uuid NOT NULL)',
    });
    const [account, late] = [await newAccount(host), await newAccount(host)];
    const [guest, early] = [await guestWithNotes(host, 'a'), await guestWithNotes(host, 'b')];
    await signIn(guest, account);
    await signIn(early, late);
    await host.sql(
      `UPDATE account_links SET updated_at = now() - interval '25 hours' WHERE guest_id = $1`,
      [early.userId],
    );
    await host.sql('INSERT INTO visit (actor_id) VALUES ($1), ($2)', [guest.userId, early.userId]);
    expect(await sweep(host)).toBe(1);
    expect(await host.sql('SELECT actor_id FROM visit ORDER BY id')).toEqual([
      { actor_id: account.userId },
      { actor_id: early.userId },
    ]);
    leaveBroken(
      host.databaseUrl,
      '"public"."visit" ("actor_id") names a guest',
      'after a day nobody sweeps any more',
    );
  });
});
