import {
  combine,
  ConfigurationError,
  ignored,
  newest,
  owned,
  type TableDeclaration,
} from '../../src/index.js';
import { Note, Wallet } from '../support/host.js';
import { handlerOf } from '../support/links.js';
import { refusalOf } from '../support/refused-start.js';

/** A table with a column of every kind that a strategy could be asked to decide by, or to combine. */
const PET = `
  CREATE DOMAIN mood AS text;
  CREATE TABLE pet (id integer PRIMARY KEY, user_id uuid NOT NULL REFERENCES users (id), name text NOT NULL, tag uuid,
    chip integer UNIQUE, open boolean NOT NULL DEFAULT true, legs integer, moods mood, marks integer[], extra json, extras jsonb,
    born date, legs_twice integer GENERATED ALWAYS AS (legs * 2) STORED, UNIQUE (user_id, name));
  CREATE UNIQUE INDEX one_open ON pet (user_id, born) WHERE open;
  CREATE TABLE venue (id integer PRIMARY KEY, city text);
  CREATE VIEW pets AS SELECT * FROM pet;
  CREATE TABLE visit (id integer PRIMARY KEY, actor_id text, shop_id integer, short_id varchar(10));`;

const pet = (onCollision: ReturnType<typeof combine>) => [owned('pet', { onCollision })];
const decided = owned('pet', { onCollision: 'keepAccount' });

const wrong: [what: string, tables: TableDeclaration[], names: (string | RegExp)[]][] = [
  ['a table that does not exist', [decided, owned('pest')], ['pest', 'does not exist']],
  [
    'a table of a schema that does not exist',
    [decided, ignored('shop.pet', 'why')],
    ['shop.pet', 'does not exist'],
  ],
  ['a view', [decided, owned('pets', { column: 'user_id' })], ['table pets', 'no table']],
  ['a table twice', [decided, owned('public.pet')], ['public.pet', 'twice', 'Keep one']],
  [
    'a table as owned and as ignored',
    [decided, ignored('pet', 'why')],
    ['pet', 'twice', 'Keep one'],
  ],
  [
    'a table that leads to no user as owned',
    [decided, owned('venue')],
    [
      'table venue',
      'no foreign key leads from it to a user',
      "owned('venue', { column: 'user_id' })",
    ],
  ],
  [
    'an owner column that is not there',
    [decided, owned('visit', { column: 'owner_id' })],
    ['table visit', '"owner_id"', 'does not have'],
  ],
  [
    'an owner column of a type that holds no ids',
    [decided, owned('visit', { column: 'shop_id' })],
    ['table visit', '"shop_id"', 'integer', 'uuid', "@MergeHandler('visit')"],
  ],
  [
    'an owner column that would cut ids off',
    [decided, owned('visit', { column: 'short_id' })],
    ['table visit', '"short_id"', 'character varying(10)'],
  ],
  ['newest() of a column that is not there', pet(newest('age')), ['table pet', '"age"']],
  [
    'newest() of a column without an order',
    pet(newest('extra')),
    ['table pet', "'newest'", '"extra"', 'json'],
  ],
  ['combine() of a column that is not there', pet(combine({ age: 'sum' })), ['"age"']],
  ['a sum of texts', pet(combine({ moods: 'sum' })), ["'sum'", '"moods"', 'mood']],
  ['a sum of arrays', pet(combine({ marks: 'sum' })), ["'sum'", '"marks"', 'integer[]']],
  ["'or' of numbers", pet(combine({ legs: 'or' })), ["'or'", '"legs"', 'integer']],
  ["'and' of numbers", pet(combine({ legs: 'and' })), ["'and'", '"legs"', 'integer']],
  ['the largest of values without an order', pet(combine({ extra: 'max' })), ["'max'", '"extra"']],
  ['the smallest of booleans', pet(combine({ extras: 'min' })), ["'min'", '"extras"', 'jsonb']],
  [
    'combine() of a column of the key that collides',
    pet(combine({ name: 'max' })),
    ['table pet', '"name"', 'pet_user_id_name_key', 'Leave "name" out'],
  ],
  [
    'combine() of a column of another unique key',
    pet(combine({ chip: 'fill' })),
    ['"chip"', 'pet_chip_key'],
  ],
  [
    'combine() of a column in the condition of a unique key',
    pet(combine({ open: 'or' })),
    ['"open"', 'one_open'],
  ],
  ['combine() of the primary key', pet(combine({ id: 'min' })), ['"id"', 'pet_pkey']],
  ['combine() of a generated column', pet(combine({ legs_twice: 'sum' })), ['generated']],
];

describe('an app does not start with a declaration of', () => {
  it.each(wrong)('%s', async (_what, tables, names) => {
    const error = await refusalOf({ schema: PET, tables });
    expect(error).toBeInstanceOf(ConfigurationError);
    for (const part of names) expect(error.message).toContain(part);
  });

  it('an entity that the DataSource does not know', async () => {
    class Stranger {}
    const error = await refusalOf({ tables: [owned(Stranger)] });
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.message).toContain('Stranger');
  });

  it('a table as ignored that has a handler class', async () => {
    const providers = [handlerOf(Note, () => undefined)];
    const error = await refusalOf({ tables: [ignored(Note, 'why')], providers });
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.message).toMatch(/table note: it is ignored and has a merge handler/);
  });

  it('a strategy for a property that the entity does not have', async () => {
    const error = await refusalOf({
      hostTables: [owned(Wallet, { onCollision: combine({ debits: 'sum' }) })],
    });
    expect(error.message).toMatch(/table wallet: .*owned\(Wallet, …\).*"debits"/);
  });
});
