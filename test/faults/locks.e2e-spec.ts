import { closeRawConnections, RawConnection } from '../support/raw-connection.js';
import { closeApps, startApp } from '../support/running-apps.js';
import {
  expectMerged,
  expectWhole,
  failedAttempt,
  linking,
  meeting,
  signInInTime,
} from './lock-meetings.js';

afterEach(async () => {
  await closeRawConnections();
  await closeApps();
});

describe("somebody else's lock", () => {
  it.each<[string, string, 'guest' | 'account']>([
    ["the account's row", 'UPDATE users SET updated_at = now() WHERE id = $1', 'account'],
    ["the guest's row", 'UPDATE users SET updated_at = now() WHERE id = $1', 'guest'],
    ['a row of the guest', `UPDATE note SET text = 'mine' WHERE user_id = $1`, 'guest'],
    ["the guest's wallet", 'DELETE FROM wallet WHERE user_id = $1', 'guest'],
  ])('on %s: the link waits for it, the sign-in does not', async (_what, sql, whose) => {
    const host = await startApp({ options: { linking } });
    const people = await meeting(host);
    const raw = await RawConnection.open(host.databaseUrl);
    await raw.query('BEGIN');
    await raw.query(sql, [people[whose].userId]);
    expect(await signInInTime(people)).toBe('pending');
    expect(await failedAttempt(host, people)).toMatch(/lock timeout/);
    await expectWhole(host, people);
    await raw.query('ROLLBACK');
    await expectMerged(host, people);
  });

  it('on a whole table: the link waits for it, whoever has no rows there does not', async () => {
    const host = await startApp({ options: { linking } });
    const [people, others] = [await meeting(host), await meeting(host)];
    const raw = await RawConnection.open(host.databaseUrl);
    await raw.query('BEGIN; LOCK TABLE note IN ACCESS EXCLUSIVE MODE');
    expect(await signInInTime(people)).toBe('pending');
    expect(await others.account.client.get('/auth/get-session')).toMatchObject({ status: 200 });
    expect(await failedAttempt(host, people)).toMatch(/lock timeout/);
    await raw.query('COMMIT');
    await expectMerged(host, people);
    expect(await signInInTime(others)).toBe('merged');
  });
});
