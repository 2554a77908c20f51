import { Barrier, eventually } from '../support/barrier.js';
import { Note } from '../support/host.js';
import { handlerOf, ledgerOf, moveNotes } from '../support/links.js';
import {
  closeRawConnections,
  RawConnection,
  waitingStatements,
} from '../support/raw-connection.js';
import { closeApps, startApp, startBeside } from '../support/running-apps.js';
import type { TestApp } from '../support/test-app.js';
import { expectMerged, linking, type Meeting, meeting, signInInTime } from './lock-meetings.js';

const options = { linking };

afterEach(async () => {
  await closeRawConnections();
  await closeApps();
});

describe('a handler that locks rows in reverse order', () => {
  let barrier: Barrier;
  /** What Postgres answered to each start of the merge. */
  let outcomes: (string | undefined)[];
  let settings: string;
  const Reverse = handlerOf(Note, async (context) => {
    const { account, manager } = context;
    await manager.query('UPDATE note SET text = text WHERE user_id = $1', [account.id]);
    await barrier.pass();
    await manager.query(settings);
    try {
      await moveNotes(context);
      outcomes.push('moved');
    } catch (error) {
      outcomes.push((error as { code?: string }).code);
      throw error;
    }
  });
  beforeEach(() => {
    barrier = new Barrier();
    outcomes = [];
  });
  afterEach(() => barrier.open());

  /** Each of the two has one note locked and wants the other's. */
  async function meetHeadOn(host: TestApp, people: Meeting): Promise<string> {
    const raw = await RawConnection.open(host.databaseUrl);
    const update = 'UPDATE note SET text = text WHERE user_id = $1';
    await raw.query('BEGIN');
    await raw.query(update, [people.guest.userId]);
    const signingIn = signInInTime(people);
    await barrier.reached();
    const reverse = raw.query(update, [people.account.userId]);
    await eventually('the host waits for the merge', async () => {
      const statements = await waitingStatements(host.databaseUrl);
      return statements.includes(update);
    });
    barrier.open();
    await reverse;
    await raw.query('COMMIT');
    return signingIn;
  }

  it.each([
    ['gives way before Postgres looks for a deadlock', 'SELECT 1', '55P03'],
    [
      'starts over when Postgres has chosen it as the victim',
      `SET LOCAL lock_timeout = 0; SET LOCAL deadlock_timeout = '50ms'`,
      '40P01',
    ],
  ])('%s, so the host loses nothing', async (_how, sql, code) => {
    settings = sql;
    const host = await startApp({ options, providers: [Reverse] });
    const people = await meeting(host);
    expect(['merged', 'pending']).toContain(await meetHeadOn(host, people));
    await expectMerged(host, people);
    expect([outcomes[0], outcomes.at(-1)]).toEqual([code, 'moved']);
    expect(await ledgerOf(host, people.guest.userId)).toMatchObject([{ attempts: 1 }]);
  });
});

describe('a database that calls for another try', () => {
  /** Postgres refuses to move notes that many times. A sequence remembers it over every rollback. */
  const refusing = (code: string, times: number) => `
    CREATE SEQUENCE tries;
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF nextval('tries') <= ${times} THEN RAISE EXCEPTION 'try again' USING ERRCODE = '${code}'; END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER refuse BEFORE UPDATE OF user_id ON note FOR EACH ROW EXECUTE FUNCTION refuse()`;

  it.each([
    ['40001', 1, 'merged', 1],
    ['40001', 2, 'merged', 1],
    ['40001', 3, 'pending', 2],
    ['40001', 7, 'pending', 3],
    ['40P01', 2, 'merged', 1],
    ['40P01', 4, 'pending', 2],
    ['55P03', 2, 'merged', 1],
    ['57014', 1, 'pending', 2],
  ])('with %s, %i times: the sign-in tells %s, attempt %i succeeds', async (...row) => {
    const [code, times, told, attempts] = row;
    const host = await startApp({ options, schema: refusing(code, times) });
    const people = await meeting(host);
    expect(await signInInTime(people)).toBe(told);
    await expectMerged(host, people);
    expect(await ledgerOf(host, people.guest.userId)).toMatchObject([{ attempts, error: null }]);
  });
});

describe('a timeout of statements', () => {
  const SlowNotes = handlerOf(Note, async (context) => {
    await context.manager.query('SELECT pg_sleep(0.6)');
    await moveNotes(context);
  });

  it('of the database has no say about a merge, which has its own', async () => {
    const first = await startApp({ options: { linking: { ...linking, retry: { every: '1h' } } } });
    const name = new URL(first.databaseUrl).pathname.slice(1);
    await first.sql(`ALTER DATABASE "${name}" SET statement_timeout = '300ms'`);
    const host = await startBeside(first, { options, providers: [SlowNotes] });
    const people = await meeting(host);
    await expect(host.sql('SELECT pg_sleep(5)')).rejects.toThrow(/statement timeout/);
    expect(await signInInTime(people)).toBe('merged');
    await expectMerged(host, people);
    await expect(host.sql('SELECT pg_sleep(5)')).rejects.toThrow(/statement timeout/);
  });

  it('of the driver has none either', async () => {
    const driver = { query_timeout: 300 };
    const host = await startApp({ options, driver, providers: [SlowNotes], poolSize: 1 });
    const people = await meeting(host);
    expect(await signInInTime(people)).toBe('merged');
    await expectMerged(host, people);
    await expect(host.sql('SELECT pg_sleep(1)')).rejects.toThrow(/read timeout/);
  });
});
