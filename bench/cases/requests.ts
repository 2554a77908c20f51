import type { Bench, BenchCase, Sizes } from '../run/bench-case.js';
import { usualRatios } from '../run/bench-case.js';
import type { Contender } from '../run/contender.js';
import { ALL, BARE, BETTER_AUTH_NEST, EXPRESS, FASTIFY, varied } from '../run/contender-plans.js';
import { request } from '../run/dialect.js';

/** Sessions that are checked in turn. */
const SESSIONS = 100;
/** Where the aims are. */
const USUAL = 16;

const checks = new WeakMap<Contender, Promise<string[]>>();

/** Guests are issued to so many connections, for as long as a measurement takes. */
export function issueLoad(
  { port, dialect }: Contender,
  { arena, sizes }: Bench,
  connections = USUAL,
) {
  const { path, status } = dialect.issue;
  const requests = [request('POST', path, undefined, {})];
  return arena.load.run({ port, connections, requests, durationMs: sizes.durationMs, status });
}

export async function issuesPerSecond(contender: Contender, bench: Bench, connections = USUAL) {
  const { answers, ms } = await issueLoad(contender, bench, connections);
  return (answers / ms) * 1000;
}

export async function checksPerSecond(contender: Contender, bench: Bench, connections = USUAL) {
  const known = checks.get(contender) ?? checkRequests(contender);
  checks.set(contender, known);
  const { answers, ms } = await bench.arena.load.run({
    port: contender.port,
    connections,
    requests: await known,
    durationMs: bench.sizes.durationMs,
    status: 200,
  });
  return (answers / ms) * 1000;
}

async function checkRequests(contender: Contender): Promise<string[]> {
  const requests: string[] = [];
  while (requests.length < SESSIONS) {
    const { cookie } = await contender.guest();
    requests.push(request('GET', '/me', cookie));
  }
  return requests;
}

const rate = { unit: 'requests/s', isRate: true } as const;

const issue = (connections: number): BenchCase => ({
  name: `issue-${connections}`,
  title: `issue a guest, ${connections} connections`,
  ...rate,
  plans: ALL,
  ratios: usualRatios(),
  measure: (contender, bench) => issuesPerSecond(contender, bench, connections),
});

const check = (connections: number): BenchCase => ({
  name: `check-${connections}`,
  title: `check a session, ${connections} connections`,
  ...rate,
  plans: ALL,
  ratios: usualRatios(),
  measure: (contender, bench) => checksPerSecond(contender, bench, connections),
});

const cached = [BARE, varied(FASTIFY, 'cached'), varied(EXPRESS, 'cached'), BETTER_AUTH_NEST];

const checkCached: BenchCase = {
  name: 'check-cached-16',
  title: `check a session with cacheFor, ${USUAL} connections`,
  ...rate,
  plans: cached,
  ratios: usualRatios(cached),
  measure: (contender, bench) => checksPerSecond(contender, bench),
};

export const requestCases = ({ connections }: Sizes): BenchCase[] => [
  ...connections.map(issue),
  ...connections.map(check),
  checkCached,
];
