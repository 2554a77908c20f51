import { combine, type Combination, owned } from '../../src/index.js';
import { NO_RETRY } from '../support/links.js';
import { type Cell, insert, link, meet, rowsIn } from '../support/merging.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

/** How, the column's type, the guest's values, the account's, and what becomes of them. */
const combinations: [Combination, string, Cell[], Cell, unknown][] = [
  ['sum', 'integer', [3], 5, 8],
  ['sum', 'integer', [3, 4], 5, 12],
  ['sum', 'integer', [null], 5, 5],
  ['sum', 'integer', [3], null, 3],
  ['sum', 'integer', [null], null, null],
  ['sum', 'integer', [2_147_483_000], 1_000, 2_147_483_647],
  ['sum', 'integer', [-2_147_483_000], -1_000, -2_147_483_648],
  ['sum', 'smallint', [32_000, 32_000], 1, 32_767],
  ['sum', 'bigint', ['9223372036854775807'], '1', '9223372036854775807'],
  ['sum', 'numeric(5,2)', ['999.50'], '0.75', '999.99'],
  ['sum', 'numeric(5,2)', ['1.25'], '0.75', '2.00'],
  ['sum', 'numeric', ['99999999999999999999.5'], '1', '100000000000000000000.5'],
  ['sum', 'double precision', [0.5], 0.25, 0.75],
  ['max', 'integer', [3, 9], 5, 9],
  ['max', 'text', ['b'], 'a', 'b'],
  ['max', 'integer', [null], 5, 5],
  ['max', 'integer', [3], null, 3],
  ['min', 'integer', [3, 9], 5, 3],
  ['min', 'integer', [9], null, 9],
  ['or', 'boolean', [true], false, true],
  ['or', 'boolean', [false], false, false],
  ['or', 'boolean', [null], false, false],
  ['or', 'boolean', [false], null, false],
  ['and', 'boolean', [true], true, true],
  ['and', 'boolean', [false], true, false],
  ['and', 'boolean', [null], true, true],
  ['fill', 'text', ['guest’s'], 'account’s', 'account’s'],
  ['fill', 'text', ['guest’s'], null, 'guest’s'],
  ['fill', 'text', [null, 'second'], null, 'second'],
  ['fill', 'integer[]', ['{1,2}'], null, [1, 2]],
  ['fill', 'jsonb', ['{"a": 1}'], null, { a: 1 }],
];

const cases = combinations.map(([how, type, guests, accounts, after], n) => ({
  table: `c${n}`,
  how,
  type,
  guests,
  accounts,
  after,
}));

/** The key is the owner and a word, so that several rows of a guest, under two owner columns, may meet one of the account. */
const SCHEMA = cases
  .map(
    ({
      table,
      type,
    }) => `CREATE TABLE ${table} (id integer PRIMARY KEY, user_id uuid NOT NULL REFERENCES users (id),
      other_id uuid NOT NULL REFERENCES users (id), value ${type}, UNIQUE (user_id, other_id));`,
  )
  .join('\n');

describe('combine makes one value', () => {
  let host: TestApp;
  beforeAll(async () => {
    const tables = cases.map(({ table, how }) =>
      owned(table, { onCollision: combine({ value: how }) }),
    );
    host = await createTestApp({ options: { linking: NO_RETRY }, schema: SCHEMA, tables });
  });
  afterAll(() => host.close());

  it.each(cases)('$how of $type: $guests and $accounts are $after', async (combination) => {
    const { table, guests, accounts, after } = combination;
    const people = await meet(host);
    const [first, second] = guests;
    await insert(host, table, people, [
      [1, 'account', 'account', accounts],
      [2, 'guest', 'account', first!],
      ...(second === undefined ? [] : [[3, 'account', 'guest', second]]),
    ]);
    expect((await link(people)).receipt?.tables).toEqual({
      [table]: { moved: 0, folded: guests.length, dropped: 0 },
    });
    const [row, ...rest] = await rowsIn(host, table, people);
    expect(row).toEqual([1, 'account', 'account', after]);
    expect(rest).toEqual([]);
  });
});
