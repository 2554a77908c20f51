import { EventEmitter2 } from '@nestjs/event-emitter';
import { DueLinksService } from '../../src/linking/ledger/due-links.service.js';
import { ReconcilerService } from '../../src/index.js';
import { eventually } from '../support/barrier.js';
import { refusal } from '../support/expectations.js';
import {
  creditsOf,
  FAST_RETRY,
  giveWallet,
  guestWithNotes,
  ledgerOf,
  linkInState,
  NO_RETRY,
  notesOf,
  reconcile,
  signIn,
  userExists,
} from '../support/links.js';
import { bearer, newAccount } from '../support/people.js';
import { closeRawConnections, RawConnection } from '../support/raw-connection.js';
import { closeApps, startApp, startBeside } from '../support/running-apps.js';
import type { TestApp } from '../support/test-app.js';

/** Wallets change hands after notes, so the merge fails in the middle. */
async function breakWallets(host: TestApp): Promise<void> {
  await host.sql(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'no wallet moves today'; END $$`);
  await host.sql(
    'CREATE TRIGGER refuse BEFORE UPDATE ON wallet FOR EACH ROW EXECUTE FUNCTION refuse()',
  );
}

const repair = (host: TestApp) => host.sql('DROP FUNCTION refuse CASCADE');

async function meeting(host: TestApp) {
  const account = await newAccount(host);
  const guest = await guestWithNotes(host, 'one', 'two');
  await giveWallet(host, guest.userId, 100);
  return { account, guest };
}

describe('a merge that the database refuses', () => {
  afterEach(async () => {
    await closeRawConnections();
    await closeApps();
  });

  it('in the middle is as if it had never begun, and is done once the reason is gone', async () => {
    const host = await startApp({ options: { linking: FAST_RETRY } });
    const { account, guest } = await meeting(host);
    await breakWallets(host);
    const { status, body } = await signIn(guest, account);
    expect({ status, link: body.link }).toMatchObject({
      status: 200,
      link: { status: 'pending', receipt: null },
    });
    expect(await notesOf(host, guest.userId)).toEqual(['one', 'two']);
    expect(await creditsOf(host, guest.userId)).toEqual([100]);
    expect(await userExists(host, guest.userId)).toBe(true);
    expect((await ledgerOf(host, guest.userId))[0]!.error).toMatch(/no wallet moves today/);
    await repair(host);
    const merged = await linkInState(host, guest.userId, 'merged');
    expect(merged).toMatchObject({ id: body.link.id, error: null });
    expect(await notesOf(host, account.userId)).toEqual(['one', 'two']);
    expect(await creditsOf(host, account.userId)).toEqual([100]);
  });

  it('at the deletion of the guest is as if it had never begun', async () => {
    const host = await startApp({ options: { linking: FAST_RETRY } });
    const { account, guest } = await meeting(host);
    await host.sql(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'nobody leaves'; END $$`);
    await host.sql(
      'CREATE TRIGGER refuse BEFORE DELETE ON users FOR EACH ROW EXECUTE FUNCTION refuse()',
    );
    const answer = await signIn(guest, account);
    expect(answer).toMatchObject({ status: 200, body: { link: { status: 'pending' } } });
    expect(await notesOf(host, guest.userId)).toEqual(['one', 'two']);
    expect(await notesOf(host, account.userId)).toEqual([]);
    await repair(host);
    await linkInState(host, guest.userId, 'merged');
    expect(await notesOf(host, account.userId)).toEqual(['one', 'two']);
  });

  it('by deleting nothing without an error is not merged either', async () => {
    const host = await startApp({ options: { linking: FAST_RETRY } });
    const { account, guest } = await meeting(host);
    await host.sql(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RETURN NULL; END $$`);
    await host.sql(
      'CREATE TRIGGER refuse BEFORE DELETE ON users FOR EACH ROW EXECUTE FUNCTION refuse()',
    );
    const answer = await signIn(guest, account);
    expect(answer).toMatchObject({ status: 200, body: { link: { status: 'pending' } } });
    expect(await notesOf(host, guest.userId)).toEqual(['one', 'two']);
    await repair(host);
    await linkInState(host, guest.userId, 'merged');
  });

  it('at COMMIT is as if it had never begun', async () => {
    const host = await startApp({ options: { linking: FAST_RETRY } });
    const { account, guest } = await meeting(host);
    await host.sql(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'refused at commit'; END $$`);
    await host.sql(`CREATE CONSTRAINT TRIGGER refuse AFTER DELETE ON users
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()`);
    const answer = await signIn(guest, account);
    expect(answer).toMatchObject({ status: 200, body: { link: { status: 'pending' } } });
    expect(await notesOf(host, guest.userId)).toEqual(['one', 'two']);
    expect(await creditsOf(host, account.userId)).toEqual([]);
    await repair(host);
    await linkInState(host, guest.userId, 'merged');
    expect(await creditsOf(host, account.userId)).toEqual([100]);
  });

  it('again and again is given up after its last attempt, with an event and nothing lost', async () => {
    const retry = { ...FAST_RETRY.retry, attempts: 3 };
    const host = await startApp({ options: { linking: { ...FAST_RETRY, retry } } });
    const failures: unknown[] = [];
    host.app.get(EventEmitter2).on('account.link-failed', (event) => failures.push(event));
    const { account, guest } = await meeting(host);
    await breakWallets(host);
    const { body } = await signIn(guest, account);
    const failed = await linkInState(host, guest.userId, 'failed');
    expect(failed).toMatchObject({ attempts: 3, receipt: null });
    expect(failed.error).toMatch(/no wallet moves today/);
    await eventually('the failure is told', () => failures.length > 0);
    const ids = { linkId: body.link.id, guestId: guest.userId, accountId: account.userId };
    expect(failures).toEqual([{ ...ids, attempts: 3, error: expect.stringMatching(/no wallet/) }]);
    expect(await notesOf(host, guest.userId)).toEqual(['one', 'two']);
    expect(await creditsOf(host, guest.userId)).toEqual([100]);
  });

  it('and takes every process that tries it along is given up all the same', async () => {
    const settings = {
      options: { linking: { ...NO_RETRY, retry: { ...NO_RETRY.retry, attempts: 3 } } },
    };
    const host = await startApp(settings);
    const failures: unknown[] = [];
    host.app.get(EventEmitter2).on('account.link-failed', (event) => failures.push(event));
    const { account, guest } = await meeting(host);
    await breakWallets(host);
    await signIn(guest, account);
    const others = {
      account: await newAccount(host),
      guest: await guestWithNotes(host, 'another'),
    };
    await repair(host);
    const becomeDue = () => host.sql('UPDATE account_links SET next_attempt_at = now()');
    for (let n = 0; n < 2; n += 1) {
      await becomeDue();
      // All that a process which dies of the merge leaves behind.
      expect(await host.app.get(DueLinksService).take()).toMatchObject({ status: 'pending' });
    }
    await becomeDue();
    await reconcile(host);
    const failed = await linkInState(host, guest.userId, 'failed');
    expect(failed).toMatchObject({ attempts: 3, receipt: null });
    expect(failed.error).toMatch(/without a word/);
    expect(failures).toMatchObject([{ guestId: guest.userId, attempts: 3 }]);
    expect(await notesOf(host, guest.userId)).toEqual(['one', 'two']);
    expect((await signIn(others.guest, others.account)).body.link.status).toBe('merged');
  });

  it('for good still lets the account in, says so, and keeps the guest from everybody else', async () => {
    const retry = { ...FAST_RETRY.retry, attempts: 1 };
    const linking = { ...FAST_RETRY, budget: '8s' as const, retry };
    const host = await startApp({ options: { linking } });
    const { account, guest } = await meeting(host);
    await breakWallets(host);
    const first = await signIn(guest, account);
    expect(first).toMatchObject({ status: 200, body: { link: { status: 'failed' } } });
    const old = () => bearer(host, guest.token);
    expect(await old().get('/access/session')).toMatchObject(refusal(401, 'UNAUTHORIZED'));
    const again = await signIn({ client: old() }, account);
    expect(again).toMatchObject({ status: 200, body: { link: first.body.link } });
    const other = await signIn({ client: old() }, await newAccount(host));
    expect({ status: other.status, link: other.body.link }).toEqual({ status: 200, link: null });
    expect(await notesOf(host, guest.userId)).toEqual(['one', 'two']);
  });

  it('is done by whichever of two instances comes first, once', async () => {
    const settings = { options: { linking: NO_RETRY } };
    const host = await startApp(settings);
    const beside = await startBeside(host, settings);
    await breakWallets(host);
    const meetings = [await meeting(host), await meeting(host), await meeting(host)];
    for (const { guest, account } of meetings) await signIn(guest, account);
    await repair(host);
    await eventually('every link is taken up', async () => {
      await Promise.all([host, beside].map(({ app }) => app.get(ReconcilerService).run()));
      const open = await host.sql(`SELECT 1 FROM account_links WHERE status <> 'merged'`);
      return open.length === 0;
    });
    for (const { guest, account } of meetings) {
      expect(await notesOf(host, account.userId)).toEqual(['one', 'two']);
      expect(await creditsOf(host, account.userId)).toEqual([100]);
      expect(await ledgerOf(host, guest.userId)).toHaveLength(1);
    }
  });

  it('does not keep an instance from the others while somebody has it', async () => {
    const host = await startApp({ options: { linking: NO_RETRY } });
    await breakWallets(host);
    const [held, free] = [await meeting(host), await meeting(host)];
    for (const { guest, account } of [held, free]) await signIn(guest, account);
    await repair(host);
    const raw = await RawConnection.open(host.databaseUrl);
    await raw.query('BEGIN');
    await raw.query('SELECT 1 FROM account_links WHERE guest_id = $1 FOR UPDATE', [
      held.guest.userId,
    ]);
    const running = reconcile(host);
    await linkInState(host, free.guest.userId, 'merged');
    await running;
    expect(await ledgerOf(host, held.guest.userId)).toMatchObject([
      { status: 'pending', attempts: 1 },
    ]);
    await raw.query('COMMIT');
    await reconcile(host);
    expect(await notesOf(host, held.account.userId)).toEqual(['one', 'two']);
  });

  it('can be tried again by a sign-in to the same account, without a second link', async () => {
    const host = await startApp({ options: { linking: NO_RETRY } });
    const { account, guest } = await meeting(host);
    await breakWallets(host);
    const { body } = await signIn(guest, account);
    await repair(host);
    const again = await signIn({ client: bearer(host, guest.token) }, account);
    expect(again).toMatchObject({ status: 200, body: { link: { id: body.link.id } } });
    expect(again.body.link.status).toBe('merged');
    expect(await notesOf(host, account.userId)).toEqual(['one', 'two']);
    expect(await ledgerOf(host, guest.userId)).toHaveLength(1);
  });
});
