import { BETTER_AUTH, type Dialect, LIMIT, OURS } from './dialect.js';

/** A way to run one of the programs. */
export interface ContenderPlan {
  readonly name: string;
  readonly title: string;
  readonly program: string;
  readonly variant: string;
  readonly dialect: Dialect;
}

const ours = (name: string, title: string, variant = name): ContenderPlan => ({
  name,
  title,
  program: 'ours.js',
  variant,
  dialect: OURS,
});

const betterAuth = (name: string, title: string, variant = name): ContenderPlan => ({
  name,
  title,
  program: 'better-auth.js',
  variant,
  dialect: BETTER_AUTH,
});

export const BARE: ContenderPlan = {
  name: 'limit',
  title: 'bare limit',
  program: 'limit.js',
  variant: '',
  dialect: LIMIT,
};
export const FASTIFY = ours('fastify', 'ours on Fastify');
export const EXPRESS = ours('express', 'ours on Express');
export const BETTER_AUTH_NODE = betterAuth('better-auth-node', 'better-auth on node:http', 'node');
export const BETTER_AUTH_NEST = betterAuth('better-auth-nest', 'better-auth in Nest', 'nest');

/** The same with an option that one case is about. They are shown in the column of the contender that they vary. */
export const varied = (plan: ContenderPlan, option: string): ContenderPlan => ({
  ...plan,
  variant: `${plan.variant} ${option}`,
});

export const ALL: readonly ContenderPlan[] = [
  BARE,
  FASTIFY,
  EXPRESS,
  BETTER_AUTH_NODE,
  BETTER_AUTH_NEST,
];
