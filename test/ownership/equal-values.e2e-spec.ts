import { combine, owned } from '../../src/index.js';
import { expectCleanDatabase } from '../support/checker.js';
import { NO_RETRY } from '../support/links.js';
import { insert, link, meet, rowsIn } from '../support/merging.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

const SCHEMA = `
  CREATE TABLE membership (id integer PRIMARY KEY, is_guest boolean, user_id uuid, name text,
    FOREIGN KEY (user_id) REFERENCES users (id), UNIQUE (user_id, name));
  CREATE TABLE word (id integer PRIMARY KEY, user_id uuid REFERENCES users (id), word text,
    plain text GENERATED ALWAYS AS (lower(word)) STORED, UNIQUE (user_id, plain));
  CREATE COLLATION any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
  CREATE TABLE slug (id integer PRIMARY KEY, user_id uuid REFERENCES users (id), slug text);
  CREATE UNIQUE INDEX slugs ON slug (user_id, slug COLLATE any_case);`;

let host: TestApp;
beforeAll(async () => {
  host = await createTestApp({
    options: { linking: NO_RETRY },
    schema: SCHEMA,
    tables: [
      owned('membership', { onCollision: combine({ is_guest: 'or' }) }),
      owned('word', { onCollision: 'keepGuest' }),
      owned('slug', { onCollision: 'keepAccount' }),
    ],
  });
});
afterAll(() => host.close());

describe('a unique key is broken by', () => {
  it('values that a generated column makes equal', async () => {
    const people = await meet(host);
    await host.sql(
      `INSERT INTO word (id, user_id, word) VALUES (1, $1, 'Bone'), (2, $2, 'BONE'), (3, $2, 'ball')`,
      [people.guest.userId, people.account.userId],
    );
    expect((await link(people)).receipt?.tables).toEqual({
      word: { moved: 1, folded: 0, dropped: 1 },
    });
    expect(await rowsIn(host, 'word', people)).toEqual([
      [1, 'account', 'Bone', 'bone'],
      [3, 'account', 'ball', 'ball'],
    ]);
  });

  it('values that its own collation holds for equal', async () => {
    const people = await meet(host);
    await insert(host, 'slug', people, [
      [1, 'guest', 'Bentley'],
      [2, 'account', 'bentley'],
      [3, 'guest', 'coco'],
    ]);
    expect((await link(people)).receipt?.tables).toEqual({
      slug: { moved: 1, folded: 0, dropped: 1 },
    });
    expect(await rowsIn(host, 'slug', people)).toEqual([
      [2, 'account', 'bentley'],
      [3, 'account', 'coco'],
    ]);
  });

  it('no rows with a null in it', async () => {
    const people = await meet(host);
    await insert(host, 'membership', people, [
      [1, true, 'guest', null],
      [2, false, 'account', null],
      [3, true, 'guest', 'x'],
      [4, false, 'account', 'x'],
    ]);
    expect((await link(people)).receipt?.tables).toEqual({
      membership: { moved: 1, folded: 1, dropped: 0 },
    });
    expect(await rowsIn(host, 'membership', people)).toEqual([
      [1, true, 'account', null],
      [2, false, 'account', null],
      [4, true, 'account', 'x'],
    ]);
  });

  it('leaves a clean database behind', () => expectCleanDatabase(host.databaseUrl));
});
