import { join } from 'node:path';
import { eventually } from '../support/barrier.js';
import { expectCleanDatabase } from '../support/checker.js';
import {
  addNotes,
  creditsOf,
  giveWallet,
  guestWithNotes,
  ledgerOf,
  linkInState,
  notesOf,
  signIn,
  userExists,
} from '../support/links.js';
import { type AccountHolder, newAccount, type Person } from '../support/people.js';
import { killRaceProcesses, RaceProcess } from '../support/race-process.js';
import { closeRawConnections, RawConnection } from '../support/raw-connection.js';
import { closeApps, startApp } from '../support/running-apps.js';
import type { TestApp } from '../support/test-app.js';
import { HOLD, HOLD_UNHEARD, heldApp, type Point, POINTS } from './kill-points.js';

/** A process compiles the whole library before it starts, on a machine that may be busy. */
jest.setTimeout(90_000);

const NAME = 'killed';
const points = Object.keys(POINTS) as Point[];
const STOPPED_BEFORE_COMMIT: readonly Point[] = ['locked', 'between', 'last', 'commit'];

/** A guest who signs in to an account; its merge stops somewhere. */
interface Meeting {
  readonly guest: Person;
  readonly account: AccountHolder;
}

const startVictim = ({ databaseUrl }: TestApp) =>
  RaceProcess.start(join(import.meta.dirname, 'kill-host.ts'), {
    DATABASE_URL: databaseUrl,
    PGAPPNAME: NAME,
  });

async function meeting(host: TestApp, point: Point): Promise<Meeting> {
  const account = await newAccount(host);
  await addNotes(account.client, 'hers');
  await giveWallet(host, account.userId, 10);
  const guest = await guestWithNotes(host, 'mine', 'mine too');
  await giveWallet(host, guest.userId, 5);
  await host.sql('INSERT INTO hold VALUES ($1, $2)', [guest.userId, point]);
  return { account, guest };
}

/** The same browser at another instance. */
function at(url: { browser(): Person['client'] }, { guest, account }: Meeting) {
  const client = url.browser();
  guest.client.cookies.copyTo(client.cookies);
  return signIn({ client }, account);
}

async function stateOf(host: TestApp, { guest, account }: Meeting) {
  const ledger = await ledgerOf(host, guest.userId);
  return {
    guest: {
      exists: await userExists(host, guest.userId),
      notes: await notesOf(host, guest.userId),
      credits: await creditsOf(host, guest.userId),
    },
    account: {
      notes: await notesOf(host, account.userId),
      credits: await creditsOf(host, account.userId),
    },
    links: ledger.map(({ status, announced }) => ({ status, announced })),
  };
}

const WHOLE = {
  guest: { exists: true, notes: ['mine', 'mine too'], credits: [5] },
  account: { notes: ['hers'], credits: [10] },
  links: [{ status: 'pending', announced: false }],
};
const MERGED = {
  guest: { exists: false, notes: [], credits: [] },
  account: { notes: ['hers', 'mine', 'mine too'], credits: [15] },
  links: [{ status: 'merged', announced: false }],
};
const ANNOUNCED = { ...MERGED, links: [{ status: 'merged', announced: true }] };

/** What the dead process still holds locks with. */
async function statementsWithLocks(host: TestApp): Promise<string[]> {
  const rows = await host.sql<{ query: string }>(
    `SELECT DISTINCT a.query FROM pg_locks l JOIN pg_stat_activity a USING (pid)
     WHERE a.application_name = $1`,
    [NAME],
  );
  return rows.map(({ query }) => query);
}

/** The lease of the dead process is over. */
const becomeDue = (host: TestApp, { guest }: Meeting) =>
  host.sql('UPDATE account_links SET next_attempt_at = now() WHERE guest_id = $1', [guest.userId]);

