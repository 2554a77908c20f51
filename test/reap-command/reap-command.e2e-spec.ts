import { PassThrough } from 'node:stream';
import { progressOn } from '../../src/cli/reap/progress.js';
import { createClinicDatabase, query } from '../doctor/clinic-database.js';
import { answer, LONGEST_RUN_MS, type Run, runProcess } from '../support/command-line.js';
import type { TestDatabase } from '../support/test-database.js';
import { kept } from '../reaper/stale.js';

const APP = ['--app', 'test/reap-command/shelter.ts#ShelterModule'];
const SCHEMA = `CREATE TABLE dog (id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id uuid NOT NULL REFERENCES users (id), name text NOT NULL)`;

describe('nestjs-anonymous reap', () => {
  it('explains itself', async () => {
    const { code, out } = await answer('reap', '--help');
    expect(code).toBe(0);
    for (const word of [
      '--older-than',
      '--contributors',
      '--dry-run',
      '--app',
      '--json',
      'Exit code',
    ]) {
      expect(out).toContain(word);
    }
  });

  it.each([
    ['a bare number', ['--older-than', '30'], /--older-than 30 is no duration/],
    ['an unknown policy', ['--contributors', 'drop'], /--contributors drop/],
    ['an unknown option', ['--force'], /--force/],
    ['a word', ['everybody'], /everybody/],
  ])('says in one line what is wrong with %s', async (_case, argv, says) => {
    const { code, out, err } = await answer('reap', ...argv);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^nestjs-anonymous: .*\n$/);
    expect(err).toMatch(says);
  });

  it('draws a bar on a terminal', () => {
    const drawn: string[] = [];
    const screen = Object.assign(new PassThrough(), { isTTY: true, columns: 100 });
    screen.on('data', (chunk) => drawn.push(String(chunk)));
    const progress = progressOn({
      screen: screen as unknown as NodeJS.WriteStream,
      write: () => undefined,
      complain: () => undefined,
      isColoured: false,
      width: 80,
      end: () => Promise.resolve(),
    });
    progress.show({ total: 1000, looked: 500, reaped: 450 });
    progress.show({ total: 1000, looked: 1000, reaped: 900 });
    progress.end();
    const text = drawn.join('');
    expect(text).toMatch(/█+░* 0 %|░+ 0 %/);
    expect(text).toContain('of 1000 stale guests');
  });
});

describe('nestjs-anonymous reap, as a process', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createClinicDatabase(SCHEMA);
    await query(
      database,
      `INSERT INTO users (id, is_anonymous, name, last_seen_at)
       SELECT gen_random_uuid(), true, 'guest ' || n, now() - make_interval(days => n * 10) FROM generate_series(1, 6) AS n`,
    );
    await query(
      database,
      `INSERT INTO dog (user_id, name) SELECT id, 'Rex' FROM users WHERE name = 'guest 6'`,
    );
  });
  afterEach(() => database.drop());

  const left = async () =>
    (await query<{ name: string }>(database, 'SELECT name FROM users ORDER BY name')).map((row) =>
      row.name.slice(-1),
    );
  const run = (...args: string[]): Promise<Run> => runProcess(['reap', ...args, ...APP]);

  it(
    'says in plain lines what it has done, and why it keeps the others',
    async () => {
      const { code, out, err } = await run('--older-than', '15d');
      expect(out).toBe('4 of 5 stale guests reaped.\nKept:\n  1  owns-rows  they own rows\n');
      expect(err).toBe('5 of 5 stale guests looked at, 4 reaped\n');
      expect(code).toBe(0);
      expect(await left()).toEqual(['1', '6']);
    },
    LONGEST_RUN_MS,
  );

  it(
    'deletes nothing on a dry run, over read-only connections',
    async () => {
      const { code, out } = await run('--dry-run', '--contributors', 'delete');
      expect({ code, out }).toEqual({ code: 0, out: '4 of 4 stale guests would be reaped.\n' });
      expect(await left()).toHaveLength(6);
    },
    LONGEST_RUN_MS,
  );

  it(
    'answers one document for machines',
    async () => {
      const { code, out, err } = await run('--json', '--contributors', 'delete');
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(JSON.parse(out)).toEqual({
        version: 1,
        dryRun: false,
        olderThanMs: 30 * 86_400_000,
        contributors: 'delete',
        stale: 4,
        reaped: 4,
        kept: kept(),
        finished: true,
      });
      expect(await query(database, 'SELECT * FROM dog')).toEqual([]);
    },
    LONGEST_RUN_MS,
  );

  it(
    'ends with 1 and a reason when a guest could not go',
    async () => {
      await query(
        database,
        `CREATE FUNCTION guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
           IF OLD.name = 'guest 4' THEN RAISE 'number four stays'; END IF; RETURN OLD; END $$;
         CREATE TRIGGER guard BEFORE DELETE ON users FOR EACH ROW EXECUTE FUNCTION guard()`,
      );
      const { code, out, err } = await run();
      expect(code).toBe(1);
      expect(out).toMatch(/^2 of 4 stale guests reaped\.\nKept:\n.*owns-rows.*\n.*failed/);
      expect(err).toContain('number four stays');
      expect(await left()).toEqual(['1', '2', '4', '6']);
    },
    LONGEST_RUN_MS,
  );

  it(
    'does nothing when an app that does not know all tables could not start',
    async () => {
      await query(database, 'CREATE TABLE hat (user_id uuid PRIMARY KEY REFERENCES users (id))');
      const { code, out, err } = await run();
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toMatch(/^nestjs-anonymous: .*hat/);
      expect(await left()).toHaveLength(6);
    },
    LONGEST_RUN_MS,
  );
});
