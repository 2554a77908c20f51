import { newest, owned } from '../../src/index.js';
import { expectCleanDatabase } from '../support/checker.js';
import { NO_RETRY, userExists } from '../support/links.js';
import { insert, link, meet, rowsIn } from '../support/merging.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

const SCHEMA = `
  CREATE TABLE friendship (id integer PRIMARY KEY, from_id uuid NOT NULL REFERENCES users (id),
    to_id uuid NOT NULL REFERENCES users (id), met integer, UNIQUE (from_id, to_id));
  CREATE TABLE seat (room integer, user_id uuid NOT NULL REFERENCES users (id), guest_of uuid REFERENCES users (id),
    PRIMARY KEY (room, user_id));
  CREATE TABLE visit_log (id integer PRIMARY KEY, actor_id text, place text, UNIQUE (actor_id, place));
  CREATE TABLE audit (id text PRIMARY KEY, actor_id uuid, by_id uuid REFERENCES users (id));
  CREATE TABLE by_text (id text PRIMARY KEY, user_id uuid REFERENCES users (id), name text, UNIQUE (user_id, name));
  CREATE TABLE by_uuid (id uuid PRIMARY KEY, user_id uuid REFERENCES users (id), name text, UNIQUE (user_id, name));
  CREATE TABLE by_two (id bigint, part varchar(3), user_id uuid REFERENCES users (id), name text,
    PRIMARY KEY (id, part), UNIQUE (user_id, name));
  CREATE SCHEMA shop;
  CREATE TABLE shop."Wish List" ("No" integer PRIMARY KEY, "Owner" uuid REFERENCES users (id), "What" text,
    UNIQUE ("Owner", "What"));
  CREATE TABLE stay (id integer, day date, user_id uuid NOT NULL REFERENCES users (id), PRIMARY KEY (user_id, day, id))
    PARTITION BY RANGE (day);
  CREATE TABLE stay_old PARTITION OF stay FOR VALUES FROM (MINVALUE) TO ('2020-01-01');
  CREATE TABLE stay_new PARTITION OF stay FOR VALUES FROM ('2020-01-01') TO (MAXVALUE);`;

let host: TestApp;
beforeAll(async () => {
  host = await createTestApp({
    options: { linking: NO_RETRY },
    schema: SCHEMA,
    tables: [
      owned('friendship', { onCollision: newest('met') }),
      owned('seat', { onCollision: 'keepGuest' }),
      owned('visit_log', { column: 'actor_id', onCollision: 'keepAccount' }),
      owned('audit', { column: 'actor_id' }),
      owned('by_text', { onCollision: 'keepAccount' }),
      owned('by_uuid', { onCollision: 'keepAccount' }),
      owned('by_two', { onCollision: 'keepAccount' }),
      owned('shop.Wish List', { onCollision: 'keepAccount' }),
      owned('stay', { onCollision: 'keepAccount' }),
    ],
  });
});
afterAll(() => host.close());

describe('two owner columns in one row', () => {
  beforeEach(() => host.sql('TRUNCATE friendship, seat'));

  it('change together, and rows of the guest that meet each other are decided like any others', async () => {
    const people = await meet(host);
    await insert(host, 'friendship', people, [
      [1, 'guest', 'guest', 1],
      [2, 'guest', 'account', 2],
      [3, 'account', 'guest', 4],
      [4, 'account', 'account', 3],
      [5, 'guest', 'stranger', 1],
      [6, 'stranger', 'guest', 2],
      [7, 'stranger', 'account', 2],
    ]);
    expect((await link(people)).receipt?.tables).toEqual({
      friendship: { moved: 2, folded: 0, dropped: 4 },
    });
    expect(await rowsIn(host, 'friendship', people)).toEqual([
      [3, 'account', 'account', 4],
      [5, 'account', 'stranger', 1],
      [7, 'stranger', 'account', 2],
    ]);
  });

  it('may be in the key and beside it', async () => {
    const people = await meet(host);
    await insert(host, 'seat', people, [
      [1, 'guest', null],
      [1, 'account', 'stranger'],
      [2, 'guest', 'guest'],
      [3, 'stranger', 'guest'],
      [4, 'account', 'guest'],
    ]);
    expect((await link(people)).receipt?.tables).toEqual({
      seat: { moved: 4, folded: 0, dropped: 1 },
    });
    expect(await rowsIn(host, 'seat', people)).toEqual([
      [1, 'account', null],
      [2, 'account', 'account'],
      [3, 'stranger', 'account'],
      [4, 'account', 'account'],
    ]);
  });
});

