import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import {
  DataSource,
  type EntitySubscriberInterface,
  QueryRunnerAlreadyReleasedError,
} from 'typeorm';
import { PreparedStatements } from '../../src/users/prepared-statements.js';
import { newAccount, newGuest } from '../support/people.js';
import { createTestApp, type TestApp, type TestAppSettings } from '../support/test-app.js';

const ISSUE = /INSERT INTO "users"/;
const CHECK = /^\s*SELECT .* FROM "users" u\s+WHERE/s;

describe('prepared statements', () => {
  let host: TestApp;
  afterEach(() => host.close());

  /** With one connection, so that a look at what it has prepared sees it all. */
  async function start(settings: TestAppSettings = {}): Promise<void> {
    host = await createTestApp({ poolSize: 1, ...settings });
  }

  async function prepared(): Promise<string[]> {
    const rows = await host.sql<{ statement: string }>(
      "SELECT statement FROM pg_prepared_statements WHERE name LIKE 'na\\_%' ORDER BY prepare_time",
    );
    return rows.map(({ statement }) => statement);
  }

  it('are what guests are issued and authenticated with', async () => {
    await start();
    const { client } = await newGuest(host);
    await client.get('/access/session');
    expect(await prepared()).toEqual([expect.stringMatching(ISSUE), expect.stringMatching(CHECK)]);
  });

  it('are prepared once, however many requests come', async () => {
    await start();
    for (const { client } of [await newGuest(host), await newGuest(host), await newGuest(host)]) {
      await client.get('/access/session');
      await client.post('/access/write');
    }
    expect(await prepared()).toHaveLength(2);
  });

  it('are what accounts are authenticated with', async () => {
    await start();
    const { client } = await newAccount(host);
    expect((await client.get('/access/account')).status).toBe(200);
    expect(await prepared()).toContainEqual(
      expect.stringMatching(/FROM "sessions" s JOIN "users"/),
    );
  });

  it('are none with preparedStatements: false', async () => {
    await start({ options: { preparedStatements: false } });
    const { client } = await newGuest(host);
    expect((await client.get('/access/session')).status).toBe(200);
    expect(await prepared()).toEqual([]);
  });

  it('are in the log of the DataSource like all others', async () => {
    await start();
    host.statements.length = 0;
    const { client } = await newGuest(host);
    await client.get('/access/session');
    expect(host.statements).toEqual([expect.stringMatching(ISSUE), expect.stringMatching(CHECK)]);
  });

  it('give way to a subscriber that listens to every query', async () => {
    await start({ providers: [QueryListener] });
    const { client } = await newGuest(host);
    await client.get('/access/session');
    expect(host.app.get(QueryListener).heard).toEqual([
      expect.stringMatching(ISSUE),
      expect.stringMatching(CHECK),
    ]);
    expect(await prepared()).toEqual([]);
  });

  it('are prepared anew when a column has changed its type meanwhile', async () => {
    await start();
    const { client } = await newGuest(host);
    await client.get('/access/session');
    await host.sql('ALTER TABLE users ALTER COLUMN name TYPE varchar(200)');
    for (const _ of [1, 2]) {
      expect((await client.get('/access/session')).status).toBe(200);
      await newGuest(host);
    }
    const statements = await prepared();
    expect(statements.filter((text) => CHECK.test(text))).toHaveLength(2);
    expect(statements.filter((text) => ISSUE.test(text))).toHaveLength(2);
  });

  it('are prepared anew in transactions too, and the sign-in and its merge succeed', async () => {
    await start();
    const { email, password } = await newAccount(host);
    const signInWithGuest = async () => {
      const { client } = await newGuest(host);
      const answer = await client.post('/auth/sign-in/email', { email, password });
      expect(answer).toMatchObject({ status: 200, body: { link: { status: 'merged' } } });
    };
    await signInWithGuest();
    await host.sql('ALTER TABLE users ALTER COLUMN name TYPE varchar(200)');
    await host.sql('ALTER TABLE account_links ALTER COLUMN error TYPE varchar(2000)');
    await signInWithGuest();
    await host.sql('DEALLOCATE ALL');
    await signInWithGuest();
  });

  it('are not sent on a connection that has gone back to the pool', async () => {
    await start();
    const statements = host.app.get(PreparedStatements);
    const late = await host.dataSource.transaction((manager) =>
      Promise.resolve([statements.within(manager)]),
    );
    const query = late[0]!.query('SELECT $1::int AS n', [1]);
    await expect(query).rejects.toThrow(QueryRunnerAlreadyReleasedError);
  });

  it('are given up where connections forget them, and nobody notices', async () => {
    await start();
    const { client } = await newGuest(host);
    await client.get('/access/session');
    // As a pooler does that gives each transaction another connection.
    await host.sql('DEALLOCATE ALL');
    expect((await client.get('/access/session')).status).toBe(200);
    await newGuest(host);
    expect((await client.get('/access/session')).status).toBe(200);
    expect(await prepared()).toEqual([]);
  });

  it('are given up where a connection has them of somebody else', async () => {
    await start();
    const { client } = await newGuest(host);
    await client.get('/access/session');
    const [{ name, statement }] = (await host.sql<{ name: string; statement: string }>(
      "SELECT name, statement FROM pg_prepared_statements WHERE name LIKE 'na\\_%' AND statement LIKE '%SELECT %'",
    )) as [{ name: string; statement: string }];
    const other = await createTestApp({ poolSize: 1, databaseUrl: host.databaseUrl });
    try {
      await other.sql(`PREPARE ${name} AS ${statement}`);
      const guest = await newGuest(other);
      expect((await guest.client.get('/access/session')).status).toBe(200);
    } finally {
      await other.close();
    }
  });
});

@Injectable()
class QueryListener implements EntitySubscriberInterface {
  readonly heard: string[] = [];

  constructor(@InjectDataSource() dataSource: DataSource) {
    dataSource.subscribers.push(this);
  }

  beforeQuery({ query }: { query: string }): void {
    if (/"users"/.test(query) && /INSERT|SELECT/.test(query)) this.heard.push(query);
  }
}
