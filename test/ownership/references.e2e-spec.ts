import { owned } from '../../src/index.js';
import { expectCleanDatabase } from '../support/checker.js';
import { NO_RETRY } from '../support/links.js';
import { insert, link, meet, rowsIn } from '../support/merging.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

const SCHEMA = `
  CREATE TABLE country (user_id uuid NOT NULL REFERENCES users (id), id integer, code text, name text,
    PRIMARY KEY (id, code), UNIQUE (code, id), UNIQUE (user_id, name));
  CREATE TABLE city (id integer PRIMARY KEY, country_id integer, country_code text,
    FOREIGN KEY (country_code, country_id) REFERENCES country (code, id));
  CREATE TABLE shop (id integer PRIMARY KEY, user_id uuid NOT NULL REFERENCES users (id), slug text UNIQUE,
    name text, UNIQUE (user_id, name));
  CREATE TABLE opening (id integer PRIMARY KEY, slug text REFERENCES shop (slug), day text, UNIQUE (slug, day));`;

let host: TestApp;
beforeAll(async () => {
  host = await createTestApp({
    options: { linking: NO_RETRY },
    schema: SCHEMA,
    tables: [
      owned('country', { onCollision: 'keepAccount' }),
      owned('shop', { onCollision: 'keepAccount' }),
      owned('opening', { onCollision: 'keepAccount' }),
    ],
  });
});
afterAll(() => host.close());

describe('what hangs on a row that gives way', () => {
  it('may refer to it by several columns, in another order', async () => {
    const people = await meet(host);
    await insert(host, 'country', people, [
      ['guest', 1, 'NO', 'Norway'],
      ['account', 2, 'XX', 'Norway'],
    ]);
    await insert(host, 'city', people, [
      [1, 1, 'NO'],
      [2, 2, 'XX'],
      [3, 1, null],
    ]);
    expect((await link(people)).receipt?.tables).toEqual({
      country: { moved: 0, folded: 0, dropped: 1 },
      city: { moved: 1, folded: 0, dropped: 0 },
    });
    expect(await rowsIn(host, 'city', people)).toEqual([
      [1, 2, 'XX'],
      [2, 2, 'XX'],
      [3, 1, null],
    ]);
  });

  it('may refer to it by another key than the primary one', async () => {
    const people = await meet(host);
    await insert(host, 'shop', people, [
      [1, 'guest', 'g', 'Paws'],
      [2, 'account', 'a', 'Paws'],
    ]);
    await insert(host, 'opening', people, [
      [1, 'g', 'Mon'],
      [2, 'g', 'Tue'],
      [3, 'a', 'Mon'],
    ]);
    expect((await link(people)).receipt?.tables).toEqual({
      shop: { moved: 0, folded: 0, dropped: 1 },
      opening: { moved: 1, folded: 0, dropped: 1 },
    });
    expect(await rowsIn(host, 'opening', people)).toEqual([
      [2, 'a', 'Tue'],
      [3, 'a', 'Mon'],
    ]);
  });

  it('leaves a clean database behind', () => expectCleanDatabase(host.databaseUrl));
});