describe('an owner column without a foreign key', () => {
  it('is rewritten and kept unique, as text too', async () => {
    const people = await meet(host);
    await insert(host, 'visit_log', people, [
      [1, 'guest', 'park'],
      [2, 'guest', 'pub'],
      [3, 'account', 'pub'],
      [4, 'stranger', 'pub'],
    ]);
    expect((await link(people)).receipt?.tables).toEqual({
      visit_log: { moved: 1, folded: 0, dropped: 1 },
    });
    expect(await rowsIn(host, 'visit_log', people)).toEqual([
      [1, 'account', 'park'],
      [3, 'account', 'pub'],
      [4, 'stranger', 'pub'],
    ]);
  });

  it('changes together with one that has a foreign key', async () => {
    const people = await meet(host);
    await insert(host, 'audit', people, [
      ['a', 'guest', 'guest'],
      ['b', 'stranger', 'guest'],
      ['c', 'guest', null],
    ]);
    expect((await link(people)).receipt?.tables).toEqual({
      audit: { moved: 3, folded: 0, dropped: 0 },
    });
    expect(await rowsIn(host, 'audit', people)).toEqual([
      ['a', 'account', 'account'],
      ['b', 'stranger', 'account'],
      ['c', 'account', null],
    ]);
  });

  it('goes with a guest that deletes itself', async () => {
    const people = await meet(host);
    await insert(host, 'visit_log', people, [[9, 'guest', 'lake']]);
    expect(await people.guest.client.delete('/auth/anonymous')).toMatchObject({ status: 200 });
    expect(await userExists(host, people.guest.userId)).toBe(false);
    expect(await host.sql('SELECT 1 FROM visit_log WHERE id = 9')).toEqual([]);
  });
});

describe('rows are told apart', () => {
  it.each([
    ['by_text', [['a'], ['b'], ['B']]],
    [
      'by_uuid',
      [
        ['00000000-0000-4000-8000-00000000000a'],
        ['00000000-0000-4000-8000-00000000000b'],
        ['00000000-0000-4000-8000-00000000000c'],
      ],
    ],
    [
      'by_two',
      [
        ['9007199254740993', 'a'],
        ['9007199254740993', 'b'],
        ['9007199254740995', 'a'],
      ],
    ],
  ])('by the primary key of %s', async (table, [first, second, third]) => {
    const people = await meet(host);
    await insert(host, table, people, [
      [...first!, 'guest', 'x'],
      [...second!, 'account', 'x'],
      [...third!, 'guest', 'y'],
    ]);
    expect((await link(people)).receipt?.tables).toEqual({
      [table]: { moved: 1, folded: 0, dropped: 1 },
    });
    const rows = await rowsIn(host, table, people);
    expect(rows).toHaveLength(2);
    expect(rows).toEqual(
      expect.arrayContaining([
        [...second!, 'account', 'x'],
        [...third!, 'account', 'y'],
      ]),
    );
  });

  it('in another schema, under names that need quotes', async () => {
    const people = await meet(host);
    await insert(host, 'shop."Wish List"', people, [
      [1, 'guest', 'bone'],
      [2, 'account', 'bone'],
      [3, 'guest', 'ball'],
    ]);
    expect((await link(people)).receipt?.tables).toEqual({
      'shop.Wish List': { moved: 1, folded: 0, dropped: 1 },
    });
    expect(await rowsIn(host, 'shop."Wish List"', people)).toEqual([
      [2, 'account', 'bone'],
      [3, 'account', 'ball'],
    ]);
  });

  it('in every partition of a table', async () => {
    const people = await meet(host);
    const [old, late] = ['2019-05-05', '2024-05-05'];
    await insert(host, 'stay', people, [
      [1, old, 'guest'],
      [1, old, 'account'],
      [2, old, 'guest'],
      [1, late, 'guest'],
      [1, late, 'account'],
    ]);
    expect((await link(people)).receipt?.tables).toEqual({
      stay: { moved: 1, folded: 0, dropped: 2 },
    });
    expect(await host.sql('SELECT id, day::text, user_id FROM stay ORDER BY day, id')).toEqual([
      { id: 1, day: old, user_id: people.account.userId },
      { id: 2, day: old, user_id: people.account.userId },
      { id: 1, day: late, user_id: people.account.userId },
    ]);
  });

  it('leaves a clean database behind', () => expectCleanDatabase(host.databaseUrl));
});
