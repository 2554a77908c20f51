import { combine, newest, owned } from '../../src/index.js';
import { expectCleanDatabase } from '../support/checker.js';
import { NO_RETRY } from '../support/links.js';
import { insert, link, meet, rowsIn } from '../support/merging.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

const SCHEMA = `
  CREATE TABLE basket (id integer PRIMARY KEY, user_id uuid NOT NULL UNIQUE REFERENCES users (id));
  CREATE TABLE basket_item (id integer PRIMARY KEY, basket_id integer NOT NULL REFERENCES basket (id) ON DELETE CASCADE,
    sku text NOT NULL, quantity integer NOT NULL, UNIQUE (basket_id, sku));
  CREATE TABLE engraving (id integer PRIMARY KEY, item_id integer REFERENCES basket_item (id), text text);
  CREATE TABLE gift_card (item_id integer PRIMARY KEY REFERENCES basket_item (id), amount integer);

  CREATE TABLE pet (id integer PRIMARY KEY, user_id uuid NOT NULL REFERENCES users (id), name text NOT NULL,
    born integer, mother_id integer REFERENCES pet (id), UNIQUE (user_id, name));
  CREATE TABLE photo (id integer PRIMARY KEY, user_id uuid NOT NULL REFERENCES users (id),
    pet_id integer NOT NULL REFERENCES pet (id), other_pet_id integer REFERENCES pet (id));

  CREATE TABLE folder (id integer PRIMARY KEY, user_id uuid NOT NULL REFERENCES users (id), parent_id integer REFERENCES folder (id),
    name text NOT NULL, UNIQUE NULLS NOT DISTINCT (user_id, parent_id, name));

  CREATE TABLE team (id integer PRIMARY KEY, user_id uuid NOT NULL REFERENCES users (id), name text, captain_id integer,
    UNIQUE (user_id, name));
  CREATE TABLE player (id integer PRIMARY KEY, team_id integer NOT NULL REFERENCES team (id), name text,
    UNIQUE (team_id, name));
  ALTER TABLE team ADD CONSTRAINT captain FOREIGN KEY (captain_id) REFERENCES player (id);`;

let host: TestApp;
beforeAll(async () => {
  host = await createTestApp({
    options: { linking: NO_RETRY },
    schema: SCHEMA,
    tables: [
      owned('basket', { onCollision: 'keepAccount' }),
      owned('basket_item', { onCollision: combine({ quantity: 'sum' }) }),
      owned('gift_card', { onCollision: combine({ amount: 'sum' }) }),
      owned('pet', { onCollision: newest('born') }),
      owned('folder', { onCollision: 'keepAccount' }),
      owned('team', { onCollision: 'keepGuest' }),
      owned('player', { onCollision: 'keepGuest' }),
    ],
  });
});
afterAll(() => host.close());

