import { eventually } from '../support/barrier.js';
import { expectCleanDatabase } from '../support/checker.js';
import { linkInState } from '../support/links.js';
import { killRaceProcesses } from '../support/race-process.js';
import { closeRawConnections, RawConnection } from '../support/raw-connection.js';
import { closeApps, startApp } from '../support/running-apps.js';
import type { TestApp } from '../support/test-app.js';
import {
  at,
  becomeDue,
  expectAnnounced,
  type Meeting,
  meeting,
  MERGED,
  stateOf,
  startVictim,
  statementsWithLocks,
  WHOLE,
} from './kill-meetings.js';
import { HOLD, HOLD_UNHEARD, heldApp, type Point, POINTS } from './kill-points.js';

/** A process compiles the whole library before it starts, on a machine that may be busy. */
jest.setTimeout(90_000);

const points = Object.keys(POINTS) as Point[];
const STOPPED_BEFORE_COMMIT: readonly Point[] = ['locked', 'between', 'last', 'commit'];

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
