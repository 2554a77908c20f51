import { eventually } from '../support/barrier.js';
import { refusal } from '../support/expectations.js';
import { askForLink, Mailbox, mailboxOf, redeem } from '../support/mailbox.js';
import { type AccountHolder, newAccount } from '../support/people.js';
import { closeApps, startApp } from '../support/running-apps.js';
import type { TestApp } from '../support/test-app.js';
import { browserAt, expectTooMany, inParallel, tally } from './clients.js';

describe.each(['express', 'fastify'] as const)('guessing codes on %s', (adapter) => {
  let host: TestApp;
  let account: AccountHolder;
  beforeAll(async () => {
    host = await startApp({
      adapter,
      trustsProxy: true,
      extras: { mailer: Mailbox },
      options: {
        throttle: { signUp: false, mail: false, codes: false, perAddress: { mail: false } },
      },
    });
  });
  afterAll(closeApps);
  beforeEach(async () => {
    account = await newAccount(host);
  });

  const askForCode = async (address: string): Promise<string> => {
    const { letters } = mailboxOf(host);
    const before = letters.length;
    const body = { email: account.email, type: 'sign-in' };
    await browserAt(host, address).post('/auth/email-otp/send-verification-otp', body);
    await eventually('the code arrives', () => letters.length > before);
    return /^\d{6}$/m.exec(letters.at(-1)!.text)![0];
  };
  const type = (address: string, otp: string) =>
    browserAt(host, address).post('/auth/sign-in/email-otp', { email: account.email, otp });
  /** As many as one code is good for. */
  const guessFive = async (from: string) => {
    const code = await askForCode(from);
    const wrong = code === '000000' ? '111111' : '000000';
    return inParallel(5, () => type(from, wrong));
  };

  it('ends after twenty an hour, over however many codes and addresses', async () => {
    for (let n = 1; n <= 4; n += 1) {
      const answers = await guessFive(`198.51.100.${n}`);
      for (const answer of answers)
        expect(answer).toMatchObject(refusal(400, 'INVALID_OR_EXPIRED'));
    }
    const code = await askForCode('192.0.2.9');
    expectTooMany(await type('192.0.2.9', code), 3600);
    // The other ways in are as open as before.
    const { email, password } = account;
    const phone = browserAt(host, '192.0.2.9');
    expect((await phone.post('/auth/sign-in/email', { email, password })).status).toBe(200);
    const link = await askForLink(host, browserAt(host, '192.0.2.9'), email);
    expect((await redeem(browserAt(host, '192.0.2.10'), link)).status).toBe(200);
  });

  it('does not keep the owner out where they have signed in before', async () => {
    expect((await type('203.0.113.1', await askForCode('203.0.113.1'))).status).toBe(200);
    for (let n = 1; n <= 5; n += 1) await guessFive(`198.51.100.${n}`);
    expect((await type('203.0.113.1', await askForCode('203.0.113.1'))).status).toBe(200);
  });

  it('does not count right ones', async () => {
    for (let n = 0; n < 22; n += 1) {
      const from = `198.51.100.${n}`;
      expect((await type(from, await askForCode(from))).status).toBe(200);
    }
  });

  it('is answered alike for addresses that nobody has', async () => {
    const unknown = { email: 'nobody@example.com', otp: '000000' };
    const answers = await inParallel(25, (n) =>
      browserAt(host, `198.51.100.${n}`).post('/auth/sign-in/email-otp', unknown),
    );
    expect(tally(answers)).toEqual({ 400: 20, 429: 5 });
  });
});
