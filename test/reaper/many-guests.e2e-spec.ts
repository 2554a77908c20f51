import { randomUUID } from 'node:crypto';
import { eventually } from '../support/barrier.js';
import { newGuest, type Person } from '../support/people.js';
import { closeApps, startApp, startBeside } from '../support/running-apps.js';
import type { TestApp } from '../support/test-app.js';
import { age, reap } from './stale.js';

const GUESTS = 100_000;
const OWNERS = GUESTS / 10;
const BATCH = 500;
const RETURNING = 40;
const LONGEST_MS = 180_000;

afterEach(closeApps, LONGEST_MS);

/** Stale guests of which every tenth owns a row, in no order that anything could rely on. */
async function populate(host: TestApp, others: readonly Person[]): Promise<void> {
  await host.sql(
    `INSERT INTO users (id, is_anonymous, last_seen_at)
     SELECT gen_random_uuid(), true, now() - interval '31 days' - random() * interval '300 days'
     FROM generate_series(1, $1)`,
    [GUESTS],
  );
  await host.sql(
    `INSERT INTO note (user_id, text) SELECT id, 'kept' FROM
       (SELECT id, row_number() OVER (ORDER BY id) AS n FROM users WHERE id <> ALL ($1)) u WHERE n % 10 = 0`,
    [others.map(({ userId }) => userId)],
  );
  await host.sql('CREATE TABLE owner AS SELECT user_id AS id FROM note');
  await host.sql('ANALYZE');
}

const ofReaper = (statements: readonly string[]) =>
  statements.filter((sql) => /\b(candidate|verdict) AS|AS "cutoff"/.test(sql));

describe('a hundred thousand stale guests', () => {
  it(
    'go in seconds but for those that own rows, beside another instance and guests that come back',
    async () => {
      const host = await startApp({
        schema: 'CREATE INDEX ON note (user_id)',
        options: { reaper: { pause: '0s' } },
      });
      const beside = await startBeside(host);
      const returning: Person[] = [];
      for (let n = 0; n < RETURNING; n += 1) returning.push(await newGuest(host));
      // Among the others in the order of the last visit, so that reapers get to them all along.
      for (const [n, { userId }] of returning.entries()) await age(host, (32 + n * 7) * 24, userId);
      await populate(host, returning);
      for (const app of [host, beside]) app.statements.length = 0;

      const start = performance.now();
      const runs = Promise.all([reap(host), reap(beside)]);
      const acknowledged = new Map<string, string>();
      const comeBack = async ({ client }: Person, n: number) => {
        if (n % 2 === 0) await client.get('/access/session');
        const text = randomUUID();
        const { status, body } = await client.post('/notes', { text });
        // 409 is the guest that was taken away under the write.
        expect([201, 409]).toContain(status);
        if (status === 201) acknowledged.set(text, body.userId);
      };
      await Promise.all(returning.map(comeBack));
      const reports = await runs;
      const seconds = (performance.now() - start) / 1000;
      const counts = reports.map(({ stale, reaped, kept }) =>
        JSON.stringify({ stale, reaped, kept }),
      );
      console.log(`${GUESTS} stale guests in ${seconds.toFixed(1)} s: ${counts.join(' and ')}`);

      // Everybody who owned a row is there with it, and so is every write that was acknowledged.
      expect(
        await host.sql(`SELECT count(*)::int AS owners FROM owner o JOIN users u ON u.id = o.id
          JOIN note n ON n.user_id = u.id AND n.text = 'kept'`),
      ).toEqual([{ owners: OWNERS }]);
      const written = await host.sql<{ text: string; user_id: string }>(
        `SELECT n.text, n.user_id FROM note n JOIN users u ON u.id = n.user_id WHERE n.text <> 'kept'`,
      );
      expect(new Map(written.map(({ text, user_id }) => [text, user_id]))).toEqual(acknowledged);
      // Nobody else is left, and each of those who went was counted by one of the two.
      const stay = `last_seen_at > now() - interval '30 days' OR EXISTS (SELECT 1 FROM note WHERE user_id = users.id)`;
      expect(await host.sql(`SELECT id FROM users WHERE NOT (${stay})`)).toEqual([]);
      const back = returning.map(({ userId }) => userId);
      const [left] = await host.sql<{ old: number }>(
        `SELECT (count(o.id) + count(u.id) FILTER (WHERE u.id = ANY ($1)))::int AS old
         FROM users u LEFT JOIN owner o ON o.id = u.id`,
        [back],
      );
      const reaped = reports.reduce((sum, report) => sum + report.reaped, 0);
      expect(reaped).toBe(GUESTS + RETURNING - left!.old);
      for (const { finished } of reports) expect(finished).toBe(true);

      // Two statements a batch, and one to begin with.
      for (const [n, app] of [host, beside].entries()) {
        const batches = Math.floor(reports[n]!.stale / BATCH) + 1;
        expect(ofReaper(app.statements).length).toBeLessThanOrEqual(2 * batches + 1);
      }
      expect(beside.statements).toEqual(ofReaper(beside.statements));
      expect(seconds).toBeLessThan(120);
      await eventually('nothing is left to do', async () => (await reap(host)).reaped === 0);
    },
    LONGEST_MS,
  );
});
