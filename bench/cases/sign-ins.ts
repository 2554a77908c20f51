import type { Bench, BenchCase, Measure, Sizes } from '../run/bench-case.js';
import { usualRatios } from '../run/bench-case.js';
import { type Contender, PASSWORD, type Person } from '../run/contender.js';
import { ALL, BETTER_AUTH_NEST, EXPRESS, FASTIFY, varied } from '../run/contender-plans.js';
import { request } from '../run/dialect.js';
import { median } from '../run/median.js';
import { emptyOwnedTables, expectRows, guestsWithRows } from './owners.js';

/** More than there are connections, so that no two sign-ins meet at one account. */
const ACCOUNTS = 64;
const CONNECTIONS = 16;

interface Account extends Person {
  readonly email: string;
}

const accounts = new WeakMap<Contender, Account[]>();
let newest = 0;

/** The first accounts of a contender, which are made when they are needed: each costs a hash. */
async function accountsOf(contender: Contender, count: number): Promise<Account[]> {
  const made = accounts.get(contender) ?? [];
  accounts.set(contender, made);
  while (made.length < count) {
    const email = freshEmail();
    made.push({ ...(await contender.account(email)), email });
  }
  return made.slice(0, count);
}

function freshEmail(): string {
  newest += 1;
  return `somebody-${newest}@bench.example`;
}

function samplesFor(rows: number, { sizes }: Bench): number {
  return rows === sizes.largeRows ? 1 : sizes.samples;
}

async function latency({ port }: Contender, { arena }: Bench, requests: string[]): Promise<number> {
  const { latencies } = await arena.load.run({ port, connections: 1, requests, status: 200 });
  return median(latencies);
}

/** Guests sign in, one after the other, to an account that exists. */
async function signInMs(contender: Contender, bench: Bench, rows: number): Promise<number> {
  const [account] = await accountsOf(contender, 1);
  await emptyOwnedTables(contender);
  const guests = await guestsWithRows(contender, samplesFor(rows, bench), rows);
  const body = { email: account!.email, password: PASSWORD };
  const requests = guests.map(({ cookie }) =>
    request('POST', contender.dialect.signIn, cookie, body),
  );
  const ms = await latency(contender, bench, requests);
  await expectRows(contender, [account!.id], guests.length * rows);
  return ms;
}

/** Nobody is there beforehand: the sign-in has nobody to link. */
async function plainSignInMs(contender: Contender, bench: Bench): Promise<number> {
  const [account] = await accountsOf(contender, 1);
  const body = { email: account!.email, password: PASSWORD };
  const plain = request('POST', contender.dialect.signIn, undefined, body);
  return latency(contender, bench, Array<string>(samplesFor(0, bench)).fill(plain));
}

/** Guests sign up with an address that nobody has. */
async function signUpMs(contender: Contender, bench: Bench, rows: number): Promise<number> {
  await emptyOwnedTables(contender);
  const guests = await guestsWithRows(contender, samplesFor(rows, bench), rows);
  const requests = guests.map(({ cookie }) => {
    const body = { email: freshEmail(), password: PASSWORD, name: 'Somebody' };
    return request('POST', contender.dialect.signUp, cookie, body);
  });
  return latency(contender, bench, requests);
}

async function linksPerSecond(contender: Contender, bench: Bench): Promise<number> {
  const known = await accountsOf(contender, ACCOUNTS);
  await emptyOwnedTables(contender);
  const guests = await guestsWithRows(contender, bench.sizes.links, 10);
  const requests = guests.map(({ cookie }, n) => {
    const { email } = known[n % known.length]!;
    return request('POST', contender.dialect.signIn, cookie, { email, password: PASSWORD });
  });
  const { port } = contender;
  const connections = CONNECTIONS;
  const { ms } = await bench.arena.load.run({ port, connections, requests, status: 200 });
  await expectRows(
    contender,
    known.map(({ id }) => id),
    guests.length * 10,
  );
  return (guests.length / ms) * 1000;
}

const warm = new WeakSet<Contender>();

/** Sign-ins enough to be compiled, once for each process. */
async function warmUp(contender: Contender, bench: Bench): Promise<number> {
  if (warm.has(contender)) return 0;
  warm.add(contender);
  for (let n = 0; n < 3; n += 1) await linksPerSecond(contender, bench);
  const samples = bench.sizes.samples * 5;
  return signUpMs(contender, { ...bench, sizes: { ...bench.sizes, samples } }, 10);
}

const everybody = { plans: ALL, ratios: usualRatios() };

const oneByOne = (name: string, what: string, measure: Measure): BenchCase => ({
  name,
  title: `${what}, one connection`,
  unit: 'ms',
  isRate: false,
  ...everybody,
  warmUp,
  measure,
});

const signIn = (rows: number): BenchCase =>
  oneByOne(
    `sign-in-${rows}`,
    `sign-in with a guest of ${rows.toLocaleString('en')} rows`,
    (contender, bench) => signInMs(contender, bench, rows),
  );

const signUp = (rows: number): BenchCase =>
  oneByOne(
    `sign-up-${rows}`,
    `sign-up of a guest of ${rows.toLocaleString('en')} rows`,
    (contender, bench) => signUpMs(contender, bench, rows),
  );

/** With the hash that each comes with: argon2id here, scrypt there. */
const ownHash = [FASTIFY, EXPRESS, BETTER_AUTH_NEST].map((plan) => varied(plan, 'own-hash'));

export const signInCases = ({ rows, largeRows }: Sizes): BenchCase[] => [
  oneByOne('sign-in-plain', 'sign-in with nobody there', plainSignInMs),
  ...[...rows, largeRows].map(signIn),
  ...[...rows, largeRows].map(signUp),
  {
    name: 'sign-in-own-hash',
    title: 'sign-in with a guest of 10 rows, each with its own default password hash',
    unit: 'ms',
    isRate: false,
    plans: ownHash,
    ratios: usualRatios(ownHash).filter(({ to }) => to === BETTER_AUTH_NEST.name),
    measure: (contender, bench) => signInMs(contender, bench, 10),
  },
  {
    name: 'links-16',
    title: `links of guests with 10 rows each, ${CONNECTIONS} connections`,
    unit: 'links/s',
    isRate: true,
    ...everybody,
    warmUp,
    measure: linksPerSecond,
  },
];
