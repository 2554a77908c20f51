import { humanReport } from '../../src/cli/doctor/human-report.js';
import type { Diagnosis } from '../../src/cli/doctor/diagnosis.js';
import { takeTerminal } from '../../src/cli/terminal.js';

const finding = { severity: 'warning', fix: null, line: null, counts: true } as const;

const ill: Diagnosis = {
  version: 1,
  ok: false,
  database: 'paws',
  users: 'users',
  tables: [
    {
      table: 'basket',
      entity: 'Basket',
      owners: [{ column: 'user_id', onDelete: 'no action', index: 'basket_user_id_key' }],
      decision: { kind: 'handler', name: 'BasketMergeHandler' },
      collidingKeys: [{ name: 'basket_user_id_key', parts: ['user_id'], where: null }],
      follows: [],
      children: ['basket_item', 'coupon'],
    },
    {
      table: 'visit_log',
      entity: null,
      owners: [{ column: 'actor_id', onDelete: null, index: null }],
      decision: { kind: 'combine', columns: { visits: 'sum', last: 'max' } },
      collidingKeys: [{ name: 'k', parts: ['actor_id', 'lower(place)'], where: 'NOT hidden' }],
      follows: [],
      children: [],
    },
    {
      table: 'vote',
      entity: null,
      owners: [{ column: 'user_id', onDelete: 'no action', index: 'vote_pkey' }],
      decision: { kind: 'undecided' },
      collidingKeys: [{ name: 'vote_pkey', parts: ['user_id', 'venue_id'], where: null }],
      follows: [],
      children: [],
    },
  ],
  findings: [
    ...['vote_pkey (user_id, venue_id)', 'vote_day_key (user_id, day)'].map((key) => ({
      ...finding,
      kind: 'missing-policy' as const,
      severity: 'error' as const,
      table: 'vote',
      columns: [],
      problem: `rows of a guest and of an account can break the unique key ${key}.`,
      fix: 'Say what happens then: …',
      line: "AnonymousModule.forFeature([owned('vote', { onCollision: 'keepAccount' })])",
    })),
    {
      ...finding,
      kind: 'missing-index',
      table: 'visit_log',
      columns: ['actor_id'],
      problem: 'no index begins with actor_id.',
      line: 'CREATE INDEX CONCURRENTLY ON public.visit_log (actor_id);',
    },
    {
      ...finding,
      kind: 'soft-reference',
      table: 'audit',
      columns: ['created_by'],
      problem: 'it looks like one.',
      fix: "Declare it; or write `ignored('audit', 'why')` if it holds no users.",
      counts: false,
    },
  ],
};

const REPORT = `\
Database paws, users in table users

TABLE      OWNER            ON COLLISION         KEYS THAT CAN COLLIDE                      CHILDREN
basket     user_id          BasketMergeHandler   (user_id)                                  basket_item
                                                                                            coupon
visit_log  actor_id (soft)  combine visits: sum  (actor_id, lower(place)) where NOT hidden
                            combine last: max
vote       user_id          nobody decides       (user_id, venue_id)

✗ Missing policies
  The app refuses to start: rows can collide in a merge, and nothing says which one
  stays. Write the line, with 'keepAccount', 'keepGuest', newest(column), combine({
  column: 'sum' }) or 'refuse', or write a merge handler.

  vote
    Rows of a guest and of an account can break the unique key vote_pkey (user_id,
    venue_id).

  vote
    Rows of a guest and of an account can break the unique key vote_day_key
    (user_id, day).
    AnonymousModule.forFeature([owned('vote', { onCollision: 'keepAccount' })])

! Columns without an index
  A merge, and every deletion of a user, looks for rows by these columns. Without an
  index it reads the whole table while it holds its locks.

  visit_log.actor_id
    CREATE INDEX CONCURRENTLY ON public.visit_log (actor_id);

· Columns that look like users (allowed)
  What no foreign key and no declaration names is not moved: it goes on naming a
  guest who is gone.

  audit.created_by
    It looks like one.
    Declare it; or write \`ignored('audit', 'why')\` if it holds no users.

3 problems: 2 of them keep the app from starting.
`;

describe('the report for a person', () => {
  it('shows the map, then each kind of finding with its reason, and counts', () => {
    expect(humanReport(ill, { isColoured: false, width: 84 })).toBe(REPORT);
  });

  it('says the same in colour', () => {
    const coloured = humanReport(ill, { isColoured: true, width: 84 });
    // oxlint-disable-next-line no-control-regex -- it is what terminals understand
    const escapes = /\u001B\[\d+m/g;
    expect(coloured.match(escapes)!.length).toBeGreaterThan(20);
    expect(coloured.replaceAll(escapes, '')).toBe(REPORT);
  });

  it('is short when nothing is wrong', () => {
    const healthy = { ...ill, ok: true, tables: ill.tables.slice(0, 1), findings: [] };
    expect(humanReport(healthy, { isColoured: false, width: 84 })).toMatch(
      /^Database paws.*\n\nTABLE .*\nbasket .*\n.*coupon\n\n✓ No problems: 1 table, 1 owner column\.\n$/,
    );
  });

  it('says so when there is no table at all', () => {
    const empty = { ...ill, ok: true, tables: [], findings: [] };
    expect(humanReport(empty, { isColoured: false, width: 84 })).toContain(
      'No table refers to users, and none is declared.',
    );
  });
});

describe('the terminal', () => {
  const processWith = (isTTY: boolean, env: Record<string, string> = {}) => {
    const printed: [string, string][] = [];
    const stream = (name: string, tty = false) => ({
      isTTY: tty,
      columns: tty ? 60 : undefined,
      write: (text: string) => printed.push([name, text]) > 0,
    });
    const fake = { stdout: stream('out', isTTY), stderr: stream('err'), env };
    return { fake: fake as unknown as NodeJS.Process, printed };
  };

  it.each([
    ['on a terminal', true, {}, true],
    ['in a pipe', false, {}, false],
    ['with NO_COLOR', true, { NO_COLOR: '1' }, false],
    ['with an empty NO_COLOR, which means nothing', true, { NO_COLOR: '' }, true],
    ['on a dumb terminal', true, { TERM: 'dumb' }, false],
  ])('has colours %s: %s', (_where, isTTY, env, expected) => {
    expect(takeTerminal(processWith(isTTY, env).fake).isColoured).toBe(expected);
  });

  it('is as wide as it is', () => {
    expect(takeTerminal(processWith(true).fake).width).toBe(60);
    expect(takeTerminal(processWith(false).fake).width).toBe(110);
  });

  it('keeps what others print out of the report', () => {
    const { fake, printed } = processWith(false);
    const terminal = takeTerminal(fake);
    fake.stdout.write('the app says hello');
    terminal.write('the report');
    expect(printed).toEqual([
      ['err', 'the app says hello'],
      ['out', 'the report'],
    ]);
  });
});
