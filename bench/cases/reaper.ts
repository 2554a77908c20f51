import type { BenchCase, Measure, Sizes } from '../run/bench-case.js';
import type { Contender } from '../run/contender.js';
import { BARE, FASTIFY, varied } from '../run/contender-plans.js';
import type { LoadResult } from '../load/load.js';
import { fillUsers } from './many-users.js';
import { issueLoad } from './requests.js';

/** One of so many owns a row, and stays. */
const OWNERS = 10;

const LOOP = {
  ...BARE,
  name: 'loop',
  title: 'one DELETE for each guest, pool of 10',
  variant: 'loop',
};

/** Stale guests, and rows for some of them, in tables that are as autovacuum would have them. */
async function prepare({ sql }: Contender, guests: number): Promise<void> {
  await sql.query('TRUNCATE users CASCADE');
  await fillUsers(sql, guests, "now() - interval '31 days'");
  await sql.query(
    `INSERT INTO entry (user_id, text) SELECT id, 'kept' FROM
       (SELECT id, row_number() OVER () AS n FROM users) u WHERE n % ${OWNERS} = 0`,
  );
  await sql.query('VACUUM ANALYZE users, entry, mark');
  await sql.query('CHECKPOINT');
}

const reap: Measure = async (contender, { sizes: { staleGuests } }) => {
  await prepare(contender, staleGuests);
  const begun = performance.now();
  const reaped = await contender.ask<number>('reap');
  const ms = performance.now() - begun;
  const expected = staleGuests - staleGuests / OWNERS;
  if (reaped !== expected) {
    throw new Error(`${contender.name} has reaped ${reaped} guests, not ${expected}`);
  }
  return ms;
};

/** The same while it reaps, with its defaults: a pause after each batch, so that requests come first. */
const BUSY = {
  ...FASTIFY,
  name: 'reaping',
  title: 'ours on Fastify, reaping',
  variant: 'fastify reaping',
};
const CALM = varied(FASTIFY, 'not reaping');

const whileReaping =
  (figure: (result: LoadResult) => number): Measure =>
  async (contender, bench, plan) => {
    await prepare(contender, bench.sizes.staleGuests);
    const reaping = plan === BUSY ? contender.ask('reap') : undefined;
    const result = await issueLoad(contender, bench);
    await reaping;
    return figure(result);
  };

const serving = {
  plans: [CALM, BUSY],
  ratios: [{ of: BUSY.name, to: CALM.name }],
  rounds: ({ longRounds }: Pick<Sizes, 'longRounds'>) => longRounds,
} as const;

export function reaperCases({ staleGuests }: Sizes): BenchCase[] {
  const many = staleGuests.toLocaleString('en');
  return [
    {
      name: `reap-${staleGuests}`,
      title: `reaping ${many} stale guests, a tenth of which own rows`,
      unit: 'ms',
      isRate: false,
      // On databases of their own: every round begins with empty tables.
      plans: [varied(BARE, 'reap'), LOOP, varied(FASTIFY, 'reap')],
      ratios: [
        { of: FASTIFY.name, to: BARE.name },
        { of: FASTIFY.name, to: LOOP.name },
      ],
      rounds: ({ longRounds }) => longRounds,
      measure: reap,
    },
    {
      name: 'issue-while-reaping',
      title: `issue a guest while ${many} others are reaped, 16 connections`,
      unit: 'requests/s',
      isRate: true,
      ...serving,
      measure: whileReaping(({ answers, ms }) => (answers / ms) * 1000),
    },
    {
      name: 'p99-while-reaping',
      title: `slowest 1 % of issuing while ${many} others are reaped, 16 connections`,
      unit: 'ms',
      isRate: false,
      ...serving,
      measure: whileReaping(({ latencies }) => latencies[Math.floor(latencies.length * 0.99)]!),
    },
  ];
}
