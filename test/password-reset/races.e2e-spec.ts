import { provenByCode } from '../support/addresses.js';
import { Barrier, eventually } from '../support/barrier.js';
import { expectCleanDatabase } from '../support/checker.js';
import { askForCode, typeCode } from '../support/codes.js';
import { refusal } from '../support/expectations.js';
import { NO_RETRY, signIn } from '../support/links.js';
import { Mailbox } from '../support/mailbox.js';
import { MeetingHashing } from '../support/meeting-hashing.js';
import { bearer } from '../support/people.js';
import {
  closeRawConnections,
  RawConnection,
  waitingStatements,
} from '../support/raw-connection.js';
import { askForReset, newPassword, reset } from '../support/resets.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

describe('new passwords by mail that meet something', () => {
  const hashing = new MeetingHashing();
  let host: TestApp;
  let second: TestApp;
  beforeAll(async () => {
    const settings = {
      options: { password: { hash: hashing }, linking: NO_RETRY },
      extras: { mailer: Mailbox },
    };
    host = await createTestApp(settings);
    second = await createTestApp({ ...settings, databaseUrl: host.databaseUrl });
  });
  afterEach(async () => {
    for (const barrier of [hashing.barrier, hashing.checking]) barrier?.open();
    hashing.barrier = hashing.checking = undefined;
    await closeRawConnections();
    await expectCleanDatabase(host.databaseUrl);
  });
  afterAll(async () => {
    await second.close();
    await host.close();
  });

  const refused = refusal(400, 'INVALID_OR_EXPIRED');
  const tryWith = async (email: string, password: string) =>
    (await signIn({ client: host.browser() }, { email, password })).status;

  it('are set by one of twenty with the same link, over two instances', async () => {
    const { email } = await provenByCode(host);
    const token = await askForReset(host, host.browser(), email);
    hashing.barrier = new Barrier();
    const passwords = Array.from({ length: 20 }, (_, n) => `the password number ${n}`);
    const resets = passwords.map((password, n) =>
      reset((n % 2 ? host : second).browser(), token, password),
    );
    await hashing.barrier.reached(20);
    hashing.barrier.open();
    const answers = await Promise.all(resets);
    const winner = answers.findIndex(({ status }) => status === 200);
    for (const answer of answers.filter((_, n) => n !== winner)) {
      expect(answer).toMatchObject(refused);
    }
    const fits = [];
    for (const password of passwords) fits.push(await tryWith(email, password));
    expect(fits).toEqual(passwords.map((_, n) => (n === winner ? 200 : 401)));
  });

  it('are set by nobody whose link a later mail has ended meanwhile', async () => {
    const { email, password } = await provenByCode(host);
    const token = await askForReset(host, host.browser(), email);
    hashing.barrier = new Barrier();
    const late = reset(second.browser(), token);
    await hashing.barrier.reached();
    await askForReset(host, host.browser(), email);
    hashing.barrier.open();
    expect(await late).toMatchObject(refused);
    expect(await tryWith(email, password)).toBe(200);
  });

  it('let nobody in by the old password, checked before', async () => {
    const account = await provenByCode(host);
    const token = await askForReset(host, host.browser(), account.email);
    hashing.checking = new Barrier();
    const late = signIn({ client: second.browser() }, account);
    await hashing.checking.reached();
    expect(await reset(host.browser(), token)).toMatchObject({ status: 200 });
    hashing.checking.open();
    expect(await late).toMatchObject(refusal(401, 'INVALID_EMAIL_OR_PASSWORD'));
  });

  it.each(['the password', 'a code'])(
    'end the session of a sign-in by %s that is under way',
    async (way) => {
      const account = await provenByCode(host);
      const { email } = account;
      const token = await askForReset(host, host.browser(), email);
      const phone = second.browser();
      const code = way === 'a code' ? await askForCode(second, phone, email) : '';
      // Holds the sign-in where it has the account and not yet the session.
      await host.sql(`CREATE FUNCTION stand() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NEW; END $$`);
      await host.sql(
        'CREATE TRIGGER stand BEFORE INSERT ON sessions FOR EACH ROW EXECUTE FUNCTION stand()',
      );
      const raw = await RawConnection.open(host.databaseUrl);
      await raw.query('BEGIN');
      await raw.query('SELECT pg_advisory_xact_lock(1)');
      const signingIn = code ? typeCode(phone, email, code) : signIn({ client: phone }, account);
      await raw.blocks(1);
      const resetting = reset(host.browser(), token);
      await waitsForTheAccount(host);
      await raw.query('COMMIT');
      expect(await resetting).toMatchObject({ status: 200 });
      const { status, body } = await signingIn;
      await host.sql('DROP FUNCTION stand CASCADE');
      expect(status).toBe(200);
      expect(await bearer(host, body.token).post('/access/write')).toMatchObject(
        refusal(401, 'UNAUTHORIZED'),
      );
      expect(await host.sql('SELECT 1 FROM sessions WHERE user_id = $1', [account.userId])).toEqual(
        [],
      );
    },
  );

  it('leave nothing alive of twenty requests at the same time', async () => {
    const account = await provenByCode(host);
    const token = await askForReset(host, host.browser(), account.email);
    const use = () => bearer(second, account.token).post('/access/write');
    const rush = Array.from({ length: 20 }, use);
    expect(await reset(host.browser(), token)).toMatchObject({ status: 200 });
    const after = await Promise.all(Array.from({ length: 20 }, use));
    for (const answer of after) expect(answer).toMatchObject(refusal(401, 'UNAUTHORIZED'));
    for (const { status } of await Promise.all(rush)) expect([201, 401]).toContain(status);
  });

  it('give way to somebody who holds the account, and leave the link as it was', async () => {
    const { email, userId } = await provenByCode(host);
    const token = await askForReset(host, host.browser(), email);
    const raw = await RawConnection.open(host.databaseUrl);
    await raw.query('BEGIN');
    await raw.query('SELECT 1 FROM users WHERE id = $1 FOR UPDATE', [userId]);
    expect(await reset(host.browser(), token)).toMatchObject(
      refusal(503, 'TEMPORARILY_UNAVAILABLE'),
    );
    await raw.query('COMMIT');
    expect(await reset(host.browser(), token)).toMatchObject({ status: 200 });
    expect(await tryWith(email, newPassword)).toBe(200);
  });
});

/** The reset waits for the sign-in, which waits for the test. */
async function waitsForTheAccount(host: TestApp): Promise<void> {
  await eventually('the reset waits', async () =>
    (await waitingStatements(host.databaseUrl)).some((sql) => /FOR UPDATE/.test(sql)),
  );
}
