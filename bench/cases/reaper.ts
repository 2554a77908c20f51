import type { BenchCase, Measure } from '../run/bench-case.js';
import type { Contender } from '../run/contender.js';
import { BARE, FASTIFY, varied } from '../run/contender-plans.js';
import { fillUsers } from './many-users.js';

const GUESTS = 100_000;
/** One of so many owns a row, and stays. */
const OWNERS = 10;

const LOOP = {
  ...BARE,
  name: 'loop',
  title: 'one DELETE for each guest, pool of 10',
  variant: 'loop',
};

/** Stale guests, and rows for some of them, in tables that are as autovacuum would have them. */
async function prepare({ sql }: Contender): Promise<void> {
  await sql.query('TRUNCATE users CASCADE');
  await fillUsers(sql, GUESTS, "now() - interval '31 days'");
  await sql.query(
    `INSERT INTO entry (user_id, text) SELECT id, 'kept' FROM
       (SELECT id, row_number() OVER () AS n FROM users) u WHERE n % ${OWNERS} = 0`,
  );
  await sql.query('VACUUM ANALYZE users, entry, mark');
  await sql.query('CHECKPOINT');
}

const reap: Measure = async (contender) => {
  await prepare(contender);
  const begun = performance.now();
  const reaped = await contender.ask<number>('reap');
  const ms = performance.now() - begun;
  const expected = GUESTS - GUESTS / OWNERS;
  if (reaped !== expected) {
    throw new Error(`${contender.name} has reaped ${reaped} guests, not ${expected}`);
  }
  return ms;
};

export const REAPER_CASES: readonly BenchCase[] = [
  {
    name: 'reap',
    title: 'reaping 100,000 stale guests, a tenth of which own rows',
    unit: 'ms',
    isRate: false,
    isQuick: false,
    // On databases of their own: every round begins with empty tables.
    plans: [varied(BARE, 'reap'), LOOP, varied(FASTIFY, 'reap')],
    ratios: [
      { of: FASTIFY.name, to: BARE.name },
      { of: FASTIFY.name, to: LOOP.name },
    ],
    rounds: ({ rounds }) => Math.min(5, rounds),
    measure: reap,
  },
];
