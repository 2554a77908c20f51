import { Barrier, eventually } from '../support/barrier.js';
import { Note } from '../support/host.js';
import {
  guestWithNotes,
  handlerOf,
  linkInState,
  moveNotes,
  notesOf,
  signIn,
} from '../support/links.js';
import { newAccount } from '../support/people.js';
import { closeRawConnections, RawConnection } from '../support/raw-connection.js';
import { closeApps, startApp } from '../support/running-apps.js';
import type { TestApp } from '../support/test-app.js';
import {
  expectMerged,
  expectWhole,
  failedAttempt,
  linking,
  meeting,
  signInInTime,
} from './lock-meetings.js';

const LOCK = 4711;
const POOL = 5;
const WAIT_MS = 500;
const LONGEST_ANSWER_MS = 3_000;

/** Merges stop in their COMMIT for as long as somebody holds the lock. */
const HELD_COMMIT = `
  CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM set_config('lock_timeout', '0', true);
    PERFORM pg_advisory_xact_lock_shared(${LOCK});
    RETURN NULL;
  END $$;
  CREATE CONSTRAINT TRIGGER wait AFTER DELETE ON users
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait()`;

afterEach(async () => {
  await closeRawConnections();
  await closeApps();
});

describe('a connection that Postgres ends during a merge', () => {
  let barrier: Barrier;
  let before: string;
  const HeldNotes = handlerOf(Note, async (context) => {
    await barrier.pass();
    await context.manager.query(before);
    await moveNotes(context);
  });
  const start = () =>
    startApp({ options: { linking }, providers: [HeldNotes], schema: HELD_COMMIT, poolSize: POOL });
  beforeEach(() => {
    barrier = new Barrier();
    before = 'SELECT 1';
  });
  afterEach(() => barrier.open());

  /** @param merges which of the app's connections, by what Postgres knows of them. */
  async function terminate(host: TestApp, merges: string): Promise<void> {
    const raw = await RawConnection.open(host.databaseUrl);
    await eventually('a merge is there', async () => {
      const ended = await raw.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()
           AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND (${merges})`,
      );
      return ended.length > 0;
    });
  }

  async function expectWholePool(host: TestApp): Promise<void> {
    const used = Array.from({ length: POOL }, () => host.sql('SELECT pg_sleep(0.05)'));
    expect(await Promise.all(used)).toHaveLength(POOL);
  }

  it('while a handler thinks', async () => {
    const host = await start();
    const people = await meeting(host);
    const signingIn = signInInTime(people);
    await barrier.reached();
    await terminate(host, `state = 'idle in transaction'`);
    await expectWhole(host, people);
    barrier.open();
    expect(await signingIn).toBe('pending');
    await expectMerged(host, people);
    await expectWholePool(host);
  });

  it('in the middle of a statement of a handler', async () => {
    const host = await start();
    const people = await meeting(host);
    before = `SELECT pg_sleep(60)`;
    barrier.open();
    const signingIn = signInInTime(people);
    await terminate(host, `query LIKE '%pg_sleep%'`);
    before = 'SELECT 1';
    expect(await signingIn).toBe('pending');
    await expectMerged(host, people);
    await expectWholePool(host);
  });

  it('in its COMMIT', async () => {
    const host = await start();
    const people = await meeting(host);
    barrier.open();
    const raw = await RawConnection.open(host.databaseUrl);
    await raw.query(`SELECT pg_advisory_lock(${LOCK})`);
    const signingIn = signInInTime(people);
    await raw.blocks();
    await terminate(host, `query = 'COMMIT' AND state = 'active'`);
    expect(await signingIn).toBe('pending');
    expect(await failedAttempt(host, people)).toMatch(/terminat/);
    await expectWhole(host, people);
    await raw.query(`SELECT pg_advisory_unlock(${LOCK})`);
    await expectMerged(host, people);
    await expectWholePool(host);
  });

  it('together with every other one', async () => {
    const host = await start();
    const people = await meeting(host);
    const signingIn = signInInTime(people);
    await barrier.reached();
    await terminate(host, 'true');
    barrier.open();
    expect(await signingIn).toBe('pending');
    // When the failure itself could not be written down, the link waits until the lease of the attempt is over.
    await host.sql('UPDATE account_links SET next_attempt_at = now()');
    await expectMerged(host, people);
    await expectWholePool(host);
  });
});

describe('a pool of two connections', () => {
  it('is enough for thirty guests who sign in at once', async () => {
    const host = await startApp({ options: { linking }, poolSize: 2 });
    const accounts = [await newAccount(host), await newAccount(host), await newAccount(host)];
    const guests = [];
    for (let n = 0; n < 30; n += 1) guests.push(await guestWithNotes(host, `note ${n}`));
    const answers = await Promise.all(guests.map((guest, n) => signIn(guest, accounts[n % 3]!)));
    expect(answers.map(({ status }) => status)).toEqual(Array(30).fill(200));
    for (const { userId } of guests) await linkInState(host, userId, 'merged');
    const notes = await Promise.all(accounts.map(({ userId }) => notesOf(host, userId)));
    expect(notes.map((texts) => texts.length)).toEqual([10, 10, 10]);
    expect(new Set(notes.flat()).size).toBe(30);
  });

  it('that the host keeps to itself is 503 after the time that the host has set', async () => {
    const host = await startApp({
      options: { linking },
      poolSize: 2,
      driver: { connectionTimeoutMillis: WAIT_MS },
    });
    const people = await meeting(host);
    const kept = [host.dataSource.createQueryRunner(), host.dataSource.createQueryRunner()];
    for (const runner of kept) await runner.connect();
    const before = performance.now();
    const answers = await Promise.all([
      signIn(people.guest, people.account),
      people.guest.client.get('/access/session'),
      people.guest.client.post('/notes', { text: 'late' }),
      host.browser().post('/auth/anonymous'),
    ]);
    expect(performance.now() - before).toBeLessThan(LONGEST_ANSWER_MS);
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 503, body: { code: 'TEMPORARILY_UNAVAILABLE' } });
    }
    for (const runner of kept) await runner.release();
    expect(await signInInTime(people)).toBe('merged');
    await expectMerged(host, people);
  });
});
