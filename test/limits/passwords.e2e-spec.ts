import { randomUUID } from 'node:crypto';
import { ExpirySweeper } from '../../src/auth/sessions/expiry-sweeper.js';
import { rowCounts } from '../support/expectations.js';
import { askForLink, Mailbox, redeem } from '../support/mailbox.js';
import { type AccountHolder, newAccount } from '../support/people.js';
import { closeApps, startApp, startBeside } from '../support/running-apps.js';
import type { TestApp, TestAppSettings } from '../support/test-app.js';
import { browserAt, expectTooMany, inParallel, tally } from './clients.js';

const HOME = '203.0.113.1';
const PATH = '/auth/sign-in/email';

describe.each(['express', 'fastify'] as const)('guessing passwords on %s', (adapter) => {
  const settings: TestAppSettings = {
    adapter,
    trustsProxy: true,
    extras: { mailer: Mailbox },
    // What one client may do is another matter.
    options: { throttle: { signIn: false, signUp: false, perAddress: { signUp: false } } },
  };
  let host: TestApp;
  let account: AccountHolder;
  beforeAll(async () => {
    host = await startApp(settings);
  });
  afterAll(closeApps);
  beforeEach(async () => {
    account = await newAccount(host);
  });

  const enter = (address: string, { email, password }: { email: string; password: string }) =>
    browserAt(host, address).post(PATH, { email, password });
  const guess = (address: string, email = account.email) =>
    enter(address, { email, password: 'a wrong password' });

  it('ends after ten from one network; the right one is still good elsewhere', async () => {
    for (let n = 0; n < 10; n += 1) expect((await guess('198.51.100.1')).status).toBe(401);
    expectTooMany(await guess('198.51.100.1'), 900);
    expectTooMany(await enter('198.51.100.1', account), 900);
    expect((await enter(HOME, account)).status).toBe(200);
  });

  it('looks at exactly ten of fifty at once, over two instances', async () => {
    const beside = await startBeside(host, settings);
    const answers = await inParallel(50, (n) =>
      browserAt(n % 2 === 0 ? host : beside, '198.51.100.2').post(PATH, {
        email: account.email,
        password: 'a wrong password',
      }),
    );
    expect(tally(answers)).toEqual({ 401: 10, 429: 40 });
  });

  it('ends after thirty from anywhere, but not where the owner has been before', async () => {
    expect((await enter(HOME, account)).status).toBe(200);
    const answers = await inParallel(100, (n) => guess(`198.51.100.${n}`));
    expect(tally(answers)).toEqual({ 401: 30, 429: 70 });
    expectTooMany(await enter('192.0.2.9', account), 900);
    expect((await enter(HOME, account)).status).toBe(200);
    expect((await enter(`::ffff:${HOME}`, account)).status).toBe(200);
  });

  it('locks nobody out of the other ways in', async () => {
    await inParallel(40, (n) => guess(`198.51.100.${n}`));
    expectTooMany(await enter('192.0.2.9', account), 900);
    expect((await account.client.get('/access/account')).status).toBe(200);
    const phone = browserAt(host, '192.0.2.9');
    const token = await askForLink(host, phone, account.email);
    expect((await redeem(phone, token)).body.user.id).toBe(account.userId);
  });

  it('is over after a quarter of an hour, however long it went on', async () => {
    await inParallel(60, (n) => guess(`198.51.100.${n}`));
    await inParallel(20, () => guess('192.0.2.9'));
    await host.sql(
      `UPDATE auth_limits SET hits = ARRAY(SELECT hit - interval '15 minutes' FROM unnest(hits) AS hit)`,
    );
    expect((await enter('192.0.2.9', account)).status).toBe(200);
  });

  it('does not count the right one', async () => {
    for (let n = 0; n < 15; n += 1) expect((await enter(HOME, account)).status).toBe(200);
    for (let n = 0; n < 10; n += 1) expect((await guess(HOME)).status).toBe(401);
    expectTooMany(await guess(HOME), 900);
  });

  it('is answered alike for addresses that nobody has', async () => {
    const nobody = `${randomUUID()}@example.com`;
    const [known, unknown] = [[], []] as { status: number; text: string }[][];
    for (let n = 0; n < 12; n += 1) {
      for (const [email, answers] of [
        [account.email, known],
        [nobody, unknown],
      ] as const) {
        const { status, text } = await guess('198.51.100.3', email);
        answers!.push({ status, text });
      }
    }
    expect(known).toEqual(unknown);
  });

  it('costs no more statements for addresses that nobody has', async () => {
    const count = async (email: string) => {
      host.statements.length = 0;
      expect((await guess('198.51.100.4', email)).status).toBe(401);
      return host.statements.length;
    };
    expect(await count(`${randomUUID()}@example.com`)).toBe(await count(account.email));
    // The first is for the limit.
    expect(host.statements).toHaveLength(2);
  });

  it('ends for whoever is signed in and is asked again', async () => {
    const change = (currentPassword: string) =>
      account.client.post('/auth/change-password', {
        currentPassword,
        newPassword: 'another password',
      });
    for (let n = 0; n < 5; n += 1) {
      expect((await change('a wrong password')).status).toBe(400);
      const body = { password: 'a wrong password' };
      expect((await account.client.post('/auth/delete-user', body)).status).toBe(400);
    }
    expectTooMany(await change(account.password), 900);
    expectTooMany(
      await account.client.post('/auth/delete-user', { password: account.password }),
      900,
    );
    // Signing in is another matter.
    expect((await enter(HOME, account)).status).toBe(200);
  });

  it('leaves nothing behind for ever', async () => {
    await guess('198.51.100.5');
    await host.sql(`UPDATE auth_limits SET expires_at = now() - interval '1 second'`);
    await host.app.get(ExpirySweeper).run();
    expect((await rowCounts(host)).auth_limits).toBe(0);
  });
});

describe('looking addresses up by signing up', () => {
  afterEach(closeApps);

  it('ends after ten a day for one address, taken or not, before a password is hashed', async () => {
    const host = await startApp({
      trustsProxy: true,
      options: { throttle: { signUp: false } },
    });
    const { email } = await newAccount(host);
    const signUp = (n: number) =>
      browserAt(host, `198.51.100.${n}`).post('/auth/sign-up/email', {
        email,
        password: 'correct horse battery',
      });
    const answers = await inParallel(20, signUp);
    expect(tally(answers)).toEqual({ 409: 9, 429: 11 });
    expectTooMany(
      answers.find(({ status }) => status === 429)!,
      86_400,
    );
  });
});

describe('throttle: false', () => {
  afterEach(closeApps);

  it('costs nothing', async () => {
    const host = await startApp();
    const account = await newAccount(host);
    host.statements.length = 0;
    const { email, password } = account;
    expect((await host.browser().post(PATH, { email, password })).status).toBe(200);
    expect(host.statements.filter((sql) => sql.includes('auth_limits'))).toEqual([]);
  });
});
