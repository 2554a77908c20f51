import type { BenchCase, Bench } from '../run/bench-case.js';
import { usualRatios } from '../run/bench-case.js';
import type { Contender } from '../run/contender.js';
import { ALL, BARE, BETTER_AUTH_NEST, EXPRESS, FASTIFY, varied } from '../run/contender-plans.js';
import { request } from '../run/dialect.js';

/** Sessions that are checked in turn. */
const SESSIONS = 100;
/** Where the aims are. */
const USUAL = 16;

const checks = new WeakMap<Contender, Promise<string[]>>();

async function requestsPerSecond(
  { port }: Contender,
  { arena, sizes }: Bench,
  connections: number,
  requests: readonly string[],
  status: number,
): Promise<number> {
  const { durationMs } = sizes;
  const { answers, ms } = await arena.load.run({ port, connections, requests, durationMs, status });
  return (answers / ms) * 1000;
}

export function issuesPerSecond(contender: Contender, bench: Bench, connections = USUAL) {
  const { path, status } = contender.dialect.issue;
  return requestsPerSecond(
    contender,
    bench,
    connections,
    [request('POST', path, undefined, {})],
    status,
  );
}

export async function checksPerSecond(contender: Contender, bench: Bench, connections = USUAL) {
  const known = checks.get(contender) ?? checkRequests(contender);
  checks.set(contender, known);
  return requestsPerSecond(contender, bench, connections, await known, 200);
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
  isQuick: connections === USUAL,
  plans: ALL,
  ratios: usualRatios(),
  measure: (contender, bench) => issuesPerSecond(contender, bench, connections),
});

const check = (connections: number): BenchCase => ({
  name: `check-${connections}`,
  title: `check a session, ${connections} connections`,
  ...rate,
  isQuick: connections === USUAL,
  plans: ALL,
  ratios: usualRatios(),
  measure: (contender, bench) => checksPerSecond(contender, bench, connections),
});

const cached = [BARE, varied(FASTIFY, 'cached'), varied(EXPRESS, 'cached'), BETTER_AUTH_NEST];

const checkCached: BenchCase = {
  name: 'check-cached-16',
  title: `check a session with cacheFor, ${USUAL} connections`,
  ...rate,
  isQuick: true,
  plans: cached,
  ratios: usualRatios(cached),
  measure: (contender, bench) => checksPerSecond(contender, bench),
};

export const REQUEST_CASES: readonly BenchCase[] = [
  ...[1, USUAL, 64].map(issue),
  ...[1, USUAL, 64].map(check),
  checkCached,
];