describe('what hangs on a row that gives way', () => {
  beforeEach(() =>
    host.sql(
      `TRUNCATE basket, basket_item, engraving, gift_card, pet, photo, folder, team, player`,
    ),
  );

  it('goes over to the winner, and is itself folded where its own key breaks, all the way down', async () => {
    const people = await meet(host);
    await insert(host, 'basket', people, [
      [1, 'guest'],
      [2, 'account'],
      [3, 'stranger'],
    ]);
    await insert(host, 'basket_item', people, [
      [10, 1, 'bone', 2],
      [11, 1, 'ball', 1],
      [20, 2, 'bone', 3],
      [21, 2, 'lead', 1],
      [30, 3, 'bone', 9],
    ]);
    await insert(host, 'engraving', people, [
      [100, 10, 'for Bentley'],
      [101, 20, 'for Coco'],
    ]);
    await insert(host, 'gift_card', people, [
      [10, 5],
      [11, 6],
      [20, 7],
    ]);
    expect((await link(people)).receipt?.tables).toEqual({
      basket: { moved: 0, folded: 0, dropped: 1 },
      basket_item: { moved: 1, folded: 1, dropped: 0 },
      engraving: { moved: 1, folded: 0, dropped: 0 },
      gift_card: { moved: 0, folded: 1, dropped: 0 },
    });
    expect(await rowsIn(host, 'basket', people)).toEqual([
      [2, 'account'],
      [3, 'stranger'],
    ]);
    expect(await rowsIn(host, 'basket_item', people)).toEqual([
      [11, 2, 'ball', 1],
      [20, 2, 'bone', 5],
      [21, 2, 'lead', 1],
      [30, 3, 'bone', 9],
    ]);
    expect(await rowsIn(host, 'engraving', people)).toEqual([
      [100, 20, 'for Bentley'],
      [101, 20, 'for Coco'],
    ]);
    expect(await rowsIn(host, 'gift_card', people)).toEqual([
      [11, 6],
      [20, 12],
    ]);
  });

  it('stays where it is when nothing gives way', async () => {
    const people = await meet(host);
    await insert(host, 'basket', people, [[1, 'guest']]);
    await insert(host, 'basket_item', people, [[10, 1, 'bone', 2]]);
    expect((await link(people)).receipt?.tables).toEqual({
      basket: { moved: 1, folded: 0, dropped: 0 },
    });
    expect(await rowsIn(host, 'basket_item', people)).toEqual([[10, 1, 'bone', 2]]);
  });

  it('follows in every column that refers to it, whoever owns it', async () => {
    const people = await meet(host);
    await insert(host, 'pet', people, [
      [1, 'guest', 'Bentley', 2015, null],
      [2, 'account', 'Bentley', 2020, null],
      [3, 'guest', 'Coco', 2018, null],
      [4, 'account', 'Coco', 2011, null],
    ]);
    await insert(host, 'photo', people, [
      [1, 'guest', 1, 3],
      [2, 'account', 4, 2],
      [3, 'stranger', 1, 4],
      [4, 'stranger', 2, null],
    ]);
    expect((await link(people)).receipt?.tables).toEqual({
      pet: { moved: 1, folded: 0, dropped: 2 },
      photo: { moved: 1, folded: 0, dropped: 0 },
    });
    expect(await rowsIn(host, 'photo', people)).toEqual([
      [1, 'account', 2, 3],
      [2, 'account', 3, 2],
      [3, 'stranger', 2, 3],
      [4, 'stranger', 2, null],
    ]);
  });

  it('may be in the same table', async () => {
    const people = await meet(host);
    await insert(host, 'pet', people, [
      [1, 'guest', 'Bella', 2010, null],
      [2, 'guest', 'Coco', 2015, 1],
      [3, 'account', 'Bella', 2012, null],
      [4, 'account', 'Daisy', 2016, 3],
      [5, 'guest', 'Selma', 2016, 5],
      [6, 'account', 'Selma', 2017, 6],
    ]);
    expect((await link(people)).status).toBe('merged');
    expect(await rowsIn(host, 'pet', people)).toEqual([
      [2, 'account', 'Coco', 2015, 3],
      [3, 'account', 'Bella', 2012, null],
      [4, 'account', 'Daisy', 2016, 3],
      [6, 'account', 'Selma', 2017, 6],
    ]);
  });

  it('may itself break the key of that table, level by level', async () => {
    const people = await meet(host);
    await insert(host, 'folder', people, [
      [1, 'account', null, 'home'],
      [2, 'account', 1, 'dogs'],
      [3, 'account', 2, 'walks'],
      [4, 'guest', null, 'home'],
      [5, 'guest', 4, 'dogs'],
      [6, 'guest', 5, 'walks'],
      [7, 'guest', 6, 'lake'],
      [8, 'guest', 4, 'cats'],
    ]);
    expect((await link(people)).receipt?.tables).toEqual({
      folder: { moved: 2, folded: 0, dropped: 3 },
    });
    expect(await rowsIn(host, 'folder', people)).toEqual([
      [1, 'account', null, 'home'],
      [2, 'account', 1, 'dogs'],
      [3, 'account', 2, 'walks'],
      [7, 'account', 3, 'lake'],
      [8, 'account', 1, 'cats'],
    ]);
  });

  it('may refer back to it', async () => {
    const people = await meet(host);
    await insert(host, 'team', people, [
      [1, 'guest', 'Huskies', null],
      [2, 'account', 'Huskies', null],
    ]);
    await insert(host, 'player', people, [
      [10, 1, 'Bo'],
      [11, 1, 'Al'],
      [20, 2, 'Bo'],
      [21, 2, 'Cy'],
    ]);
    await host.sql('UPDATE team SET captain_id = 10 WHERE id = 1');
    await host.sql('UPDATE team SET captain_id = 20 WHERE id = 2');
    expect((await link(people)).receipt?.tables).toEqual({
      team: { moved: 1, folded: 0, dropped: 1 },
      player: { moved: 1, folded: 0, dropped: 1 },
    });
    expect(await rowsIn(host, 'team', people)).toEqual([[1, 'account', 'Huskies', 10]]);
    expect(await rowsIn(host, 'player', people)).toEqual([
      [10, 1, 'Bo'],
      [11, 1, 'Al'],
      [21, 1, 'Cy'],
    ]);
  });

  it('leaves a clean database behind', () => expectCleanDatabase(host.databaseUrl));
});
