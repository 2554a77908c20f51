import { setTimeout as wait } from 'node:timers/promises';
import { type Bench, type BenchCase, usualRatios } from '../run/bench-case.js';
import { type Contender, PASSWORD } from '../run/contender.js';
import { ALL } from '../run/contender-plans.js';
import { guestsWithRows } from './owners.js';

let newest = 0;

/** One of an operation, in Postgres' own words. What frames a transaction counts: each is a round trip. */
const counted = (
  name: string,
  title: string,
  prepare: (contender: Contender) => Promise<() => Promise<unknown>>,
): BenchCase => ({
  name: `statements-${name}`,
  title: `statements to Postgres, BEGIN, COMMIT and SET included: ${title}`,
  unit: 'statements',
  isRate: false,
  plans: ALL,
  ratios: usualRatios(),
  rounds: () => 1,
  measure: async (contender: Contender, { arena }: Bench) => {
    const operation = await prepare(contender);
    await arena.logStatements(true);
    const before = arena.statements.of(contender.database);
    await operation();
    // What is done behind the answer counts too.
    await wait(300);
    await arena.logStatements(false);
    return arena.statements.of(contender.database) - before;
  },
});

async function freshAccount(contender: Contender): Promise<string> {
  newest += 1;
  const email = `counted-${newest}@bench.example`;
  await contender.account(email);
  return email;
}

export const STATEMENT_CASES: readonly BenchCase[] = [
  counted('issue', 'issue a guest', (contender) => Promise.resolve(() => contender.guest())),
  counted('check', 'check a session', async (contender) => {
    const { cookie } = await contender.guest();
    return () => contender.get('/me', cookie);
  }),
  counted('sign-up', 'sign-up of a guest of 10 rows', async (contender) => {
    const [guest] = await guestsWithRows(contender, 1, 10);
    newest += 1;
    const body = { email: `counted-${newest}@bench.example`, password: PASSWORD, name: 'Somebody' };
    return () => contender.post(contender.dialect.signUp, guest!.cookie, body);
  }),
  counted('sign-in-plain', 'sign-in with nobody there', async (contender) => {
    const body = { email: await freshAccount(contender), password: PASSWORD };
    return () => contender.post(contender.dialect.signIn, undefined, body);
  }),
  counted('sign-in', 'sign-in with a guest of 10 rows', async (contender) => {
    const [guest] = await guestsWithRows(contender, 1, 10);
    const body = { email: await freshAccount(contender), password: PASSWORD };
    return () => contender.post(contender.dialect.signIn, guest!.cookie, body);
  }),
];
