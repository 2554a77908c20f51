import { Client } from 'pg';
import { eventually } from '../support/barrier.js';
import { expectCleanDatabase } from '../support/checker.js';
import { clearedCookies, newCookies } from '../support/expectations.js';
import { type HttpAnswer, HttpClient } from '../support/http-client.js';
import { ORIGIN, SECRET } from '../support/test-app.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { forgeToken, readToken } from '../support/tokens.js';
import { ROWS } from './belongings.js';
import { Names } from './names.js';
import type { Fate, Outcome, Pair, Policy, Product, Rows, State, Writing } from './product.js';
import { STALE_DAYS } from './cast.js';
import { Server } from './server.js';

const COOKIE = '__Host-session';
const DAY = 86_400;
const PASSWORD = 'correct horse battery';

/** The library, as browsers meet it, on a real database. Gives users and links the names that the model gives them. */
export class World implements Product {
  private cookies: (string | undefined)[] = [];
  private handedOut: string[] = [];
  private names: Names;

  private constructor(
    private readonly database: TestDatabase,
    private readonly client: Client,
    private readonly server: Server,
  ) {
    this.names = new Names(client);
  }

  static async create(): Promise<World> {
    const database = await createTestDatabase();
    const client = new Client(database.url);
    await client.connect();
    const server = new Server(database.url);
    await server.start();
    return new World(database, client, server);
  }

  async close(): Promise<void> {
    await this.server.stop();
    await this.client.end();
    await this.database.drop();
  }

  /** Nobody has been here. */
  async clear(): Promise<void> {
    this.cookies = [];
    this.handedOut = [];
    this.names = new Names(this.client);
    const tables = ['note', 'tag', 'wallet', 'account_links', 'auth_flows', 'users'];
    await this.client.query(tables.map((table) => `DELETE FROM ${table}`).join(';'));
  }

  async issue(by: number): Promise<Outcome> {
    return this.names.outcome(await this.send(by, 'POST', '/auth/anonymous'));
  }

  write(by: number, row: Writing): Promise<Outcome> {
    return this.visit(by, 'POST', '/belongings', row);
  }

  read(by: number): Promise<Outcome> {
    return this.visit(by, 'GET', '/belongings');
  }

  look(by: number): Promise<Outcome> {
    return this.visit(by, 'GET', '/auth/get-session');
  }

  async upgrade(by: number, email: string): Promise<Outcome> {
    const body = { email, password: PASSWORD };
    return this.names.outcome(await this.send(by, 'POST', '/auth/anonymous/upgrade', body));
  }

  async signUp(by: number, email: string): Promise<Outcome> {
    const body = { email, password: PASSWORD };
    return this.names.outcome(await this.send(by, 'POST', '/auth/sign-up/email', body));
  }

  signIn(by: number, email: string, policy: Policy, fate: Fate): Promise<Outcome> {
    this.server.policy = policy;
    return this.merging(by, fate, '/auth/sign-in/email', { email, password: PASSWORD });
  }

  async signOut(by: number): Promise<Outcome> {
    const { status } = await this.send(by, 'POST', '/auth/sign-out');
    return { status };
  }

  async confirm(by: number, link: Pair, fate: Fate): Promise<Outcome> {
    return this.merging(by, fate, `/auth/links/${await this.names.idOf(link)}/confirm`);
  }

  async decline(by: number, link: Pair): Promise<Outcome> {
    return this.visit(by, 'POST', `/auth/links/${await this.names.idOf(link)}/decline`);
  }

  copy(from: number, to: number): void {
    this.cookies[to] = this.cookies[from];
  }

  /** Every date in tokens and tables goes back, which is the same as two clocks, the app's and the database's, going ahead. */
  async wait(days: number): Promise<void> {
    const aged = (token: string) => {
      const { iat, exp } = readToken(token).claims as { iat: number; exp: number };
      const claims = { iat: iat - days * DAY, exp: exp - days * DAY };
      return forgeToken(token, { claims, secret: SECRET });
    };
    this.handedOut = this.handedOut.map(aged);
    this.cookies = this.cookies.map((cookie) => cookie && aged(cookie));
    const back = (table: string, column: string) =>
      `UPDATE ${table} SET ${column} = ${column} - interval '${days} days'`;
    await this.client.query(
      `${back('users', 'last_seen_at')}; ${back('sessions', 'expires_at')}; ${back('account_links', 'next_attempt_at')}`,
    );
  }