async function expectAnnounced(host: TestApp, meeting: Meeting): Promise<void> {
  const { guest } = meeting;
  const link = await eventually('the link is announced', async () => {
    const [known] = await ledgerOf(host, guest.userId);
    return known?.announced && known;
  });
  const heard = await host.sql('SELECT 1 FROM heard WHERE link = $1', [link.id]);
  expect(heard.length).toBeGreaterThanOrEqual(1);
  expect(await stateOf(host, meeting)).toEqual(ANNOUNCED);
}

/** Merges of two guests at each of the points in one process, which is then killed. */
async function killAt(host: TestApp, all: readonly Point[]) {
  const victim = await startVictim(host);
  const raw = await RawConnection.open(host.databaseUrl);
  await raw.query(`SELECT pg_advisory_lock(${HOLD}), pg_advisory_lock(${HOLD_UNHEARD})`);
  const stopped = {} as Record<Point, readonly [Meeting, Meeting]>;
  for (const point of all)
    stopped[point] = [await meeting(host, point), await meeting(host, point)];
  const answers: Promise<unknown>[] = [];
  for (const point of all) {
    for (const each of stopped[point]) {
      const signingIn = at(victim, each);
      if (point === 'told') {
        expect(await signingIn).toMatchObject({ body: { link: { status: 'merged' } } });
      } else {
        answers.push(
          signingIn.then(
            ({ status }) => status,
            () => 'no answer',
          ),
        );
      }
    }
  }
  await raw.blocks(answers.length);
  await victim.kill();
  expect(new Set(await Promise.all(answers))).toEqual(new Set(['no answer']));
  return { raw, stopped };
}

describe('a process killed with merges everywhere', () => {
  let host: TestApp;
  let stopped: Record<Point, readonly [Meeting, Meeting]>;

  beforeAll(async () => {
    host = await startApp(heldApp('50ms'));
    const killed = await killAt(host, points);
    stopped = killed.stopped;
    const held = async () => (await statementsWithLocks(host)).join();
    await eventually('only the COMMIT lives on', async () => (await held()) === 'COMMIT', 3_000);
    await killed.raw.query(`SELECT pg_advisory_unlock(${HOLD_UNHEARD})`);
    await eventually('no lock is left', async () => (await held()) === '', 3_000);
    await killed.raw.query(`SELECT pg_advisory_unlock(${HOLD})`);
  });
  afterAll(async () => {
    await killRaceProcesses();
    await closeRawConnections();
    await closeApps();
  });

  it.each(points.map((point) => [POINTS[point], point] as const))(
    '%s loses nothing',
    async (_where, point) => {
      const [left, retried] = stopped[point];
      const isWhole = STOPPED_BEFORE_COMMIT.includes(point);
      for (const each of [left, retried]) {
        expect(await stateOf(host, each)).toEqual(isWhole ? WHOLE : MERGED);
      }
      await host.sql('DELETE FROM hold WHERE point = $1', [point]);

      await becomeDue(host, left);
      await linkInState(host, left.guest.userId, 'merged');
      await expectAnnounced(host, left);
      for (const each of [left, retried]) {
        const again = await at(host, each);
        expect(again).toMatchObject({ status: 200, body: { link: { status: 'merged' } } });
      }
      await becomeDue(host, retried);
      await expectAnnounced(host, retried);
      await expectCleanDatabase(host.databaseUrl);
    },
  );
});

describe('a process killed and started again', () => {
  afterEach(async () => {
    await killRaceProcesses();
    await closeRawConnections();
    await closeApps();
  });

  it('finishes by itself what it had begun, and lets its clients in', async () => {
    const host = await startApp(heldApp('1h'));
    const { raw, stopped } = await killAt(host, ['between', 'told']);
    await raw.query('SELECT pg_advisory_unlock_all()');
    await host.sql('DELETE FROM hold');
    const again = await startVictim(host);
    for (const point of ['between', 'told'] as const) {
      const [left, retried] = stopped[point];
      for (const each of [left, retried]) await becomeDue(host, each);
      const answer = await at(again, retried);
      expect(answer).toMatchObject({ status: 200, body: { link: { status: 'merged' } } });
      for (const each of [left, retried]) await expectAnnounced(host, each);
    }
  });
});
