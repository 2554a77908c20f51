import { DataSource } from 'typeorm';
import { createOwnAuthApp } from '../../examples/own-auth/create-app.js';
import { checkTables } from '../support/checker/checked-databases.js';
import { tablesOf } from '../support/checker/names.js';
import { HttpClient } from '../support/http-client.js';
import { ORIGIN, SECRET, type TestApp } from '../support/test-app.js';
import { createTestDatabase } from '../support/test-database.js';

export const JWT_SECRET = 'the secret of the tokens of the app itself';

export interface Visitor {
  readonly client: HttpClient;
  readonly id: number;
}

/** The example on a fresh database, or on one that has been prepared, listening on a free port. */
export async function startOwnAuth(
  adapter: 'express' | 'fastify',
  prepare: (databaseUrl: string) => Promise<void> = () => Promise.resolve(),
): Promise<TestApp> {
  const database = await createTestDatabase();
  try {
    await prepare(database.url);
    const app = await createOwnAuthApp(
      {
        databaseUrl: database.url,
        guestSecret: SECRET,
        jwtSecret: JWT_SECRET,
        baseUrl: ORIGIN,
        adapter,
      },
      false,
    );
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();
    const dataSource = app.get(DataSource);
    checkTables(database.url, tablesOf(app, true));
    return {
      app,
      dataSource,
      databaseUrl: database.url,
      url,
      statements: [], // Nobody counts them here.
      browser: () => new HttpClient(url, { origin: ORIGIN }),
      sql: (text, parameters) => dataSource.query(text, parameters),
      close: async () => {
        await app.close();
        await database.drop();
      },
    };
  } catch (error) {
    await database.drop();
    throw error;
  }
}

/** Somebody who has written notes without being anybody. */
export async function guestWith(host: TestApp, ...texts: string[]): Promise<Visitor> {
  const client = host.browser();
  for (const text of texts) {
    expect(await client.post('/notes', { text })).toMatchObject({ status: 201, body: { text } });
  }
  const { body } = await client.get('/me');
  expect(body).toEqual({ id: expect.any(Number), isGuest: true });
  return { client, id: body.id };
}

export function as(token: string): { headers: Record<string, string> } {
  return { headers: { authorization: `Bearer ${token}` } };
}

export async function textsOf(client: HttpClient, token?: string): Promise<string[]> {
  const { body } = await client.get('/notes', token === undefined ? {} : as(token));
  return (body as { text: string }[]).map(({ text }) => text);
}
