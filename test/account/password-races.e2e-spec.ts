import { Clock } from '../../src/index.js';
import { Barrier } from '../support/barrier.js';
import { expectCleanDatabase } from '../support/checker.js';
import { newCookies, refusal } from '../support/expectations.js';
import { signIn } from '../support/links.js';
import { MeetingHashing } from '../support/meeting-hashing.js';
import { type AccountHolder, anotherBrowser, bearer, newAccount } from '../support/people.js';
import { closeRawConnections, RawConnection } from '../support/raw-connection.js';
import { createTestApp, type TestApp } from '../support/test-app.js';
import { TestClock } from '../support/test-clock.js';

describe('changes of an account that meet', () => {
  const hashing = new MeetingHashing();
  const clock = new TestClock();
  let host: TestApp;
  let second: TestApp;
  beforeAll(async () => {
    const options = { password: { hash: hashing } };
    host = await createTestApp({ options, overrides: [{ token: Clock, value: clock }] });
    second = await createTestApp({ options, databaseUrl: host.databaseUrl });
  });
  afterEach(async () => {
    for (const barrier of [hashing.barrier, hashing.checking]) barrier?.open();
    hashing.barrier = hashing.checking = undefined;
    clock.reset();
    await closeRawConnections();
    await expectCleanDatabase(host.databaseUrl);
  });
  afterAll(async () => {
    await second.close();
    await host.close();
  });

  const change = (
    on: TestApp,
    { token, password }: AccountHolder,
    newPassword: string,
    revokeOtherSessions = false,
  ) =>
    bearer(on, token).post('/auth/change-password', {
      currentPassword: password,
      newPassword,
      revokeOtherSessions,
    });
  const tryWith = async ({ email }: AccountHolder, password: string) =>
    (await signIn({ client: host.browser() }, { email, password })).status;

  it.each([false, true])(
    'let one of two new passwords win, others signed out: %s',
    async (revoke) => {
      const account = await newAccount(host);
      hashing.barrier = new Barrier();
      const passwords = ['the first of them', 'the second of them'];
      const changes = [
        change(host, account, passwords[0]!, revoke),
        change(second, account, passwords[1]!, revoke),
      ];
      await hashing.barrier.reached(2);
      hashing.barrier.open();
      const answers = await Promise.all(changes);
      const winner = answers.findIndex(({ status }) => status === 200);
      expect(answers[1 - winner]).toMatchObject(
        revoke ? refusal(401, 'UNAUTHORIZED') : refusal(400, 'INVALID_PASSWORD'),
      );
      expect(await tryWith(account, passwords[winner]!)).toBe(200);
      expect(await tryWith(account, passwords[1 - winner]!)).toBe(401);
      expect(await tryWith(account, account.password)).toBe(401);
    },
  );

  it.each([false, true])(
    'let nobody in by a password that was checked before it changed, others signed out: %s',
    async (revoke) => {
      const account = await newAccount(host);
      hashing.checking = new Barrier();
      const late = signIn({ client: host.browser() }, account);
      await hashing.checking.reached();
      const { checking } = hashing;
      hashing.checking = undefined;
      expect(await change(second, account, 'a newer password', revoke)).toMatchObject({
        status: 200,
      });
      checking.open();
      expect(await late).toMatchObject(refusal(401, 'INVALID_EMAIL_OR_PASSWORD'));
    },
  );

  it('leave no session behind of sign-ins that race a change which ends them', async () => {
    const account = await newAccount(host);
    const rush = Array.from({ length: 12 }, () => signIn({ client: host.browser() }, account));
    const changed = await change(second, account, 'a newer password', true);
    const answers = await Promise.all(rush);
    expect(changed).toMatchObject({ status: 200 });
    for (const { body } of answers.filter(({ status }) => status === 200)) {
      expect(await bearer(host, body.token).post('/access/write')).toMatchObject(
        refusal(401, 'UNAUTHORIZED'),
      );
    }
    const left = await host.sql('SELECT 1 FROM sessions WHERE user_id = $1', [account.userId]);
    expect(left).toHaveLength(1);
  });

  it('change no password for a session that was ended while it was hashed', async () => {
    const account = await newAccount(host);
    const other = await anotherBrowser(host, account);
    hashing.barrier = new Barrier();
    const late = change(host, account, 'a newer password');
    await hashing.barrier.reached();
    expect(await other.client.post('/auth/revoke-other-sessions', {})).toMatchObject({
      status: 200,
    });
    hashing.barrier.open();
    expect(await late).toMatchObject(refusal(401, 'UNAUTHORIZED'));
    expect(await tryWith(account, account.password)).toBe(200);
  });

  it('renew no session that is being ended, and hand out no cookie of it', async () => {
    const account = await newAccount(host);
    const ending = await RawConnection.open(host.databaseUrl);
    await ending.query('BEGIN');
    await ending.query('DELETE FROM sessions WHERE user_id = $1', [account.userId]);
    clock.advance({ days: 16 });
    const renewal = account.client.get('/access/account');
    await ending.blocks();
    await ending.query('COMMIT');
    expect((await renewal).status).toBe(200);
    expect(newCookies(await renewal)).toEqual([]);
    expect((await renewal).headers.get('set-auth-token')).toBeNull();
    clock.reset();
    expect(await account.client.get('/access/account')).toMatchObject(refusal(401, 'UNAUTHORIZED'));
  });
});
