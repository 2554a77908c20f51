import { combine, owned } from '../../src/index.js';
import { Barrier } from '../support/barrier.js';
import { expectCleanDatabase } from '../support/checker.js';
import { creditsOf, giveWallet, linkInState, signIn } from '../support/links.js';
import {
  bearer,
  newAccount,
  newGuest,
  type AccountHolder,
  type Person,
} from '../support/people.js';
import { closeRawConnections, RawConnection } from '../support/raw-connection.js';
import { closeApps, startApp } from '../support/running-apps.js';
import { StrictNotesController } from '../support/strict-notes.js';
import type { TestApp } from '../support/test-app.js';

const GUESTS = 40;
const ACCOUNTS = 5;
/** Of each account beside the merges: a host that never stopped could keep merges waiting for as long. */
const TRANSACTIONS = 20;
/** The machine may be busy with other tests. */
const PATIENCE_MS = 60_000;

const SCHEMA = `CREATE TABLE pet (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid NOT NULL REFERENCES users (id),
    name text NOT NULL, treats integer NOT NULL DEFAULT 1, UNIQUE (user_id, name));
  CREATE TABLE photo (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), pet_id uuid NOT NULL REFERENCES pet (id) ON DELETE CASCADE, url text);`;

/** Names that every guest and every account has a pet of, so that every merge has to fold. */
const NAMES = ['Bentley', 'Coco', 'Daisy'];

async function start(): Promise<TestApp> {
  return startApp({
    options: {
      linking: {
        budget: '30s',
        retry: { every: '50ms', firstDelay: '20ms', maxDelay: '200ms', attempts: 200 },
      },
    },
    schema: SCHEMA,
    controllers: [StrictNotesController],
    tables: [owned('pet', { onCollision: combine({ treats: 'sum' }) })],
    poolSize: 20,
  });
}

interface Crowd {
  readonly accounts: AccountHolder[];
  readonly guests: Person[];
}

/** Everybody has one of each pet, each with a photo and a treat, and a wallet with one credit. */
async function crowd(host: TestApp): Promise<Crowd> {
  const accounts: AccountHolder[] = [];
  for (let n = 0; n < ACCOUNTS; n += 1) accounts.push(await newAccount(host));
  const guests: Person[] = [];
  for (let n = 0; n < GUESTS; n += 1) guests.push(await newGuest(host));
  for (const { userId } of [...accounts, ...guests]) {
    await giveWallet(host, userId, 1);
    await host.sql(
      `WITH mine AS (INSERT INTO pet (user_id, name) SELECT $1::uuid, unnest($2::text[]) RETURNING id)
       INSERT INTO photo (pet_id, url) SELECT id, 'before' FROM mine`,
      [userId, NAMES],
    );
  }
  return { accounts, guests };
}

/** What the database must hold afterwards, whatever was merged when: photos and notes that were acknowledged, and all sums. */
async function expectNothingLost(
  host: TestApp,
  { accounts, guests }: Crowd,
  written: { readonly notes: string[]; readonly treats: number; readonly credits: number },
): Promise<void> {
  for (const { userId } of guests) await linkInState(host, userId, 'merged', PATIENCE_MS);
  const [sums] = await host.sql(`SELECT (SELECT count(*)::int FROM pet) AS pets,
    (SELECT sum(treats)::int FROM pet) AS treats, (SELECT count(*)::int FROM photo) AS photos,
    (SELECT sum(credits)::int FROM wallet) AS credits`);
  const people = accounts.length + guests.length;
  expect(sums).toEqual({
    pets: accounts.length * NAMES.length,
    treats: people * NAMES.length + written.treats,
    photos: people * NAMES.length,
    credits: people + written.credits,
  });
  const notes = await host.sql<{ text: string }>('SELECT text FROM note');
  expect(notes.map(({ text }) => text).sort()).toEqual([...written.notes].sort());
  const owners = await host.sql<{ n: number }>(
    `SELECT count(*)::int AS n FROM note n JOIN users u ON u.id = n.user_id WHERE u.is_anonymous`,
  );
  expect(owners).toEqual([{ n: 0 }]);
  for (const { userId } of accounts) {
    expect(await creditsOf(host, userId)).toHaveLength(1);
  }
}

