import { rmSync } from 'node:fs';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../scripts/embedded-postgres.mjs';
import { Barrier, eventually } from '../support/barrier.js';
import { expectCleanDatabase } from '../support/checker.js';
import { makeDataFolder } from '../support/data-folder.js';
import { Note } from '../support/host.js';
import {
  FAST_RETRY,
  guestWithNotes,
  handlerOf,
  linkInState,
  moveNotes,
  notesOf,
  signIn,
} from '../support/links.js';
import { newAccount } from '../support/people.js';
import { closeApps, startApp } from '../support/running-apps.js';

/** Where TEST_DATABASE_URL is given, this machine may have no embedded PostgreSQL. */
const describeEmbedded = process.env.TEST_DATABASE_IS_EMBEDDED ? describe : describe.skip;

describeEmbedded('a merge whose server is killed', () => {
  const dataDir = makeDataFolder();
  let server: EmbeddedPostgres;
  let merging: Barrier;
  beforeEach(async () => {
    merging = new Barrier();
    server = await startEmbeddedPostgres({ dataDir });
  });
  afterEach(async () => {
    merging.open();
    await closeApps();
    await server.stop();
  });
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

  const handler = handlerOf(Note, async (context) => {
    await moveNotes(context);
    await merging.pass();
  });

  it('costs the sign-in nothing, and ends once the server is back', async () => {
    const host = await startApp({
      databaseUrl: server.url(),
      // Nobody can put the attempt off while the server is away, so the lease decides: 5 s after the timeout.
      options: { linking: { ...FAST_RETRY, budget: '1s', timeout: '1s' } },
      providers: [handler],
    });
    const [account, guest] = [await newAccount(host), await guestWithNotes(host, 'mine')];
    const signingIn = signIn(guest, account);
    await merging.reached();
    // As `pg_ctl stop -m immediate`: no checkpoint, no goodbye.
    process.kill(server.pid, 'SIGQUIT');
    await server.stop();
    merging.open();
    expect(await signingIn).toMatchObject({ status: 200, body: { link: { status: 'pending' } } });
    server = await startEmbeddedPostgres({ dataDir, port: server.port });
    await eventually('the server answers', () => host.sql('SELECT 1').catch(() => false));
    await linkInState(host, guest.userId, 'merged');
    expect(await notesOf(host, account.userId)).toEqual(['mine']);
    expect(await guest.client.get('/access/account')).toMatchObject({ status: 200 });
    await expectCleanDatabase(server.url());
  });
});
