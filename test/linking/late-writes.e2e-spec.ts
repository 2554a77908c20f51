import type { MergeContext } from '../../src/index.js';
import { Barrier, eventually } from '../support/barrier.js';
import { Note, Wallet } from '../support/host.js';
import {
  guestWithNotes,
  handlerOf,
  ledgerOf,
  moveNotes,
  NO_RETRY,
  notesOf,
  signIn,
} from '../support/links.js';
import { newAccount } from '../support/people.js';
import { closeRawConnections, RawConnection } from '../support/raw-connection.js';
import { closeApps, startApp } from '../support/running-apps.js';
import type { TestApp } from '../support/test-app.js';

const LOCK = 4711;

/** What became of a write that its handler did not wait for. */
interface LateWrite {
  isSent: boolean;
  outcome?: 'written' | 'refused';
}

describe('a handler that forgot to wait for a later write', () => {
  let late: Barrier;
  let others: Barrier;
  let write: LateWrite;
  beforeEach(() => {
    late = new Barrier();
    others = new Barrier();
    write = { isSent: false };
  });
  afterEach(async () => {
    late.open();
    others.open();
    await closeRawConnections();
    await closeApps();
  });

  const forgetful = handlerOf(Note, async (context) => {
    await moveNotes(context);
    void writeLate(context);
  });
  const patient = handlerOf(Wallet, () => others.pass(), { after: [Note] });

  async function writeLate({ account, manager }: MergeContext): Promise<void> {
    await late.pass();
    write.isSent = true;
    await manager
      .query(`INSERT INTO note (user_id, text) VALUES ($1, 'late')`, [account.id])
      .then(() => (write.outcome = 'written'))
      .catch(() => (write.outcome = 'refused'));
  }

  /** Either the write was part of nothing, or the merge was not done. */
  async function expectNoLateWriteInAMerge(host: TestApp, guestId: string, accountId: string) {
    await eventually('the late write has ended', () => write.outcome);
    const [link] = await ledgerOf(host, guestId);
    const notes = await notesOf(host, accountId);
    expect({ status: link!.status, notes }).toEqual(
      link!.status === 'merged'
        ? { status: 'merged', notes: ['mine'] }
        : { status: 'pending', notes: [] },
    );
  }

  it('is not merged with it while other handlers still run', async () => {
    const settings = { options: { linking: NO_RETRY }, providers: [forgetful, patient] };
    const host = await startApp(settings);
    const [account, guest] = [await newAccount(host), await guestWithNotes(host, 'mine')];
    const signingIn = signIn(guest, account);
    await others.reached();
    late.open();
    await eventually('the late write has ended', () => write.outcome);
    others.open();
    expect(await signingIn).toMatchObject({ status: 200 });
    await expectNoLateWriteInAMerge(host, guest.userId, account.userId);
  });

  it('writes nothing behind the COMMIT of the merge', async () => {
    const host = await startApp({ options: { linking: NO_RETRY }, providers: [forgetful] });
    const [account, guest] = [await newAccount(host), await guestWithNotes(host, 'mine')];
    await host.sql(`CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_advisory_xact_lock(${LOCK}); RETURN NULL; END $$`);
    await host.sql(`CREATE CONSTRAINT TRIGGER wait AFTER DELETE ON users
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait()`);
    const raw = await RawConnection.open(host.databaseUrl);
    await raw.query(`SELECT pg_advisory_lock(${LOCK})`);
    const signingIn = signIn(guest, account);
    await raw.blocks();
    late.open();
    await eventually('the late write is sent', () => write.isSent);
    await raw.query(`SELECT pg_advisory_unlock(${LOCK})`);
    expect(await signingIn).toMatchObject({ status: 200 });
    await expectNoLateWriteInAMerge(host, guest.userId, account.userId);
  });

  it('is refused once the merge is done', async () => {
    const host = await startApp({ options: { linking: NO_RETRY }, providers: [forgetful] });
    const [account, guest] = [await newAccount(host), await guestWithNotes(host, 'mine')];
    expect(await signIn(guest, account)).toMatchObject({ body: { link: { status: 'merged' } } });
    late.open();
    await expectNoLateWriteInAMerge(host, guest.userId, account.userId);
    expect(write.outcome).toBe('refused');
  });
});
