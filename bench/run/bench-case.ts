import type { Arena } from './arena.js';
import type { Contender } from './contender.js';
import { ALL, BARE, BETTER_AUTH_NEST, type ContenderPlan } from './contender-plans.js';

/** How much is done: little with `--quick`. */
export interface Sizes {
  /** Measured rounds, each of which asks every contender once. */
  readonly rounds: number;
  /** The same where a round takes long. */
  readonly longRounds: number;
  /** How long each contender gets to compile what it runs, in milliseconds: before that it says nothing. */
  readonly warmUpMs: number;
  /** How long a throughput is measured, in milliseconds. */
  readonly durationMs: number;
  /** Connections of the cases that are about throughput. */
  readonly connections: readonly number[];
  /** Rows of the guests that sign in and up, beside the one that owns most. */
  readonly rows: readonly number[];
  /** Requests of one connection, one after the other, for a latency. */
  readonly samples: number;
  /** Links of one measurement of links/s. */
  readonly links: number;
  /** Rows of the guest that owns most. */
  readonly largeRows: number;
  /** Guests that are reaped. */
  readonly staleGuests: number;
  /** Users in a large table. */
  readonly crowd: number;
}

export interface Bench {
  readonly arena: Arena;
  readonly sizes: Sizes;
}

export type Measure = (contender: Contender, bench: Bench, plan: ContenderPlan) => Promise<number>;

/** Which two medians make a ratio. */
export interface RatioPlan {
  readonly of: string;
  readonly to: string;
}

export interface BenchCase {
  readonly name: string;
  readonly title: string;
  readonly unit: 'requests/s' | 'links/s' | 'ms' | 'MiB' | 'statements';
  /** Whether more is better. */
  readonly isRate: boolean;
  readonly plans: readonly ContenderPlan[];
  readonly ratios: readonly RatioPlan[];
  /** Rounds, where few are enough or each takes long. @default `rounds` */
  readonly rounds?: (sizes: Sizes) => number;
  /** One figure of one contender. */
  readonly measure: Measure;
  /** Before the first round, for each contender. @default one measurement, as long as a warm-up takes, that counts for nothing */
  readonly warmUp?: Measure;
}

/** Everybody against the limit, and against the alternative in Nest. */
export function usualRatios(plans: readonly ContenderPlan[] = ALL): RatioPlan[] {
  const others = plans.filter((plan) => plan !== BARE).map(({ name }) => name);
  return [
    ...others.map((of) => ({ of, to: BARE.name })),
    ...others
      .filter((of) => of !== BETTER_AUTH_NEST.name)
      .map((of) => ({ of, to: BETTER_AUTH_NEST.name })),
  ];
}
