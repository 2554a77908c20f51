import { type Bench, type BenchCase, type Sizes, usualRatios } from '../run/bench-case.js';
import type { Contender } from '../run/contender.js';
import { ALL, type ContenderPlan } from '../run/contender-plans.js';
import { issuesPerSecond } from './requests.js';

const MIB = 2 ** 20;

/** From the start of a process to its first answer, on tables that are there. */
async function coldStartMs(_: Contender, { arena }: Bench, plan: ContenderPlan): Promise<number> {
  const begun = performance.now();
  const another = await arena.again(plan);
  try {
    await fetch(`http://127.0.0.1:${another.port}/me`).then((answer) => answer.text());
    return performance.now() - begun;
  } finally {
    await another.stop();
  }
}

/** After a start and one answer. */
async function idleMib(_: Contender, { arena }: Bench, plan: ContenderPlan): Promise<number> {
  const another = await arena.again(plan);
  try {
    await another.guest();
    return (await another.ask<number>('memory')) / MIB;
  } finally {
    await another.stop();
  }
}

/** The most that a process has taken when it has issued guests to 64 connections for a while. */
async function loadedMib(_: Contender, bench: Bench, plan: ContenderPlan): Promise<number> {
  const another = await bench.arena.again(plan);
  try {
    await issuesPerSecond(another, bench, 64);
    return (await another.ask<number>('peakMemory')) / MIB;
  } finally {
    await another.stop();
  }
}

const common = {
  isRate: false,
  plans: ALL,
  ratios: usualRatios(),
  // Every process is a new one.
  warmUp: () => Promise.resolve(0),
  rounds: ({ longRounds }: Pick<Sizes, 'longRounds'>) => longRounds,
} as const;

export const PROCESS_CASES: readonly BenchCase[] = [
  {
    name: 'cold-start',
    title: 'cold start to the first answer',
    unit: 'ms',
    ...common,
    measure: coldStartMs,
  },
  { name: 'memory-idle', title: 'memory after a start', unit: 'MiB', ...common, measure: idleMib },
  {
    name: 'memory-loaded',
    title: 'memory at most, issuing guests to 64 connections',
    unit: 'MiB',
    ...common,
    measure: loadedMib,
  },
];
