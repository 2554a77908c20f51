import { Client, type QueryConfig } from 'pg';
import { owned } from '../../src/index.js';
import { eventually } from '../support/barrier.js';
import { NO_RETRY, signIn } from '../support/links.js';
import { newAccount, newGuest, type Person } from '../support/people.js';
import { createTestApp, type TestApp, type TestAppSettings } from '../support/test-app.js';

/** What each message to Postgres is for. One that is not listed stands for itself. */
const PURPOSES: readonly (readonly [RegExp, string])[] = [
  [/^START TRANSACTION/, 'begin'],
  [/^COMMIT/, 'commit'],
  [/^INSERT INTO "users"/, 'insert the user'],
  [/^INSERT INTO "identities"/, 'insert the password'],
  [/^INSERT INTO "sessions"/, 'insert the session'],
  [/^INSERT INTO "account_links"/, 'insert the link'],
  [/^SELECT .* FROM "users" u WHERE .*NOT EXISTS .*"account_links"/, 'find the guest'],
  [/^SELECT .* FROM "sessions" s JOIN "users"/, 'find the session'],
  [/^SELECT .* AS "secretHash" FROM "users"/, 'find the password'],
  [
    /^WITH held AS .*set_config\('lock_timeout'.* FOR KEY SHARE OF u FOR SHARE OF i\), begun AS \(INSERT INTO "sessions".*, opened AS \(INSERT INTO "account_links"/,
    'hold account and password, begin the session, open the link',
  ],
  [
    /^WITH held AS .*set_config\('lock_timeout'.* FOR KEY SHARE OF u FOR SHARE OF i\), begun AS \(INSERT INTO "sessions"/,
    'hold account and password, begin the session',
  ],
  [/^UPDATE "users" AS u SET .*"is_anonymous" = false/, 'upgrade the guest'],
  [/^DELETE FROM "account_links"/, 'remove open links of the guest'],
  [/^WITH guest AS .* FOR UPDATE\), account AS .* FOR NO KEY UPDATE\)/, 'lock guest and account'],
  [
    /^SELECT .*pg_constraint.* AS "isCurrent" FROM "account_links" .* FOR UPDATE$/,
    'claim the link',
  ],
  [/^WITH after AS .*"wallet" t .* FOR UPDATE OF t$/, 'find and lock wallets that collide'],
  [/^WITH gate AS .*u0 AS \(UPDATE .*u1 AS \(UPDATE /, 'move the rows of all tables'],
  [
    /^WITH residue AS .*\(SELECT 0 AS "n" WHERE EXISTS .* UNION ALL SELECT 1 .* gone AS \(DELETE FROM "users" .* UPDATE "account_links"/,
    'prove that no row is left, end the guest, write the receipt',
  ],
  [/^UPDATE "account_links" SET "announced" = true/, 'note that the host was told'],
];

describe('round trips to Postgres', () => {
  const sent: string[] = [];
  let host: TestApp;
  afterEach(async () => {
    jest.restoreAllMocks();
    await host.close();
  });

  async function start({ options, ...settings }: TestAppSettings = {}): Promise<void> {
    host = await createTestApp({
      options: { linking: NO_RETRY, ...options },
      schema: `CREATE TABLE entry (id serial PRIMARY KEY, user_id uuid NOT NULL REFERENCES users (id));
        CREATE TABLE mark (id serial PRIMARY KEY, user_id uuid NOT NULL REFERENCES users (id))`,
      tables: [owned('entry'), owned('mark')],
      ...settings,
    });
    const query = Reflect.get(Client.prototype, 'query') as (...args: unknown[]) => unknown;
    jest.spyOn(Client.prototype, 'query').mockImplementation(function (
      this: Client,
      ...args: unknown[]
    ) {
      const [statement] = args as [string | QueryConfig];
      sent.push(typeof statement === 'string' ? statement : statement.text);
      return query.apply(this, args);
    } as never);
  }

  /** What an operation sends, whoever sends it: each is one message and its answer. */
  async function tripsOf(operation: () => Promise<unknown>): Promise<string[]> {
    sent.length = 0;
    await operation();
    return sent.map(purposeOf);
  }

  /** Ten rows in two tables. */
  async function contributor(): Promise<Person> {
    const guest = await newGuest(host);
    for (const table of ['entry', 'mark']) {
      await host.sql(`INSERT INTO ${table} (user_id) SELECT $1 FROM generate_series(1, 5)`, [
        guest.userId,
      ]);
    }
    return guest;
  }

  it('are one for issuing a guest', async () => {
    await start();
    expect(await tripsOf(() => newGuest(host))).toEqual(['insert the user']);
  });

  it('are one for checking a session', async () => {
    await start();
    const [guest, account] = [await newGuest(host), await newAccount(host)];
    const check = ({ client }: Person) => tripsOf(() => client.get('/access/session'));
    expect(await check(guest)).toEqual(['find the guest']);
    expect(await check(account)).toEqual(['find the session']);
  });

  it('are none for checking a session that is remembered', async () => {
    await start({ options: { session: { cacheFor: '1m' } } });
    for (const { client } of [await newGuest(host), await newAccount(host)]) {
      await client.get('/access/session');
      expect(await tripsOf(() => client.get('/access/session'))).toEqual([]);
    }
  });

  it('are as many for a sign-in with nobody there as the sign-in itself needs', async () => {
    await start();
    const account = await newAccount(host);
    const trips = await tripsOf(() => signIn({ client: host.browser() }, account));
    expect(trips).toEqual(['find the password', 'hold account and password, begin the session']);
  });

  it('are as many for the sign-up of a guest, whatever it owns', async () => {
    await start();
    const { client } = await contributor();
    const credentials = { email: 'somebody@example.com', password: 'correct horse battery' };
    const trips = await tripsOf(() => client.post('/auth/sign-up/email', credentials));
    expect(trips).toEqual([
      'begin',
      'upgrade the guest',
      'remove open links of the guest',
      'insert the password',
      'insert the session',
      'commit',
    ]);
  });

  it('are as many for a sign-in with a guest of ten rows in two tables', async () => {
    await start();
    const [account, guest] = [await newAccount(host), await contributor()];
    const trips = await tripsOf(async () => {
      expect(await signIn(guest, account)).toMatchObject({ body: { link: { status: 'merged' } } });
      await eventually('the link is announced', () =>
        sent.some((sql) => /"announced" = true/.test(sql)),
      );
    });
    expect(trips).toEqual([
      'find the password',
      'hold account and password, begin the session, open the link',
      'begin',
      'lock guest and account',
      'claim the link',
      'find and lock wallets that collide',
      'move the rows of all tables',
      'prove that no row is left, end the guest, write the receipt',
      'commit',
      // After the answer.
      'note that the host was told',
    ]);
  });
});

function purposeOf(sql: string): string {
  const text = sql.replaceAll(/\s+/g, ' ').trim();
  return PURPOSES.find(([pattern]) => pattern.test(text))?.[1] ?? text;
}
