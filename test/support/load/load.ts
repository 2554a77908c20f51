import { randomUUID } from 'node:crypto';
import { eventually } from '../barrier.js';
import type { PawsPair } from '../instances/paws-pair.js';
import { Dice } from './dice.js';
import { Journal } from './journal.js';
import { type KnownAccount, Visitor } from './visitor.js';

const ACCOUNTS = 5;
/** So that clients which are refused at once do not keep the processors from everybody else. */
const PAUSE_MS = 20;

/** Visitors who come to two instances, one after the other for each client, until they are told to stop. */
export class Load {
  readonly journal = new Journal();
  private readonly clients: Promise<void>[] = [];
  private isOver = false;

  private constructor(
    private readonly pair: PawsPair,
    private readonly dice: Dice,
    private readonly accounts: readonly KnownAccount[],
    private readonly venues: readonly string[],
  ) {}

  /** @param seed decides what visitors do; how it interleaves is for the machine. */
  static async start(pair: PawsPair, clients: number, seed: number): Promise<Load> {
    const accounts: KnownAccount[] = [];
    for (let n = 0; n < ACCOUNTS; n += 1) accounts.push(await newAccount(pair));
    const { body: venues } = await pair.browser()[0].get('/venues');
    const ids = venues.map(({ id }: { id: string }) => id) as string[];
    const load = new Load(pair, new Dice(seed), accounts, ids);
    for (let n = 0; n < clients; n += 1) load.clients.push(load.client(load.dice.fork()));
    return load;
  }

  /** Resolves when that many more visitors have arrived somewhere, so that the app is known to work. */
  async passed(arrivals: number, withinMs?: number): Promise<void> {
    const goal = this.journal.arrivals.length + arrivals;
    const done = () => this.journal.arrivals.length >= goal;
    await eventually(`${arrivals} more arrivals`, done, withinMs);
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.clients);
  }

  private async client(dice: Dice): Promise<void> {
    while (!this.isOver) {
      const visitor = new Visitor(this.pair.browser(), this.journal, dice);
      await visitor.live(this.accounts, this.venues);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}

async function newAccount(pair: PawsPair): Promise<KnownAccount> {
  const email = `${randomUUID()}@example.com`;
  const { status, body } = await pair
    .browser()[0]
    .post('/auth/sign-up/email', { email, password: 'correct horse battery' });
  if (status !== 200) throw new Error(`no account for the load: ${status}`);
  return { userId: body.user.id, email };
}
