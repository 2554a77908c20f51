import { memberUsers } from '../support/host-users.js';
import { guestWithNotes, ledgerOf, NO_RETRY, notesOf, signIn } from '../support/links.js';
import { bearer, newAccount } from '../support/people.js';
import { closeRawConnections, RawConnection } from '../support/raw-connection.js';
import { closeApps, startApp } from '../support/running-apps.js';

afterEach(async () => {
  await closeRawConnections();
  await closeApps();
});

describe('an account that the host deletes softly while a merge into it waits', () => {
  it('gets nothing, and the guest stays whole', async () => {
    const host = await startApp({ users: memberUsers, options: { linking: NO_RETRY } });
    const account = await newAccount(host);
    const guest = await guestWithNotes(host, 'early');
    const raw = await RawConnection.open(host.databaseUrl);
    await raw.query('BEGIN');
    await raw.query(`INSERT INTO note (user_id, text) VALUES ($1, 'in flight')`, [guest.userId]);
    const signingIn = signIn(guest, account);
    await raw.blocks();
    await host.sql('UPDATE members SET deleted_at = now() WHERE id = $1', [account.userId]);
    await raw.query('COMMIT');
    const { status, body } = await signingIn;
    expect({ status, link: body.link }).toEqual({ status: 200, link: null });
    expect(await notesOf(host, account.userId)).toEqual([]);
    expect(await notesOf(host, guest.userId)).toEqual(['early', 'in flight']);
    expect(await ledgerOf(host, guest.userId)).toEqual([]);
    expect(await bearer(host, guest.token).get('/access/guest')).toMatchObject({ status: 200 });
  });
});
