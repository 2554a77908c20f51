import type { Client } from 'pg';
import type { BenchCase, Measure, Sizes } from '../run/bench-case.js';
import { type ContenderPlan, EXPRESS, FASTIFY } from '../run/contender-plans.js';
import { checksPerSecond, issuesPerSecond } from './requests.js';

const FEW = 1_000;

/** Guests that nobody has issued: `users` of this library and of the bare limit, last seen at the given time. */
export async function fillUsers(sql: Client, guests: number, lastSeen = 'now()'): Promise<void> {
  await sql.query(
    `INSERT INTO users (id, is_anonymous, last_seen_at) SELECT gen_random_uuid(), true, ${lastSeen}
     FROM generate_series(1, $1)`,
    [guests],
  );
}

/** The same contender with many users in its table. */
function crowded(plan: ContenderPlan, crowd: number): ContenderPlan {
  return {
    ...plan,
    name: `${plan.name}-crowded`,
    title: `${plan.title}, ${crowd.toLocaleString('en')} users`,
    variant: `${plan.variant} crowded`,
  };
}

const filled = new WeakSet<Client>();

export function manyUsersCases({ crowd }: Sizes): BenchCase[] {
  const pairs = [FASTIFY, EXPRESS].map((plan) => ({ few: plan, many: crowded(plan, crowd) }));
  const among = (name: string, title: string, measure: Measure): BenchCase => ({
    name: `${name}-among-${crowd}`,
    title: `${title}, with ${crowd.toLocaleString('en')} users against ${FEW.toLocaleString('en')} more`,
    unit: 'requests/s',
    isRate: true,
    plans: pairs.flatMap(({ few, many }) => [few, many]),
    ratios: pairs.map(({ few, many }) => ({ of: many.name, to: few.name })),
    measure: async (contender, bench, plan) => {
      if (!filled.has(contender.sql)) {
        filled.add(contender.sql);
        const isCrowded = pairs.some(({ many }) => many === plan);
        await fillUsers(contender.sql, isCrowded ? crowd : FEW);
        await contender.sql.query('VACUUM ANALYZE users');
        await contender.sql.query('CHECKPOINT');
      }
      return measure(contender, bench, plan);
    },
  });
  return [
    among('issue', 'issue a guest', (contender, bench) => issuesPerSecond(contender, bench)),
    among('check', 'check a session', (contender, bench) => checksPerSecond(contender, bench)),
  ];
}
