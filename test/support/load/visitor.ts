import { randomUUID } from 'node:crypto';
import type { HttpAnswer, HttpClient } from '../http-client.js';
import type { Dice } from './dice.js';
import type { Journal, Writer, WrittenTable } from './journal.js';

const PASSWORD = 'correct horse battery';
/** Longer than anything here stands still. */
const PATIENCE_MS = 20_000;
/** Of every thing that is put into a basket. */
export const QUANTITY = 2;
const COOKIE = 'anon.session';

/** An account that visitors sign in to. */
export interface KnownAccount {
  readonly userId: string;
  readonly email: string;
}

/** One person's life: comes as nobody, makes something, and signs in, signs up or goes. */
export class Visitor implements Writer {
  readonly users = new Set<string>();
  private pets: string[] = [];

  constructor(
    /** The same person at each instance. */
    private readonly clients: readonly HttpClient[],
    private readonly journal: Journal,
    private readonly dice: Dice,
  ) {}

  async live(accounts: readonly KnownAccount[], venues: readonly string[]): Promise<void> {
    if (this.dice.next() < 0.1) {
      await this.send('POST', '/auth/anonymous');
      return;
    }
    for (let n = this.dice.below(4); n >= 0; n -= 1) await this.write();
    await this.send('PUT', `/favourites/${this.dice.of(venues)}`);
    await this.send('POST', `/venues/${this.dice.of(venues)}/visits`);
    await this.send('PUT', '/profile', { city: 'Lyon' });
    const turn = this.dice.next();
    if (turn < 0.6) await this.amidWrites(() => this.signIn(this.dice.of(accounts)));
    else if (turn < 0.85) await this.amidWrites(() => this.upgrade());
    await this.write();
  }

  /** What the person does in other tabs while this goes on. */
  private async amidWrites(work: () => Promise<void>): Promise<void> {
    await Promise.all([work(), this.write(), this.write()]);
  }

  private async write(): Promise<void> {
    const table = this.dice.of<WrittenTable>(['pet', 'pet', 'photo', 'basket_item']);
    const key = `${table === 'photo' ? '/' : ''}${randomUUID()}`;
    const petId = this.pets.at(-1);
    if (table === 'photo' && petId === undefined) return;
    const requests = {
      pet: ['/pets', { name: key }],
      photo: ['/photos', { petId, url: key }],
      basket_item: ['/basket/items', { sku: key, quantity: QUANTITY }],
    } as const;
    const [path, body] = requests[table];
    this.noteWho(this.clients[0]!.cookies.get(COOKIE));
    const answer = await this.attempt('POST', path, body);
    this.journal.wrote(this, table, key, answer);
    for (const line of answer?.headers.getSetCookie() ?? []) this.noteWho(line.split(/[=;]/)[1]);
    if (table === 'pet' && answer?.status === 201) this.pets.push(answer.body.id as string);
  }

  private async signIn({ userId, email }: KnownAccount): Promise<void> {
    // Whatever becomes of the answer, what the guest has may be the account's from here on.
    this.users.add(userId);
    await this.arrive('sign-in', '/auth/sign-in/email', email);
  }

  private async upgrade(): Promise<void> {
    await this.arrive('upgrade', '/auth/anonymous/upgrade', `${randomUUID()}@example.com`);
  }

  private async arrive(kind: 'sign-in' | 'upgrade', path: string, email: string): Promise<void> {
    const before = performance.now();
    const answer = await this.send('POST', path, { email, password: PASSWORD });
    if (answer?.status !== 200) return;
    const { user, link } = answer.body;
    const tookMs = performance.now() - before;
    this.journal.arrivals.push({ kind, email, userId: user.id, linkId: link?.id, tookMs });
    this.users.add(user.id as string);
  }

  /** The user that a token names. */
  private noteWho(token: string | undefined): void {
    const payload = token?.split('.')[1];
    if (!payload) return;
    const { sub } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sub: string };
    this.users.add(sub);
  }

  private async send(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<HttpAnswer | undefined> {
    const answer = await this.attempt(method, path, body);
    this.journal.heard(`${method} ${path}`, answer);
    return answer;
  }

  private async attempt(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<HttpAnswer | undefined> {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    try {
      return await this.dice.of(this.clients).request(method, path, { body, signal });
    } catch {
      return undefined;
    }
  }
}
