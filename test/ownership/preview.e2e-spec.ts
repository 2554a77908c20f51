import {
  combine,
  ignored,
  LinkingService,
  type MergePreview,
  newest,
  owned,
} from '../../src/index.js';
import { expectCleanDatabase } from '../support/checker.js';
import { Note } from '../support/host.js';
import { handlerOf, moveNotes, NO_RETRY } from '../support/links.js';
import { insert, link, meet, type Meeting } from '../support/merging.js';
import { RawConnection } from '../support/raw-connection.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

const SCHEMA = `
  CREATE TABLE pet (id integer PRIMARY KEY, user_id uuid NOT NULL REFERENCES users (id), name text, born integer,
    UNIQUE (user_id, name));
  CREATE TABLE photo (id integer PRIMARY KEY, pet_id integer NOT NULL REFERENCES pet (id), place integer NOT NULL,
    UNIQUE (pet_id, place));
  CREATE TABLE badge (id integer PRIMARY KEY, user_id uuid NOT NULL REFERENCES users (id), name text, UNIQUE (user_id, name));
  CREATE TABLE import (id integer PRIMARY KEY, user_id uuid REFERENCES users (id) ON DELETE CASCADE);`;

const TABLES = [
  'users',
  'note',
  'wallet',
  'pet',
  'photo',
  'badge',
  'import',
  'account_links',
  'sessions',
];

let host: TestApp;
beforeAll(async () => {
  host = await createTestApp({
    options: { linking: NO_RETRY },
    schema: SCHEMA,
    providers: [handlerOf(Note, moveNotes)],
    tables: [
      owned('pet', { onCollision: newest('born') }),
      owned('photo', { onCollision: combine({}) }),
      owned('badge', { onCollision: 'refuse' }),
      ignored('import', 'dropped every night'),
    ],
  });
});
afterAll(() => host.close());

const preview = ({ guest, account }: Meeting): Promise<MergePreview> =>
  host.app.get(LinkingService).preview(guest.userId, account.userId);

/** Every row of every table, with the versions that Postgres keeps, as one value for each table. */
async function checksums(): Promise<Record<string, string>> {
  const sums: Record<string, string> = {};
  for (const table of TABLES) {
    const [row] = await host.sql<{ sum: string }>(
      `SELECT coalesce(md5(string_agg(t.ctid::text || t.xmin::text || t.xmax::text || t::text, ',' ORDER BY t.ctid)), '') AS sum FROM ${table} t`,
    );
    sums[table] = row!.sum;
  }
  return sums;
}

async function meeting(): Promise<Meeting> {
  await host.sql('TRUNCATE pet, photo, badge, import');
  const people = await meet(host);
  await insert(host, 'pet', people, [
    [1, 'guest', 'Bentley', 2015],
    [2, 'account', 'Bentley', 2020],
    [3, 'guest', 'Coco', 2018],
    [4, 'stranger', 'Coco', 2018],
  ]);
  await insert(host, 'photo', people, [
    [1, 1, 1],
    [2, 1, 2],
    [3, 2, 1],
  ]);
  await insert(host, 'import', people, [
    [1, 'guest'],
    [2, 'guest'],
    [3, 'account'],
  ]);
  await host.sql(`INSERT INTO note (user_id, text) VALUES ($1, 'a'), ($1, 'b')`, [
    people.guest.userId,
  ]);
  return people;
}

describe('a preview', () => {
  it('tells what the merge then does, and changes nothing', async () => {
    const people = await meeting();
    const before = await checksums();
    const { tables, hash } = await preview(people);
    expect(tables).toEqual({
      note: { rows: 2, collisions: 0, decidedBy: 'handler' },
      pet: { rows: 2, collisions: 1, decidedBy: 'newest' },
      photo: { rows: 0, collisions: 1, decidedBy: 'combine' },
    });
    expect(await preview(people)).toEqual({ tables, hash });
    expect(await checksums()).toEqual(before);
    const { receipt } = await link(people);
    expect(receipt!.tables).toEqual({
      note: { moved: 2, folded: 0, dropped: 0 },
      pet: { moved: 1, folded: 0, dropped: 1 },
      photo: { moved: 1, folded: 1, dropped: 0 },
      import: { moved: 0, folded: 0, dropped: 2 },
    });
  });

  it('has another hash when anything in it is different', async () => {
    const people = await meeting();
    const hashes = [(await preview(people)).hash];
    await insert(host, 'pet', people, [[5, 'guest', 'Daisy', 2001]]);
    hashes.push((await preview(people)).hash);
    await insert(host, 'pet', people, [[6, 'account', 'Daisy', 2002]]);
    hashes.push((await preview(people)).hash);
    expect(new Set(hashes).size).toBe(3);
  });

  it('counts collisions that the merge would refuse', async () => {
    const people = await meeting();
    await insert(host, 'badge', people, [
      [1, 'guest', 'gold'],
      [2, 'account', 'gold'],
    ]);
    expect((await preview(people)).tables.badge).toEqual({
      rows: 1,
      collisions: 1,
      decidedBy: 'refuse',
    });
    expect(await link(people)).toMatchObject({ status: 'pending', receipt: null });
    await host.sql('DELETE FROM badge');
  });

  it('waits for nobody who holds the rows', async () => {
    const people = await meeting();
    const raw = await RawConnection.open(host.databaseUrl);
    await raw.query('BEGIN');
    await raw.query('SELECT 1 FROM users FOR UPDATE');
    await raw.query('SELECT 1 FROM pet FOR UPDATE');
    expect((await preview(people)).tables.pet).toMatchObject({ collisions: 1 });
    await raw.close();
  });

  it('of a guest with nothing is empty', async () => {
    const people = await meet(host);
    expect((await preview(people)).tables).toEqual({});
  });

  it('leaves a clean database behind', async () => {
    await host.sql(`DELETE FROM account_links WHERE status = 'pending'`);
    await expectCleanDatabase(host.databaseUrl);
  });
});
