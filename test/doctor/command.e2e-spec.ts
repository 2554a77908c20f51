import manifest from '../../package.json' with { type: 'json' };
import { answer, LONGEST_RUN_MS, runProcess } from '../support/command-line.js';
import type { Diagnosis } from '../../src/cli/doctor/diagnosis.js';
import type { TestDatabase } from '../support/test-database.js';
import { CLINIC } from './clinic.js';
import { contentsOf, createClinicDatabase, query } from './clinic-database.js';

const doctor = (app: string, ...args: string[]) =>
  runProcess(['doctor', '--app', `test/doctor/${app}`, ...args]);

describe('nestjs-anonymous', () => {
  it.each([['--help'], ['-h'], ['help']])('explains itself with %s', async (flag) => {
    const { code, out, err } = await answer(flag);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/doctor {2,}what a merge does/);
  });

  it('names its version', async () => {
    expect(await answer('--version')).toEqual({ code: 0, out: `${manifest.version}\n`, err: '' });
  });

  it('explains the options of doctor', async () => {
    const { code, out } = await answer('doctor', '--help');
    expect(code).toBe(0);
    for (const option of ['--app', '--json', '--allow', '--help']) expect(out).toContain(option);
  });

  it.each([
    ['no command', [], /--help/],
    ['an unknown command', ['surgeon'], /no command surgeon/],
    ['an unknown option', ['doctor', '--bogus'], /--bogus/],
    ['a word too many', ['doctor', 'now'], /now/],
    ['an option without its value', ['doctor', '--app'], /--app/],
    ['an unknown kind', ['doctor', '--allow', 'anything'], /anything.*missing-policy.*cascade/],
    [
      'a file that is not there',
      ['doctor', '--app', 'dist/nowhere.js'],
      /no file dist\/nowhere\.js/,
    ],
  ])('says in one line what is wrong with %s', async (_case, argv, says) => {
    const { code, out, err } = await answer(...argv);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^nestjs-anonymous: .*\n$/);
    expect(err).toMatch(says);
  });
});

describe('nestjs-anonymous doctor, as a process', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createClinicDatabase(CLINIC);
    await query(database, `INSERT INTO users (id, is_anonymous) VALUES (gen_random_uuid(), true)`);
    await query(database, `INSERT INTO appointment (user_id) SELECT id FROM users`);
  });
  afterAll(() => database.drop());

  it(
    'reports problems on stdout, nothing on stderr, and ends with 1',
    async () => {
      const { code, out, err } = await doctor('clinic.module.ts');
      expect({ code, err }).toEqual({ code: 1, err: '' });
      expect(out).toMatch(/^Database t_\w+, users in table users\n\nTABLE .*OWNER/);
      expect(out).toContain('\nfavourite       user_id     nobody decides ');
      expect(out).toContain('    CREATE INDEX CONCURRENTLY ON public.invoice (user_id);\n');
      expect(out).toMatch(/\n4 problems: 1 of them keeps the app from starting\.\n$/);
    },
    LONGEST_RUN_MS,
  );

  it(
    'prints one JSON document, whatever else the app prints',
    async () => {
      const { code, out, err } = await doctor('clinic.variants.ts#talkative', '--json');
      expect(code).toBe(1);
      expect(err).toContain('hello from the app');
      const diagnosis = JSON.parse(out) as Diagnosis;
      expect(Object.keys(diagnosis)).toEqual([
        'version',
        'ok',
        'database',
        'users',
        'tables',
        'findings',
      ]);
      expect(diagnosis).toMatchObject({ version: 1, ok: false, users: 'users' });
      expect(diagnosis.findings[0]).toEqual({
        kind: 'missing-policy',
        severity: 'error',
        table: 'favourite',
        columns: [],
        problem: expect.stringContaining('favourite_pkey'),
        fix: expect.stringContaining('@MergeHandler(Favourite)'),
        line: "AnonymousModule.forFeature([owned(Favourite, { onCollision: 'keepAccount' })])",
        counts: true,
      });
    },
    LONGEST_RUN_MS,
  );

  it(
    'ends with 0 when nothing that counts is found',
    async () => {
      const allow = ['--allow', 'cascade', '--allow', 'missing-index'];
      const { code, out } = await doctor('clinic.variants.ts#cured', ...allow);
      expect(code).toBe(0);
      expect(out).toMatch(/✓ No problems: 8 tables, 8 owner columns\.\n$/);
    },
    LONGEST_RUN_MS,
  );

  it(
    'changes nothing, not even for an app that drops its schema at start',
    async () => {
      const before = await contentsOf(database);
      expect((await doctor('clinic.variants.ts#destructive')).code).toBe(1);
      const { code, out, err } = await doctor('clinic.variants.ts#writing');
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toMatch(/^nestjs-anonymous: the app writes to the database .*read-only.*\n$/);
      expect(await contentsOf(database)).toEqual(before);
    },
    2 * LONGEST_RUN_MS,
  );

  it(
    'runs no migration of an empty database, and says that they are missing',
    async () => {
      const empty = await createClinicDatabase('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
      process.env.DATABASE_URL = database.url;
      try {
        const args = ['doctor', '--app', 'test/doctor/clinic.module.ts'];
        const { code, out } = await runProcess(args, { DATABASE_URL: empty.url });
        expect(code).toBe(1);
        expect(out).toMatch(/Run the migrations/);
        expect(await query(empty, `SELECT 1 FROM pg_tables WHERE schemaname = 'public'`)).toEqual(
          [],
        );
      } finally {
        await empty.drop();
      }
    },
    LONGEST_RUN_MS,
  );

  it.each([
    ['an app without the module', 'clinic.variants.ts#UnrelatedModule', /AnonymousModule/],
    ['an app that fails', 'clinic.variants.ts#failing', /cannot put the app.*out of order/],
    ['an export that is not there', 'clinic.variants.ts#Nope', /no export Nope.*cured/],
    ['an export that is no module', 'clinic.variants.ts#number', /no Nest module/],
  ])(
    'says in one line that it could not look: %s',
    async (_case, app, says) => {
      const { code, out, err } = await doctor(app);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toMatch(/^nestjs-anonymous: .*\n$/);
      expect(err).toMatch(says);
    },
    LONGEST_RUN_MS,
  );

  it.each([
    ['no server', 'postgres://nobody@127.0.0.1:9/none', /ECONNREFUSED/],
    ['no such database', '', /does not exist/],
  ])(
    'does not wait for a database that cannot be reached: %s',
    async (_case, url, says) => {
      const other = new URL(database.url);
      other.pathname = '/no_such_database';
      const began = Date.now();
      const args = ['doctor', '--app', 'test/doctor/clinic.module.ts'];
      const { code, out, err } = await runProcess(args, { DATABASE_URL: url || other.href });
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toMatch(/^nestjs-anonymous: cannot reach the database: .*\n$/);
      expect(err).toMatch(says);
      // Nest's own retries take 27 seconds.
      expect(Date.now() - began).toBeLessThan(20_000);
    },
    LONGEST_RUN_MS,
  );
});
