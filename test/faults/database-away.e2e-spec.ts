import { APP_INTERCEPTOR } from '@nestjs/core';
import { randomUUID } from 'node:crypto';
import { UnavailableInterceptor } from '../../src/index.js';
import { eventually } from '../support/barrier.js';
import { FaultyProxy } from '../support/faulty-proxy.js';
import type { HttpAnswer, HttpClient } from '../support/http-client.js';
import { guestWithNotes, NO_RETRY, notesOf, signIn } from '../support/links.js';
import { type AccountHolder, newAccount, type Person } from '../support/people.js';
import { closeRawConnections, RawConnection } from '../support/raw-connection.js';
import { closeApps, startApp, startBeside } from '../support/running-apps.js';
import type { TestApp } from '../support/test-app.js';

const AWAY = {
  status: 503,
  body: { statusCode: 503, code: 'TEMPORARILY_UNAVAILABLE', message: expect.any(String) },
};
const LONGEST_ANSWER_MS = 3_000;
const LONGEST_RECOVERY_MS = 5_000;

const newLogin = () => ({
  email: `${randomUUID()}@example.com`,
  password: 'correct horse battery',
});

describe.each(['express', 'fastify'] as const)('a database that is away, on %s', (adapter) => {
  let direct: TestApp;
  let proxy: FaultyProxy;
  let host: TestApp;
  let account: AccountHolder;
  let guest: Person;

  beforeEach(async () => {
    const options = { linking: NO_RETRY };
    direct = await startApp({ options });
    proxy = await FaultyProxy.start(direct.databaseUrl);
    host = await startBeside(
      { ...direct, databaseUrl: proxy.databaseUrl },
      {
        adapter,
        options,
        poolSize: 4,
        providers: [{ provide: APP_INTERCEPTOR, useClass: UnavailableInterceptor }],
      },
    );
    account = await newAccount(host);
    guest = await guestWithNotes(host, 'mine');
  });
  afterEach(async () => {
    proxy.up();
    await closeRawConnections();
    await closeApps();
    await proxy.close();
  });

  /** Every kind of request that cannot be served without Postgres. */
  const requests: Record<string, () => Promise<HttpAnswer>> = {
    'a new guest': () => host.browser().post('/auth/anonymous'),
    'a sign-up': () => host.browser().post('/auth/sign-up/email', newLogin()),
    'a sign-in': () => signIn({ client: host.browser() }, account),
    'a sign-in with a guest': () => signIn(guest, account),
    'an upgrade': () => guest.client.post('/auth/anonymous/upgrade', newLogin()),
    'the session of an account': () => account.client.get('/auth/get-session'),
    'a route for accounts': () => account.client.get('/auth/list-sessions'),
    'a route of the host': () => guest.client.get('/access/session'),
    'a write of the host for somebody': () => guest.client.post('/notes', { text: 'late' }),
    'a write of the host for nobody': () => host.browser().post('/notes', { text: 'late' }),
    'a query of the host': () => guest.client.get('/notes'),
  };

  async function expectAway(): Promise<void> {
    for (const [what, send] of Object.entries(requests)) {
      const before = performance.now();
      const answer = await send();
      expect({ what, ...answer }).toMatchObject({ what, ...AWAY });
      expect(answer.headers.get('retry-after')).toMatch(/^[1-9]\d?$/);
      expect(performance.now() - before).toBeLessThan(LONGEST_ANSWER_MS);
    }
  }

  /** By itself, and nothing that was refused has happened. */
  async function expectBack(): Promise<void> {
    const isBack = async () => (await guest.client.get('/notes')).status === 200;
    await eventually('it is back', isBack, LONGEST_RECOVERY_MS);
    expect(await notesOf(direct, guest.userId)).toEqual(['mine']);
    expect(await signIn(guest, account)).toMatchObject({ body: { link: { status: 'merged' } } });
    expect(await notesOf(direct, account.userId)).toEqual(['mine']);
    const [left] = await direct.sql<{ guests: number; accounts: number }>(
      `SELECT count(*) FILTER (WHERE is_anonymous)::int AS guests,
         count(*) FILTER (WHERE NOT is_anonymous)::int AS accounts FROM users`,
    );
    expect(left).toEqual({ guests: 0, accounts: 1 });
  }

  it('is no error of anybody: 503 at once, and everything goes on when it is back', async () => {
    proxy.down();
    await expectAway();
    proxy.up();
    await expectBack();
  });

  it('that can only be read from serves readers, and 503 to whoever writes', async () => {
    const name = new URL(direct.databaseUrl).pathname.slice(1);
    await direct.sql(`ALTER DATABASE "${name}" SET default_transaction_read_only = on`);
    proxy.cut();
    const { 'a query of the host': query, 'a route of the host': route, ...rest } = requests;
    const { 'the session of an account': session, 'a route for accounts': list, ...writes } = rest;
    await eventually('new connections are there', async () => (await query!()).status === 200);
    for (const read of [query!, route!, session!, list!]) {
      expect(await read()).toMatchObject({ status: 200 });
    }
    for (const [what, send] of Object.entries(writes)) {
      expect({ what, ...(await send()) }).toMatchObject({ what, ...AWAY });
    }
    await direct.sql(`ALTER DATABASE "${name}" RESET default_transaction_read_only`);
    proxy.cut();
    await expectBack();
  });

  it.each([
    ['whose disk is full', '53100'],
    ['that is out of memory', '53200'],
  ])('%s takes no writes, and leaves nothing half done', async (_what, code) => {
    await direct.sql(`CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '${code}'; END $$`);
    const tables = ['users', 'sessions', 'identities', 'note'];
    for (const table of tables) {
      await direct.sql(`CREATE TRIGGER fail BEFORE INSERT OR UPDATE ON ${table}
        FOR EACH ROW EXECUTE FUNCTION fail()`);
    }
    const writes = Object.entries(requests).filter(([what]) => /new|sign|upgrade|write/.test(what));
    expect(writes).toHaveLength(7);
    for (const [what, send] of writes) {
      expect({ what, ...(await send()) }).toMatchObject({ what, ...AWAY });
    }
    for (const table of tables) await direct.sql(`DROP TRIGGER fail ON ${table}`);
    await expectBack();
  });

  it('that ends one idle connection costs nobody anything', async () => {
    const raw = await RawConnection.open(direct.databaseUrl);
    for (let n = 0; n < 5; n += 1) {
      await raw.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()
           AND pid <> pg_backend_pid() AND state = 'idle' AND backend_type = 'client backend'`,
      );
      const answers = await Promise.all(
        Array.from({ length: 4 }, () => get(guest.client, '/access/session')),
      );
      expect(answers.filter((status) => status !== 200 && status !== 503)).toEqual([]);
      expect(await get(guest.client, '/access/session')).toBe(200);
    }
  });
});

async function get(client: HttpClient, path: string): Promise<number> {
  return (await client.get(path)).status;
}
