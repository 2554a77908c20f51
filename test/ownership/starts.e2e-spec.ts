import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { combine, ignored, newest, owned, type TableDeclaration } from '../../src/index.js';
import { Wallet } from '../support/host.js';
import { WalletMergeHandler } from '../support/links.js';
import { refusalOf } from '../support/refused-start.js';
import { closeApps, startApp } from '../support/running-apps.js';
import { createTestApp, type TestAppSettings } from '../support/test-app.js';
import { createTestDatabase } from '../support/test-database.js';

afterEach(closeApps);

const OWNER = 'user_id uuid NOT NULL REFERENCES users (id)';

describe('an app starts without a decision about', () => {
  it.each([
    [
      'a key that contains another one without the owner',
      `CREATE TABLE thing (id integer PRIMARY KEY, ${OWNER}, UNIQUE (user_id, id))`,
    ],
    [
      'a key that only carries the owner along',
      `CREATE TABLE thing (id integer PRIMARY KEY, slug text UNIQUE, ${OWNER});
       CREATE UNIQUE INDEX slugs ON thing (slug) INCLUDE (user_id)`,
    ],
    [
      'a unique key of a table that only refers to a table of the guest',
      `CREATE TABLE thing (id integer PRIMARY KEY, ${OWNER});
       CREATE TABLE part (thing_id integer PRIMARY KEY REFERENCES thing (id), name text)`,
    ],
    [
      'a CHECK over one owner column and something else',
      `CREATE TABLE thing (id integer PRIMARY KEY, ${OWNER}, open boolean, CHECK (open OR user_id IS NOT NULL))`,
    ],
  ])('%s', async (_what, schema) => {
    await startApp({ schema });
  });
});

const PARENTS = `CREATE TABLE pet (id integer PRIMARY KEY, ${OWNER}, name text, UNIQUE (user_id, name));
  CREATE TABLE tag (pet_id integer REFERENCES pet (id), label text, PRIMARY KEY (pet_id, label));
  CREATE TABLE mark (pet_id integer, label text, n integer, PRIMARY KEY (pet_id, label, n),
    FOREIGN KEY (pet_id, label) REFERENCES tag (pet_id, label))`;
const pets = owned('pet', { onCollision: 'keepAccount' });

describe('the children of rows that may give way', () => {
  it('need a decision when their own key contains the parent', async () => {
    const { message } = await refusalOf({ schema: PARENTS, tables: [pets] });
    expect(message).toContain("owned('tag', { onCollision: 'keepAccount' })");
    expect(message).toContain('tag_pkey (pet_id, label)');
  });

  it('need a decision even if they are ignored', async () => {
    const tables = [pets, ignored('tag', 'nobody looks at them')];
    const { message } = await refusalOf({ schema: PARENTS, tables });
    expect(message).toContain('tag_pkey (pet_id, label)');
  });

  it('may not themselves be referred to by a column that a merge changes', async () => {
    const tables = [pets, owned('tag', { onCollision: 'keepAccount' })];
    const { message } = await refusalOf({ schema: PARENTS, tables });
    expect(message).toMatch(
      /table tag: foreign key mark_pet_id_label_fkey .* a merge has to change/,
    );
  });
});

const PET = `CREATE TABLE pet (id integer PRIMARY KEY, ${OWNER}, name text, legs smallint, weight numeric(5,2),
  born timestamptz, tame boolean, extra json, UNIQUE (user_id, name))`;

describe('a strategy', () => {
  it.each<[string, TableDeclaration]>([
    ['newest() by a time', owned('pet', { onCollision: newest('born') })],
    ['newest() by a boolean', owned('pet', { onCollision: newest('tame') })],
    [
      'every way to combine that fits the type',
      owned('pet', {
        onCollision: combine({
          legs: 'sum',
          weight: 'sum',
          born: 'max',
          tame: 'or',
          extra: 'fill',
        }),
      }),
    ],
    ['nothing to combine', owned('pet', { onCollision: combine({}) })],
    ["'refuse'", owned('pet', { onCollision: 'refuse' })],
  ])('of %s is accepted', async (_what, declaration) => {
    await startApp({ schema: PET, tables: [declaration] });
  });

  it('gives way to a handler class for the same table', async () => {
    const tables = [owned(Wallet)];
    await startApp({ hostTables: tables, providers: [WalletMergeHandler] });
  });
});

describe('an ignored table', () => {
  const CASCADE = `CREATE TABLE import (id integer PRIMARY KEY, user_id uuid UNIQUE REFERENCES users (id) ON DELETE CASCADE);`;
  const tables = [ignored('import', 'dropped every night')];

  it('needs no decision about its keys', async () => {
    await startApp({ schema: CASCADE, tables });
  });

  it('may be referred to by a table that keeps its rows from going', async () => {
    const part = `CREATE TABLE part (id integer PRIMARY KEY, import_id integer REFERENCES import (id))`;
    await startApp({ schema: CASCADE + part, tables });
  });

  it.each(['CASCADE', 'SET NULL', 'SET DEFAULT'])(
    'may not take rows of others along by ON DELETE %s',
    async (action) => {
      const part = `CREATE TABLE part (id integer PRIMARY KEY, ${OWNER},
        import_id integer CONSTRAINT of_import REFERENCES import (id) ON DELETE ${action})`;
      const { message } = await refusalOf({ schema: CASCADE + part, tables });
      expect(message).toMatch(/table import: it is ignored, .*of_import.*part/);
    },
  );
});

describe('row security', () => {
  /** The owner of the tables is no superuser, so a policy binds it when the table says FORCE. */
  async function withPlainRole(work: (settings: TestAppSettings) => Promise<void>): Promise<void> {
    const database = await createTestDatabase();
    const role = `r_${randomBytes(6).toString('hex')}`;
    const client = new Client(database.url);
    await client.connect();
    await client.query(
      `CREATE ROLE ${role} LOGIN PASSWORD 'plain'; ALTER SCHEMA public OWNER TO ${role}`,
    );
    const url = new URL(database.url);
    [url.username, url.password] = [role, 'plain'];
    try {
      await work({ databaseUrl: url.href });
    } finally {
      await client.query(
        `REASSIGN OWNED BY ${role} TO CURRENT_USER; DROP OWNED BY ${role}; DROP ROLE ${role}`,
      );
      await client.end();
      await database.drop();
    }
  }

  const schema = `CREATE TABLE thing (id integer PRIMARY KEY, ${OWNER});
    ALTER TABLE thing ENABLE ROW LEVEL SECURITY;`;

  it('that binds the connection is refused', () =>
    withPlainRole(async (settings) => {
      const forced = `${schema} ALTER TABLE thing FORCE ROW LEVEL SECURITY`;
      const { message } = await refusalOf({ ...settings, schema: forced });
      expect(message).toMatch(/table thing: row security .*BYPASSRLS.*ignored\('thing', 'why'\)/);
    }));

  it('that does not is no matter', () =>
    withPlainRole(async (settings) => {
      const host = await createTestApp({ ...settings, schema });
      await host.close();
    }));
});