  async reconcile(fate: Fate): Promise<void> {
    await this.client.query(
      `UPDATE account_links SET next_attempt_at = now() WHERE status = 'pending'`,
    );
    await this.server.under(fate, () => this.server.reconciler.run());
  }

  async reap(contributors: 'keep' | 'delete'): Promise<Outcome> {
    const olderThan = `${STALE_DAYS}d` as const;
    const { reaped, kept } = await this.server.reaper.run({ contributors, olderThan });
    const { 'open-link': open, 'owns-rows': owning, ...others } = kept;
    expect(Object.values(others).every((count) => count === 0)).toBe(true);
    return { status: 200, reaped, kept: { 'open-link': open, 'owns-rows': owning } };
  }

  async state(): Promise<State> {
    await expectCleanDatabase(this.database.url);
    const users = await this.client.query<
      Rows & { id: string; is_anonymous: boolean; email: string | null }
    >(`SELECT id, is_anonymous, email, ${ROWS} FROM users u`);
    const links = await this.client.query<{ guest_id: string; account_id: string; status: string }>(
      'SELECT guest_id, account_id, status FROM account_links',
    );
    const credentials: (number | null)[] = [];
    for (const token of this.handedOut) credentials.push(await this.userOf(token));
    return {
      users: Object.fromEntries(
        users.rows.map(({ id, is_anonymous: isAnonymous, ...user }) => [
          this.names.nameOf(id),
          { isAnonymous, ...user },
        ]),
      ),
      links: Object.fromEntries(
        links.rows.map(({ guest_id: guest, account_id: account, status }) => [
          `${this.names.nameOf(guest)}>${this.names.nameOf(account)}`,
          status,
        ]),
      ),
      credentials,
    };
  }

  private async userOf(token: string): Promise<number | null> {
    const client = new HttpClient(this.server.url, { authorization: `Bearer ${token}` });
    const { status, body } = await client.get('/access/session');
    expect([200, 401]).toContain(status);
    return status === 200 ? this.names.nameOf(body.userId) : null;
  }

  /** A request to a guarded route. The visit of a guest is noted after the answer, before anything else happens. */
  private async visit(by: number, method: string, path: string, body?: object): Promise<Outcome> {
    const cookie = this.cookies[by];
    const answer = await this.send(by, method, path, body);
    const visitor = cookie && String(readToken(cookie).claims.sub);
    const outcome = await this.names.outcome(answer);
    const isVisitor = path.endsWith('/decline')
      ? answer.status !== 401
      : outcome.user === (visitor && this.names.nameOf(visitor));
    if (visitor && isVisitor) await this.seen(visitor);
    return outcome;
  }

  private async seen(userId: string): Promise<void> {
    await eventually('the visit is noted', async () => {
      const { rows } = await this.client.query(
        `SELECT 1 FROM users WHERE id = $1 AND is_anonymous AND last_seen_at < now() - interval '1 hour'`,
        [userId],
      );
      return rows.length === 0;
    });
  }

  private async merging(by: number, fate: Fate, path: string, body?: object): Promise<Outcome> {
    const answer = await this.server.under(fate, () => this.ask(by, 'POST', path, body));
    if (!answer) return { status: 0 };
    this.keep(by, answer);
    return this.names.outcome(answer);
  }

  private async send(by: number, method: string, path: string, body?: object): Promise<HttpAnswer> {
    const answer = await this.ask(by, method, path, body);
    this.keep(by, answer);
    return answer;
  }

  private ask(by: number, method: string, path: string, body?: object): Promise<HttpAnswer> {
    const client = new HttpClient(this.server.url, { origin: ORIGIN });
    const cookie = this.cookies[by];
    if (cookie !== undefined) client.cookies.set(COOKIE, cookie);
    return client.request(method, path, { body });
  }

  /** One answer may renew a session and then begin another: the last cookie counts. */
  private keep(by: number, answer: HttpAnswer): void {
    const isCleared = clearedCookies(answer).includes(COOKIE);
    if (isCleared) this.cookies[by] = undefined;
    for (const line of newCookies(answer)) {
      if (!line.startsWith(`${COOKIE}=`)) continue;
      const token = line.slice(COOKIE.length + 1, line.indexOf(';'));
      this.cookies[by] = token;
      this.handedOut.push(token);
    }
  }
}