describe('forty guests that are merged into five accounts at once', () => {
  afterEach(async () => {
    await closeRawConnections();
    await closeApps();
  });

  it('lose nothing while everybody writes in single statements, and no client sees a deadlock', async () => {
    const host = await start();
    const people = await crowd(host);
    const { accounts, guests } = people;
    const written = { notes: [] as string[], treats: 0, credits: 0 };
    const answers: number[] = [];
    let isOver = false;

    /** Adds a note; whatever is acknowledged must be there in the end. */
    const note = async (client: Person['client'], name: string) => {
      const { status } = await client.post('/strict-notes', { text: name });
      answers.push(status);
      if (status === 201) written.notes.push(name);
      return status;
    };
    const accountWrites = accounts.map(async ({ client, userId }, n) => {
      for (let k = 0; !isOver; k += 1) {
        await note(client, `account ${n}, ${k}`);
        await host.sql('UPDATE pet SET treats = treats + 1 WHERE user_id = $1 AND name = $2', [
          userId,
          NAMES[k % NAMES.length],
        ]);
        written.treats += 1;
        await host.sql('UPDATE wallet SET credits = credits + 1 WHERE user_id = $1', [userId]);
        written.credits += 1;
      }
    });
    const guestWrites = guests.map(async ({ token }, n) => {
      for (let k = 0; !isOver; k += 1) {
        const status = await note(bearer(host, token), `guest ${n}, ${k}`);
        if (status !== 201) return;
      }
    });
    try {
      const signIns = await Promise.all(
        guests.map((guest, n) => signIn(guest, accounts[n % ACCOUNTS]!)),
      );
      expect(signIns.map(({ status }) => status)).toEqual(Array(GUESTS).fill(200));
      for (const { userId } of guests) await linkInState(host, userId, 'merged', PATIENCE_MS);
    } finally {
      isOver = true;
      await Promise.all([...accountWrites, ...guestWrites]);
    }
    // A guest that has gone by then is told so; nobody ever sees an error of the server, a deadlock among them.
    expect(answers.filter((status) => ![201, 401, 409].includes(status))).toEqual([]);
    expect(written.notes.length).toBeGreaterThan(GUESTS);
    await expectNothingLost(host, people, written);
    await expectCleanDatabase(host.databaseUrl);
  }, 120_000);

  it('give way to transactions of the host with several statements, and are retried until they are done', async () => {
    const host = await start();
    const people = await crowd(host);
    const { accounts, guests } = people;
    const written = { notes: [] as string[], treats: 0, credits: 0 };
    const failures: unknown[] = [];
    let transactions = 0;

    const begun = new Barrier();
    /** Locks the rows of an account in an order that no merge has, and writes to all of them. */
    const hostWrites = accounts.map(async ({ userId }) => {
      const raw = await RawConnection.open(host.databaseUrl);
      for (let n = 0; n < TRANSACTIONS; n += 1) {
        await raw.query('BEGIN');
        try {
          for (const name of NAMES.toReversed()) {
            await raw.query('UPDATE pet SET treats = treats + 1 WHERE user_id = $1 AND name = $2', [
              userId,
              name,
            ]);
            void begun.pass();
            // What a transaction of a host does between its statements: the merge may have to wait for all of it.
            await raw.query('SELECT pg_sleep(random() * 0.3)');
          }
          await raw.query('UPDATE wallet SET credits = credits + 1 WHERE user_id = $1', [userId]);
          await raw.query('COMMIT');
          written.treats += NAMES.length;
          written.credits += 1;
          transactions += 1;
        } catch (error) {
          await raw.query('ROLLBACK');
          failures.push(error);
        }
      }
    });
    await begun.reached(ACCOUNTS);
    const signIns = await Promise.all(
      guests.map((guest, n) => signIn(guest, accounts[n % ACCOUNTS]!)),
    );
    expect(signIns.map(({ status }) => status)).toEqual(Array(GUESTS).fill(200));
    for (const { userId } of guests) await linkInState(host, userId, 'merged', PATIENCE_MS);
    begun.open();
    await Promise.all(hostWrites);
    // Each start of a merge locks its guest first.
    const starts = host.statements.filter((sql) => /is_anonymous".* FOR UPDATE\)/.test(sql)).length;
    console.info(
      `${GUESTS} merges took ${starts} starts (${(starts / GUESTS).toFixed(2)} each) beside ${transactions} host transactions`,
    );
    expect(starts).toBeGreaterThan(GUESTS);
    expect(failures).toEqual([]);
    expect(transactions).toBe(ACCOUNTS * TRANSACTIONS);
    await expectNothingLost(host, people, written);
    await expectCleanDatabase(host.databaseUrl);
  }, 120_000);
});
