import { ConfigurationError } from '../../src/index.js';
import { refusalOf } from '../support/refused-start.js';

const USER = 'user_id uuid NOT NULL REFERENCES users (id)';
const THING = `CREATE TABLE thing (id integer PRIMARY KEY, name text NOT NULL, day date, ${USER})`;

/** Tables that a merge could not do alone, and what the message names beside the table. */
const refused: [what: string, schema: string, names: string[]][] = [
  [
    'a unique constraint',
    `${THING}; ALTER TABLE thing ADD CONSTRAINT one UNIQUE (user_id)`,
    ['one'],
  ],
  [
    'a composite unique constraint',
    `${THING}; ALTER TABLE thing ADD CONSTRAINT one_name UNIQUE (name, user_id)`,
    ['one_name (name, user_id)'],
  ],
  [
    'a primary key with the owner',
    `CREATE TABLE thing (${USER}, venue integer, PRIMARY KEY (user_id, venue))`,
    ['thing_pkey (user_id, venue)'],
  ],
  [
    'a unique index that is no constraint',
    `${THING}; CREATE UNIQUE INDEX one_day ON thing (user_id, day)`,
    ['one_day (user_id, day)'],
  ],
  [
    'a partial unique index',
    `${THING}; CREATE UNIQUE INDEX one_open ON thing (user_id) WHERE day IS NULL`,
    ['one_open (user_id) where day IS NULL'],
  ],
  [
    'a partial unique index whose condition reads the owner',
    `${THING}; CREATE UNIQUE INDEX nameless ON thing (name) WHERE user_id IS NOT NULL`,
    ['nameless (name) where user_id IS NOT NULL'],
  ],
  [
    'an index over an expression with the owner',
    `${THING}; CREATE UNIQUE INDEX mixed ON thing (md5(user_id::text), lower(name))`,
    ['mixed (md5(user_id::text), lower(name))'],
  ],
  [
    'a key beside one without the owner that nulls may leave',
    `${THING}; ALTER TABLE thing ADD UNIQUE (day); ALTER TABLE thing ADD CONSTRAINT both_of UNIQUE (user_id, day)`,
    ['both_of (user_id, day)'],
  ],
  [
    'an owner with ON DELETE CASCADE',
    `CREATE TABLE thing (id integer PRIMARY KEY, user_id uuid UNIQUE REFERENCES users (id) ON DELETE CASCADE)`,
    ['thing_user_id_key (user_id)'],
  ],
  [
    'a partitioned table',
    `CREATE TABLE thing (day date, ${USER}, PRIMARY KEY (user_id, day)) PARTITION BY RANGE (day);
     CREATE TABLE thing_old PARTITION OF thing FOR VALUES FROM (MINVALUE) TO ('2020-01-01')`,
    ['thing_pkey (user_id, day)'],
  ],
  [
    'a key that only one partition has',
    `CREATE TABLE thing (id integer, day date, ${USER}, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
     CREATE TABLE thing_old PARTITION OF thing FOR VALUES FROM (MINVALUE) TO ('2020-01-01');
     CREATE UNIQUE INDEX old_one ON thing_old (user_id)`,
    ['old_one (user_id)', 'partition', "@MergeHandler('thing')"],
  ],
  [
    'a composite foreign key to the users',
    `ALTER TABLE users ADD UNIQUE (id, is_anonymous);
     CREATE TABLE thing (id integer PRIMARY KEY, owner uuid, guest boolean, UNIQUE (owner, guest),
       FOREIGN KEY (guest, owner) REFERENCES users (is_anonymous, id) ON UPDATE CASCADE)`,
    ['thing_owner_guest_key (owner, guest)'],
  ],
  [
    'a key that contains a column generated from the owner',
    `CREATE TABLE thing (id integer PRIMARY KEY, ${USER},
       slug text GENERATED ALWAYS AS ('u' || uuid_hash(user_id)) STORED, CONSTRAINT slugs UNIQUE (slug));`,
    ['slugs (slug)', 'generated', "@MergeHandler('thing')"],
  ],
  [
    'a colliding key without a primary key',
    `CREATE TABLE thing (${USER}, name text); CREATE UNIQUE INDEX names ON thing (user_id, name)`,
    ['no primary key', 'names (user_id, name)'],
  ],
  [
    'a second owner that is in the key alone',
    `CREATE TABLE thing (id integer PRIMARY KEY, ${USER}, friend_id uuid REFERENCES users (id), CONSTRAINT friends UNIQUE (friend_id))`,
    ['friends (friend_id)'],
  ],
  [
    'an owner column in a key that another table refers to',
    `CREATE TABLE thing (id integer PRIMARY KEY, ${USER}, UNIQUE (user_id, id));
     CREATE TABLE part (id integer PRIMARY KEY, owner uuid, thing_id integer,
       CONSTRAINT of_thing FOREIGN KEY (owner, thing_id) REFERENCES thing (user_id, id))`,
    ['of_thing', 'part', "@MergeHandler('thing')"],
  ],
  [
    'an exclusion constraint over the owner',
    `CREATE TABLE thing (id integer PRIMARY KEY, ${USER}, stay daterange,
       CONSTRAINT one_stay EXCLUDE USING spgist (stay WITH &&) WHERE (user_id IS NOT NULL))`,
    ['one_stay', 'exclusion', "@MergeHandler('thing')"],
  ],
  [
    'a CHECK over two owner columns',
    `CREATE TABLE thing (id integer PRIMARY KEY, ${USER}, friend_id uuid REFERENCES users (id),
       CONSTRAINT not_alone CHECK (user_id <> friend_id))`,
    ['not_alone', 'check', "@MergeHandler('thing')"],
  ],
  [
    'a foreign key to something else than the id of a user',
    `ALTER TABLE users ADD COLUMN card integer UNIQUE;
     CREATE TABLE thing (id integer PRIMARY KEY, card integer CONSTRAINT by_card REFERENCES users (card))`,
    ['by_card', '"card"', "@MergeHandler('thing')"],
  ],
];

/** An immutable function of an id, as a host would write it for a generated column. */
const HASH = `CREATE FUNCTION uuid_hash(id uuid) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT md5(id::text)';`;

describe('an app does not start with', () => {
  it.each(refused)('%s that nobody has decided about', async (_what, schema, names) => {
    const error = await refusalOf({ schema: HASH + schema });
    expect(error).toBeInstanceOf(ConfigurationError);
    for (const part of ['table thing', ...names]) expect(error.message).toContain(part);
    expect(error.message).toMatch(
      /owned\('thing', \{ onCollision: 'keepAccount' \}\)|MergeHandler\('thing'\)/,
    );
  });

  it('the entity of the host in the line to write, where there is one', async () => {
    const { message } = await refusalOf({ hostTables: [] });
    expect(message).toContain('table wallet');
    expect(message).toContain(
      "AnonymousModule.forFeature([owned(Wallet, { onCollision: 'keepAccount' })])",
    );
    expect(message).toContain('@MergeHandler(Wallet)');
  });

  it('several such tables, and names them all at once', async () => {
    const { message } = await refusalOf({
      schema: `CREATE SCHEMA shop; CREATE TABLE shop.cart (id integer PRIMARY KEY, user_id uuid UNIQUE REFERENCES users (id));
        ${THING}; ALTER TABLE thing ADD UNIQUE (user_id, name)`,
      hostTables: [],
    });
    for (const line of ["owned('shop.cart',", "owned('thing',", 'owned(Wallet,']) {
      expect(message).toContain(line);
    }
  });
});
