import { PartyLocksService } from '../../src/linking/merge/party-locks.service.js';
import { newAccount, newGuest } from '../support/people.js';
import { closeRawConnections, RawConnection } from '../support/raw-connection.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

describe('the locks of a merge', () => {
  let host: TestApp;
  let guestId: string;
  let accountId: string;
  let other: RawConnection;
  beforeEach(async () => {
    host = await createTestApp();
    guestId = (await newGuest(host)).userId;
    accountId = (await newAccount(host)).userId;
    other = await RawConnection.open(host.databaseUrl);
  });
  afterEach(async () => {
    await closeRawConnections();
    // Users were made guests and accounts by SQL, without what belongs to one.
    await host.sql('TRUNCATE users CASCADE');
    await host.close();
  });

  const hold = () =>
    host.dataSource.transaction((manager) =>
      host.app.get(PartyLocksService, { strict: false }).hold(manager, guestId, accountId),
    );

  /** @throws Error when somebody has the row. */
  async function lockNow(id: string): Promise<void> {
    const beside = await RawConnection.open(host.databaseUrl);
    await beside.query('SELECT 1 FROM users WHERE id = $1 FOR UPDATE NOWAIT', [id]);
    await beside.close();
  }

  it('wait for writes that refer to the guest, and leave the account alone until then', async () => {
    await other.query('BEGIN');
    await other.query(`INSERT INTO note (user_id, text) VALUES ($1, 'in flight')`, [guestId]);
    const held = hold();
    await other.blocks();
    await lockNow(accountId);
    await other.query('COMMIT');
    expect(await held).toEqual({ isGuest: true, isAccount: true });
  });

  it('hold the guest while they wait for the account', async () => {
    await other.query('BEGIN');
    await other.query('SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE', [accountId]);
    const held = hold();
    await other.blocks();
    await expect(lockNow(guestId)).rejects.toMatchObject({ code: '55P03' });
    await other.query('COMMIT');
    expect(await held).toEqual({ isGuest: true, isAccount: true });
  });

  it('do not stop writes that refer to the account', async () => {
    await other.query('BEGIN');
    await other.query(`INSERT INTO note (user_id, text) VALUES ($1, 'in flight')`, [accountId]);
    expect(await hold()).toEqual({ isGuest: true, isAccount: true });
    await other.query('COMMIT');
  });

  it('look at the guest again when they have waited for it', async () => {
    await other.query('BEGIN');
    await other.query('UPDATE users SET is_anonymous = false WHERE id = $1', [guestId]);
    const held = hold();
    await other.blocks();
    await other.query('COMMIT');
    expect(await held).toEqual({ isGuest: false, isAccount: true });
  });

  it('look at the account again when they have waited for it', async () => {
    await other.query('BEGIN');
    await other.query('UPDATE users SET is_anonymous = true, name = $2 WHERE id = $1', [
      accountId,
      'somebody',
    ]);
    const held = hold();
    await other.blocks();
    await other.query('COMMIT');
    expect(await held).toEqual({ isGuest: true, isAccount: false });
  });

  it('look at the account again when it changes while they wait for the guest', async () => {
    await other.query('BEGIN');
    await other.query('SELECT 1 FROM users WHERE id = $1 FOR UPDATE', [guestId]);
    const held = hold();
    await other.blocks();
    await other.query('UPDATE users SET is_anonymous = true WHERE id = $1', [accountId]);
    await other.query('COMMIT');
    expect(await held).toEqual({ isGuest: true, isAccount: false });
  });

  it('find nobody where there is none', async () => {
    await host.sql('DELETE FROM users');
    expect(await hold()).toEqual({ isGuest: false, isAccount: false });
  });
});
