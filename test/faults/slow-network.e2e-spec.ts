import { ImpatientClient } from '../../examples/paws/database/impatient-client.js';
import { eventually } from '../support/barrier.js';
import { refusal } from '../support/expectations.js';
import { FaultyProxy } from '../support/faulty-proxy.js';
import { FAST_RETRY, guestWithNotes, linkInState, notesOf, signIn } from '../support/links.js';
import { newAccount } from '../support/people.js';
import { closeApps, startApp, startBeside } from '../support/running-apps.js';
import type { TestApp, TestAppSettings } from '../support/test-app.js';

const POOL = 3;
const BUDGET_MS = 1_000;
const READ_TIMEOUT_MS = 500;
/** Around a sign-in: the password, BEGIN, its lock timeout, the account, the ledger, the session, COMMIT, the merge's start. */
const ROUND_TRIPS = 8;

let direct: TestApp;
let proxy: FaultyProxy;

afterEach(async () => {
  proxy.up();
  await closeApps();
  await proxy.close();
});

async function start(settings: TestAppSettings): Promise<TestApp> {
  const linking = { ...FAST_RETRY, budget: `${BUDGET_MS}ms` as const };
  direct = await startApp({ options: { linking: { ...linking, retry: { every: '1h' } } } });
  proxy = await FaultyProxy.start(direct.databaseUrl);
  return startBeside(
    { ...direct, databaseUrl: proxy.databaseUrl },
    { ...settings, options: { linking }, poolSize: POOL },
  );
}

describe('a network that swallows everything', () => {
  it('costs each request the timeout of the driver, and no connection is used again', async () => {
    const host = await start({
      driver: {
        query_timeout: READ_TIMEOUT_MS,
        connectionTimeoutMillis: READ_TIMEOUT_MS,
        Client: ImpatientClient,
      },
    });
    const [account, guest] = [await newAccount(host), await guestWithNotes(host, 'mine')];
    proxy.silence();
    for (let n = 0; n < 2 * POOL; n += 1) {
      const before = performance.now();
      const answer = await guest.client.get('/access/session');
      expect(answer).toMatchObject(refusal(503, 'TEMPORARILY_UNAVAILABLE'));
      expect(performance.now() - before).toBeLessThan(READ_TIMEOUT_MS + 500);
    }
    expect(await signIn(guest, account)).toMatchObject(refusal(503, 'TEMPORARILY_UNAVAILABLE'));
    // The old connections stay silent for good; only new ones get through.
    proxy.deafen();
    const isBack = async () => (await guest.client.get('/access/session')).status === 200;
    await eventually('it is back', isBack, 5_000);
    expect((await signIn(guest, account)).status).toBe(200);
    await linkInState(direct, guest.userId, 'merged');
    expect(await notesOf(direct, account.userId)).toEqual(['mine']);
  });
});

describe('a network of 300 ms', () => {
  it('makes a sign-in slow by its few round trips, and the merge comes later', async () => {
    const host = await start({});
    const [account, guest] = [await newAccount(host), await guestWithNotes(host, 'mine')];
    proxy.slow(150);
    await guest.client.get('/access/session');
    const before = performance.now();
    const { status, body } = await signIn(guest, account);
    expect(performance.now() - before).toBeLessThan(ROUND_TRIPS * 300 + BUDGET_MS + 500);
    expect(status).toBe(200);
    expect(['pending', 'merged']).toContain(body.link.status);
    await linkInState(direct, guest.userId, 'merged', 20_000);
    expect(await notesOf(direct, account.userId)).toEqual(['mine']);
  }, 40_000);
});
