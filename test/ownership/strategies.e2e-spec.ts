import { combine, newest, owned } from '../../src/index.js';
import { expectCleanDatabase } from '../support/checker.js';
import { ledgerOf, NO_RETRY, reconcile, signIn, userExists } from '../support/links.js';
import { type Cell, insert, link, meet, rowsIn } from '../support/merging.js';
import { bearer } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

/** One table for each strategy, all with the same columns: id, owner, name, size, city. */
const SCHEMA = ['keep_account', 'keep_guest', 'newest_one', 'combined', 'refused']
  .map(
    (
      name,
    ) => `CREATE TABLE ${name} (id integer PRIMARY KEY, user_id uuid NOT NULL REFERENCES users (id),
      name text NOT NULL, size integer, city text, UNIQUE (user_id, name));`,
  )
  .join('\n')
  .concat(
    'CREATE TABLE reassigned (id integer PRIMARY KEY, user_id uuid REFERENCES users (id), name text);',
  );

const TABLES = [
  owned('keep_account', { onCollision: 'keepAccount' }),
  owned('keep_guest', { onCollision: 'keepGuest' }),
  owned('newest_one', { onCollision: newest('size') }),
  owned('combined', { onCollision: combine({ size: 'sum', city: 'fill' }) }),
  owned('refused', { onCollision: 'refuse' }),
];

/** The guest's Bentley meets the account's; everything else is met by nothing. */
const BEFORE = [
  [1, 'guest', 'Bentley', 7, 'Rome'],
  [2, 'guest', 'Coco', 1, null],
  [3, 'account', 'Bentley', 5, null],
  [4, 'account', 'Daisy', 2, 'Oslo'],
  [5, 'stranger', 'Bentley', 9, 'Bonn'],
] satisfies Cell[][];

const coco = [2, 'account', 'Coco', 1, null];
const others = [
  [4, 'account', 'Daisy', 2, 'Oslo'],
  [5, 'stranger', 'Bentley', 9, 'Bonn'],
];

let host: TestApp;
beforeAll(async () => {
  host = await createTestApp({ options: { linking: NO_RETRY }, schema: SCHEMA, tables: TABLES });
});
beforeEach(() =>
  host.sql('TRUNCATE keep_account, keep_guest, newest_one, combined, refused, reassigned'),
);
afterAll(() => host.close());

describe('when a unique key would break', () => {
  it.each([
    {
      strategy: 'keepAccount',
      table: 'keep_account',
      bentley: [3, 'account', 'Bentley', 5, null],
      receipt: { moved: 1, folded: 0, dropped: 1 },
    },
    {
      strategy: 'keepGuest',
      table: 'keep_guest',
      bentley: [1, 'account', 'Bentley', 7, 'Rome'],
      receipt: { moved: 2, folded: 0, dropped: 1 },
    },
    {
      strategy: 'newest, and the guest has it,',
      table: 'newest_one',
      bentley: [1, 'account', 'Bentley', 7, 'Rome'],
      receipt: { moved: 2, folded: 0, dropped: 1 },
    },
    {
      strategy: 'combine',
      table: 'combined',
      bentley: [3, 'account', 'Bentley', 12, 'Rome'],
      receipt: { moved: 1, folded: 1, dropped: 0 },
    },
  ])('$strategy leaves $bentley', async ({ table, bentley, receipt }) => {
    const people = await meet(host);
    await insert(host, table, people, BEFORE);
    const { status, receipt: told } = await link(people);
    expect({ status, told: told?.tables }).toEqual({
      status: 'merged',
      told: { [table]: receipt },
    });
    const after = [coco, bentley, ...others].sort((a, b) => Number(a[0]) - Number(b[0]));
    expect(await rowsIn(host, table, people)).toEqual(after);
    expect(await userExists(host, people.guest.userId)).toBe(false);
  });

  it.each([
    ['the account has the newer row', 7, 8, [3, 'account', 'Bentley', 8, null]],
    ['they are of one age', 7, 7, [3, 'account', 'Bentley', 7, null]],
    ['the guest has no age', null, 0, [3, 'account', 'Bentley', 0, null]],
    ['the account has no age', 0, null, [1, 'account', 'Bentley', 0, null]],
    ['neither has one', null, null, [3, 'account', 'Bentley', null, null]],
  ])('newest keeps the right one when %s', async (_when, guests, accounts, winner) => {
    const people = await meet(host);
    await insert(host, 'newest_one', people, [
      [1, 'guest', 'Bentley', guests, null],
      [3, 'account', 'Bentley', accounts, null],
    ]);
    expect((await link(people)).status).toBe('merged');
    expect(await rowsIn(host, 'newest_one', people)).toEqual([winner]);
  });

  it('refuse moves nothing at all, and merges once the host has made room', async () => {
    const people = await meet(host);
    await insert(host, 'refused', people, BEFORE);
    await insert(host, 'reassigned', people, [[1, 'guest', 'a']]);
    const { id, status, receipt } = await link(people);
    expect({ status, receipt }).toEqual({ status: 'pending', receipt: null });
    expect(await rowsIn(host, 'refused', people)).toEqual(BEFORE);
    expect(await rowsIn(host, 'reassigned', people)).toEqual([[1, 'guest', 'a']]);
    const [waiting] = await ledgerOf(host, people.guest.userId);
    expect(waiting!.error).toMatch(/refused/);
    await host.sql(`DELETE FROM refused WHERE id = 3`);
    await reconcile(host);
    expect(await ledgerOf(host, people.guest.userId)).toMatchObject([{ id, status: 'merged' }]);
    expect(await rowsIn(host, 'refused', people)).toEqual([
      [1, 'account', 'Bentley', 7, 'Rome'],
      coco,
      ...others,
    ]);
    expect(await rowsIn(host, 'reassigned', people)).toEqual([[1, 'account', 'a']]);
  });

  it('refuse without a collision is a move like any other', async () => {
    const people = await meet(host);
    await insert(host, 'refused', people, BEFORE.slice(0, 2));
    expect((await link(people)).receipt?.tables).toEqual({
      refused: { moved: 2, folded: 0, dropped: 0 },
    });
  });

  it('tables without a key of their owner just change hands', async () => {
    const people = await meet(host);
    await insert(host, 'reassigned', people, [
      [1, 'guest', 'a'],
      [2, 'account', 'a'],
      [3, null, 'a'],
    ]);
    expect((await link(people)).receipt?.tables).toEqual({
      reassigned: { moved: 1, folded: 0, dropped: 0 },
    });
    expect(await rowsIn(host, 'reassigned', people)).toEqual([
      [1, 'account', 'a'],
      [2, 'account', 'a'],
      [3, null, 'a'],
    ]);
  });

  it('every table is merged in one go, and a second time changes nothing', async () => {
    const people = await meet(host);
    const tables = ['keep_account', 'keep_guest', 'newest_one', 'combined'];
    for (const table of tables) await insert(host, table, people, BEFORE);
    const first = await link(people);
    const after = await Promise.all(tables.map((table) => rowsIn(host, table, people)));
    const again = await signIn({ client: bearer(host, people.guest.token) }, people.account);
    expect(again).toMatchObject({
      status: 200,
      body: { link: { id: first.id, status: 'merged' } },
    });
    expect(await Promise.all(tables.map((table) => rowsIn(host, table, people)))).toEqual(after);
  });

  it('leaves a clean database behind', () => expectCleanDatabase(host.databaseUrl));
});
