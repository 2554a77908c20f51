import { createHash } from 'node:crypto';
import { ignored, User } from '../../src/index.js';
import { checkMerge, checkMerges, expectNoOrphans, sample } from '../../src/testing/index.js';
import { closeApps, startApp } from '../support/running-apps.js';
import type { TestApp } from '../support/test-app.js';
import { DECLARATIONS, RECEIPTS, SHAPES } from './shapes.js';

const ODD = `
  CREATE TABLE odd (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid NOT NULL REFERENCES users (id),
    checksum text NOT NULL CHECK (checksum = md5(content)), content text NOT NULL CHECK (length(content) > 1000));
  CREATE TABLE ring (id uuid PRIMARY KEY, user_id uuid NOT NULL REFERENCES users (id), next_id uuid NOT NULL REFERENCES ring (id));
  CREATE TABLE pair (id serial PRIMARY KEY, user_id uuid NOT NULL REFERENCES users (id), left_id integer NOT NULL,
    place circle NOT NULL);
  CREATE TABLE legacy (user_id uuid REFERENCES users (id));
  CREATE TABLE place (id serial PRIMARY KEY, name text NOT NULL)`;

describe('checkMerge and tables', () => {
  let host: TestApp;
  beforeAll(async () => {
    const tables = [...DECLARATIONS, ignored('legacy', 'nobody reads it')];
    // One connection is all that the kit may need.
    host = await startApp({ schema: `${SHAPES};${ODD}`, tables, poolSize: 1 });
  });
  afterAll(closeApps);

  const checksum = sample('odd', ({ n }) => {
    const content = `${n}`.padStart(1001, 'x');
    return { content, checksum: createHash('md5').update(content).digest('hex') };
  });
  const circle = sample('pair', () => ({ left_id: 1, place: '<(1,2),3>' }));
  const ring = sample('ring', async ({ n }) => {
    const id = `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
    return { id, next_id: id };
  });

  it('makes rows of every kind that collide on every key', async () => {
    const receipts = await checkMerges(host.app, { samples: [checksum, circle, ring] });
    const short = Object.entries(receipts).map(([table, { moved, folded, dropped }]) => [
      table,
      [moved, folded, dropped],
    ]);
    const odd = { odd: [2, 0, 0], pair: [2, 0, 0], ring: [4, 0, 0] };
    expect(Object.fromEntries(short)).toEqual({ ...RECEIPTS, ...odd });
    expect(await host.sql('SELECT id FROM users')).toEqual([]);
    await expectNoOrphans(host.app);
  }, 60_000);

  it.each([
    ['odd', /no values for "checksum", "content" of table odd were found that satisfy/],
    ['pair', /its column "place" needs a value, and the kit knows none of type circle/],
    ['ring', /its foreign key ring_next_id_fkey needs a row of a table that needs it/],
  ])('says what to write when it cannot make rows of %s', async (table, reason) => {
    const error = await checkMerge(host.app, table).catch((thrown: unknown) => thrown);
    const { message } = error as Error;
    expect(message).toMatch(reason);
    expect(message).toContain(`samples: [sample('${table}', ({ n }) => ({ column: value }))]`);
  });

  it('gives the host the transaction to make rows in that others refer to', async () => {
    const seen = new Set<string>();
    const left = sample('pair', async ({ n, userId, manager }) => {
      seen.add(String(userId));
      const [place] = await manager.query<{ id: number }[]>(
        'INSERT INTO place (name) VALUES ($1) RETURNING id',
        [`place ${n}`],
      );
      return { left_id: place!.id, place: '<(1,2),3>' };
    });
    await checkMerge(host.app, 'pair', { samples: [left] });
    expect(seen.size).toBeGreaterThan(2);
    expect(await host.sql('SELECT id FROM place')).toEqual([]);
  });

  it.each([
    ['a table that is not there', 'nowhere', {}, /nowhere is no table of this database/],
    ['a table of nobody', 'place', {}, /no merge moves rows of place/],
    ['a table that is ignored', 'legacy', {}, /no merge moves rows of legacy/],
    ['a sum over no column', 'note', { sums: ['much'] }, /`sums` names much, which is no column/],
    [
      'a sample of no column',
      'note',
      { samples: [sample('note', () => ({ txt: 'x' }))] },
      /its sample names column "txt", which does not exist/,
    ],
  ])('refuses %s', async (_, table, options, reason) => {
    await expect(checkMerge(host.app, table, options)).rejects.toThrow(reason);
  });
});

describe('checkMerge and the user table', () => {
  afterEach(closeApps);

  const SCHEMA = `
    CREATE TABLE tenant (id serial PRIMARY KEY, slug varchar(6) NOT NULL UNIQUE);
    ALTER TABLE users ADD COLUMN tenant_id integer NOT NULL REFERENCES tenant (id),
      ADD COLUMN locale text NOT NULL CHECK (locale IN ('en', 'fr')), ADD COLUMN area circle NOT NULL`;

  it('makes users with the columns that the host has added', async () => {
    const host = await startApp({ schema: SCHEMA });
    await expect(checkMerge(host.app, 'wallet')).rejects.toThrow(
      /a row of table users could not be made: its column "area" needs a value/,
    );
    const samples = [sample(User, () => ({ area: '<(1,2),3>' }))];
    expect(await checkMerge(host.app, 'wallet', { samples })).toEqual({
      moved: 0,
      folded: 1,
      dropped: 0,
    });
  });
});
