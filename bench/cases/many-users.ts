import type { Client } from 'pg';
import type { BenchCase, Measure } from '../run/bench-case.js';
import { type ContenderPlan, EXPRESS, FASTIFY } from '../run/contender-plans.js';
import { checksPerSecond, issuesPerSecond } from './requests.js';

const FEW = 1_000;
const MANY = 1_000_000;

/** Guests that nobody has issued: `users` of this library and of the bare limit, last seen at the given time. */
export async function fillUsers(sql: Client, guests: number, lastSeen = 'now()'): Promise<void> {
  await sql.query(
    `INSERT INTO users (id, is_anonymous, last_seen_at) SELECT gen_random_uuid(), true, ${lastSeen}
     FROM generate_series(1, $1)`,
    [guests],
  );
}

/** The same contender with many users in its table. */
function crowded(plan: ContenderPlan): ContenderPlan {
  return {
    ...plan,
    name: `${plan.name}-million`,
    title: `${plan.title}, 1 million users`,
    variant: `${plan.variant} million`,
  };
}

const plans = [FASTIFY, crowded(FASTIFY), EXPRESS, crowded(EXPRESS)];
const filled = new WeakSet<Client>();

const among = (name: string, title: string, measure: Measure): BenchCase => ({
  name: `${name}-million`,
  title: `${title}, with 1 million users against 1,000 more`,
  unit: 'requests/s',
  isRate: true,
  isQuick: false,
  plans,
  ratios: [FASTIFY, EXPRESS].map((plan) => ({ of: crowded(plan).name, to: plan.name })),
  measure: async (contender, bench, plan) => {
    if (!filled.has(contender.sql)) {
      filled.add(contender.sql);
      await fillUsers(contender.sql, plan.name.endsWith('million') ? MANY : FEW);
      await contender.sql.query('VACUUM ANALYZE users');
      await contender.sql.query('CHECKPOINT');
    }
    return measure(contender, bench, plan);
  },
});

export const MANY_USERS_CASES: readonly BenchCase[] = [
  among('issue', 'issue a guest', (contender, bench) => issuesPerSecond(contender, bench)),
  among('check', 'check a session', (contender, bench) => checksPerSecond(contender, bench)),
];
