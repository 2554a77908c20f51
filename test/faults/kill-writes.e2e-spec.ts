import { randomUUID } from 'node:crypto';
import { eventually } from '../support/barrier.js';
import { newKey } from '../support/idempotency.js';
import { guestWithNotes, notesOf, signIn } from '../support/links.js';
import { bearer, newGuest, type Person } from '../support/people.js';
import { killRaceProcesses, type RaceProcess } from '../support/race-process.js';
import { closeRawConnections, RawConnection } from '../support/raw-connection.js';
import { closeApps, startApp } from '../support/running-apps.js';
import type { TestApp } from '../support/test-app.js';
import { reap, staleGuest } from '../reaper/stale.js';
import { startVictim, statementsWithLocks } from './kill-meetings.js';
import { heldApp, HOLD, HOLD_UNHEARD } from './kill-points.js';

/** A process compiles the whole library before it starts, on a machine that may be busy. */
jest.setTimeout(90_000);

/** Beside the places where merges stop: upgrades before and in their COMMIT, and guests that are about to be there. */
const SCHEMA = `
  CREATE FUNCTION hold_upgrade() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM hold_at(NEW.id, TG_ARGV[0]); RETURN NULL; END $$;
  CREATE TRIGGER hold_upgrade AFTER UPDATE ON users FOR EACH ROW
    WHEN (OLD.is_anonymous AND NOT NEW.is_anonymous) EXECUTE FUNCTION hold_upgrade('locked');
  CREATE CONSTRAINT TRIGGER hold_upgraded AFTER UPDATE ON users DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.is_anonymous AND NOT NEW.is_anonymous) EXECUTE FUNCTION hold_upgrade('unheard');
  CREATE FUNCTION hold_issue() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF EXISTS (SELECT 1 FROM hold WHERE point = 'issue') THEN PERFORM pg_advisory_xact_lock_shared(${HOLD}); END IF;
    RETURN NEW;
  END $$;
  CREATE TRIGGER hold_issue BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION hold_issue()`;

const newLogin = () => ({
  email: `${randomUUID()}@example.com`,
  password: 'correct horse battery',
});

let host: TestApp;
let victim: RaceProcess;
let raw: RawConnection;

beforeEach(async () => {
  const settings = heldApp('1h');
  host = await startApp({ ...settings, schema: `${settings.schema}; ${SCHEMA}` });
  victim = await startVictim(host);
  raw = await RawConnection.open(host.databaseUrl);
  await raw.query(`SELECT pg_advisory_lock(${HOLD}), pg_advisory_lock(${HOLD_UNHEARD})`);
});
afterEach(async () => {
  await killRaceProcesses();
  await closeRawConnections();
  await closeApps();
});

/** Kills the process in the middle of the request, and lets Postgres go on with whatever it has heard. */
async function killAmid(request: Promise<unknown>): Promise<void> {
  const answer = request.then(
    () => 'an answer',
    () => 'no answer',
  );
  await raw.blocks();
  await victim.kill();
  expect(await answer).toBe('no answer');
  await raw.query('SELECT pg_advisory_unlock_all()');
  await host.sql('DELETE FROM hold');
  await eventually('it holds nothing any more', async () => {
    const statements = await statementsWithLocks(host);
    return statements.length === 0;
  });
}

const hold = (whose: string, point: string) =>
  host.sql('INSERT INTO hold VALUES ($1, $2)', [whose, point]);

describe('a process killed in the middle of an upgrade', () => {
  const login = newLogin();
  let guest: Person;

  async function killUpgrade(point: string): Promise<void> {
    guest = await guestWithNotes(host, 'mine');
    await hold(guest.userId, point);
    const client = bearer({ ...host, url: victim.url }, guest.token);
    await killAmid(client.post('/auth/anonymous/upgrade', login));
  }

  it('leaves the guest a guest, who can upgrade with the same address', async () => {
    await killUpgrade('locked');
    expect(await host.sql('SELECT is_anonymous, email FROM users')).toEqual([
      { is_anonymous: true, email: null },
    ]);
    expect(await host.sql('SELECT 1 FROM identities')).toEqual([]);
    expect(await guest.client.post('/auth/anonymous/upgrade', login)).toMatchObject({
      status: 200,
      body: { user: { id: guest.userId, email: login.email } },
    });
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
  });

  it('or an account, if Postgres had heard the COMMIT, with the password that was sent', async () => {
    await killUpgrade('unheard');
    expect(await host.sql('SELECT is_anonymous, email FROM users')).toEqual([
      { is_anonymous: false, email: login.email },
    ]);
    const again = await guest.client.post('/auth/anonymous/upgrade', login);
    expect([400, 401]).toContain(again.status);
    expect(await signIn({ client: host.browser() }, login)).toMatchObject({
      status: 200,
      body: { user: { id: guest.userId } },
    });
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
  });
});

describe('a process killed in the middle of issuing a guest', () => {
  it('leaves one guest at the most, and the same key gets the same one', async () => {
    const idempotencyKey = newKey();
    const ask = (browser: Person['client']) =>
      browser.post('/auth/anonymous', undefined, {
        headers: { 'idempotency-key': idempotencyKey },
      });
    await hold(randomUUID(), 'issue');
    await killAmid(ask(victim.browser()));
    const { status, body } = await ask(host.browser());
    // 200 when Postgres had heard the statement to its end, else 201.
    expect([200, 201]).toContain(status);
    expect(await host.sql('SELECT id FROM users')).toEqual([{ id: body.user.id }]);
  });
});

describe('a process killed in the middle of reaping', () => {
  it('has reaped a batch as a whole or not at all, and leaves the rest to others', async () => {
    const guests = [await staleGuest(host), await staleGuest(host), await staleGuest(host)];
    const fresh = await newGuest(host);
    await hold(guests[1]!.userId, 'last');
    await killAmid(victim.tell({ order: 'reap' }));
    const left = await host.sql<{ id: string }>('SELECT id FROM users');
    expect([1, 4]).toContain(left.length);
    await reap(host);
    expect(await host.sql('SELECT id FROM users')).toEqual([{ id: fresh.userId }]);
  });
});
