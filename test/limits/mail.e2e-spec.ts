import { randomUUID } from 'node:crypto';
import { eventually } from '../support/barrier.js';
import { mailboxOf, Mailbox, redeem, startMailApp, tokenIn } from '../support/mailbox.js';
import { newAccount } from '../support/people.js';
import { closeApps, startBeside } from '../support/running-apps.js';
import type { TestApp, TestAppSettings } from '../support/test-app.js';
import { browserAt, expectTooMany, inParallel, tally } from './clients.js';

const newEmail = () => `${randomUUID()}@example.com`;
const ask = (host: TestApp, email: string) =>
  host.browser().post('/auth/sign-in/magic-link', { email });

/** Mail to an address, once everything that may be under way has arrived. */
async function lettersTo(hosts: readonly TestApp[], email: string) {
  const witness = newEmail();
  for (const host of hosts) {
    await ask(host, witness);
    const { letters } = mailboxOf(host);
    await eventually('the mail after it arrives', () => letters.some(({ to }) => to === witness));
  }
  return hosts.flatMap((host) =>
    mailboxOf(host).letters.filter(
      ({ to, text }) => to === email && !text.includes('/verify-email/'),
    ),
  );
}

describe.each(['express', 'fastify'] as const)('mail to one address on %s', (adapter) => {
  const settings: TestAppSettings = {
    adapter,
    trustsProxy: true,
    options: { throttle: { mail: false } },
  };
  let host: TestApp;
  beforeAll(async () => {
    host = await startMailApp(settings);
  });
  afterAll(closeApps);

  it('stops after three in a quarter of an hour, and nobody sees it by the answer', async () => {
    for (const email of [newEmail(), (await newAccount(host)).email]) {
      const answers = [];
      for (let n = 0; n < 20; n += 1) {
        answers.push(
          await browserAt(host, `198.51.100.${n}`).post('/auth/sign-in/magic-link', { email }),
        );
      }
      expect(tally(answers)).toEqual({ 200: 20 });
      expect(new Set(answers.map(({ text }) => text))).toEqual(new Set(['{"status":true}']));
      expect(new Set(answers.map(({ headers }) => headers.getSetCookie().length)).size).toBe(1);
      expect(await lettersTo([host], email)).toHaveLength(3);
    }
  });

  it('leaves the last link as good as it was', async () => {
    const { email, userId } = await newAccount(host);
    for (let n = 0; n < 8; n += 1) await ask(host, email);
    const letters = await lettersTo([host], email);
    const { status, body } = await redeem(host.browser(), tokenIn(letters.at(-1)!));
    expect({ status, id: body.user.id }).toEqual({ status: 200, id: userId });
  });

  it('is counted over all instances, in parallel too', async () => {
    const beside = await startBeside(host, { ...settings, extras: { mailer: Mailbox } });
    const email = newEmail();
    const answers = await inParallel(24, (n) => ask(n % 2 === 0 ? host : beside, email));
    expect(tally(answers)).toEqual({ 200: 24 });
    expect(await lettersTo([host, beside], email)).toHaveLength(3);
  });

  it('goes on as the earlier ones grow old, one by one', async () => {
    const email = newEmail();
    for (let n = 0; n < 4; n += 1) await ask(host, email);
    expect(await lettersTo([host], email)).toHaveLength(3);
    // The first is older than a quarter of an hour, the other two are not.
    await host.sql(
      `UPDATE auth_limits SET hits[1] = hits[1] - interval '15 minutes' WHERE cardinality(hits) = 3
         AND hits[3] = (SELECT max(hit) FROM auth_limits, unnest(hits) AS hit WHERE cardinality(hits) = 3)`,
    );
    for (let n = 0; n < 3; n += 1) await ask(host, email);
    expect(await lettersTo([host], email)).toHaveLength(4);
  });

  it('counts an address by what it is, however it is written', async () => {
    const email = newEmail();
    const [name, domain] = email.split('@');
    const spellings = [email, email.toUpperCase(), `${name!.toUpperCase()}@${domain}`, email];
    for (const spelling of spellings) await ask(host, spelling);
    expect(await lettersTo([host], email)).toHaveLength(3);
  });

  it('keeps no address in its counts', async () => {
    const email = newEmail();
    await ask(host, email);
    const rows = await host.sql<{ row: string }>('SELECT l::text AS row FROM auth_limits l');
    const hex = Buffer.from(email).toString('hex');
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.filter(({ row }) => row.includes(email) || row.includes(hex))).toEqual([]);
  });
});

/** Every route that sends mail to whatever address it is told, and its answer. */
const ROUTES = [
  ['/auth/sign-in/magic-link', {}],
  ['/auth/email-otp/send-verification-otp', { type: 'sign-in' }],
  ['/auth/request-password-reset', {}],
] as const;

describe.each(ROUTES)('%s', (path, more) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await startMailApp({ trustsProxy: true, options: { throttle: {} } });
  });
  afterAll(closeApps);

  it('sends three mails to an address, and answers those who ask for more alike', async () => {
    const { email } = await newAccount(host);
    const ask = (n: number, to: string) =>
      browserAt(host, `198.51.100.${n}`).post(path, { email: to, ...more });
    const answers = await inParallel(20, (n) => ask(n, email));
    expect(tally(answers)).toEqual({ 200: 20 });
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(new Set(answers.map(({ headers }) => [...headers.keys()].join())).size).toBe(1);
    const unknown = await inParallel(5, (n) => ask(n, newEmail()));
    expect(new Set(unknown.map(({ text }) => text))).toEqual(new Set([answers[0]!.text]));
    expect(await lettersTo([host], email)).toHaveLength(3);
  });

  it('has a limit for each client', async () => {
    const by = (address: string) =>
      inParallel(11, () => browserAt(host, address).post(path, { email: newEmail(), ...more }));
    const answers = await by('203.0.113.1');
    expect(tally(answers)).toEqual({ 200: 10, 429: 1 });
    expectTooMany(
      answers.find(({ status }) => status === 429)!,
      900,
    );
    expect(tally(await by('203.0.113.2'))).toEqual({ 200: 10, 429: 1 });
  });
});
