import { randomUUID } from 'node:crypto';
import { FlowSecrets } from '../../src/auth/flows/flow-secrets.js';
import { askForCode, codeIn, otherThan, typeCode } from '../support/codes.js';
import { refusal } from '../support/expectations.js';
import { guestWithNotes, NO_RETRY, notesOf } from '../support/links.js';
import { askForLink, Mailbox, mailboxOf, redeem, startMailApp } from '../support/mailbox.js';
import { closeApps, startBeside } from '../support/running-apps.js';
import { SECRET, type TestApp } from '../support/test-app.js';

afterEach(closeApps);

const start = () => startMailApp({ options: { linking: NO_RETRY } });
const beside = (host: TestApp, options: object = {}) =>
  startBeside(host, { extras: { mailer: Mailbox }, options: { linking: NO_RETRY, ...options } });
const newEmail = () => `${randomUUID()}@example.com`;
const refused = refusal(400, 'INVALID_OR_EXPIRED');
const sessions = (host: TestApp) => host.sql('SELECT 1 FROM sessions');

describe('a mailed code', () => {
  it('works once, over two instances and for twenty at the same time', async () => {
    const host = await start();
    const second = await beside(host);
    const guest = await guestWithNotes(host, 'mine');
    const email = newEmail();
    const code = await askForCode(host, guest.client, email);
    const twenty = Array.from({ length: 20 }, (_, n) => {
      const browser = (n % 2 ? host : second).browser();
      guest.client.cookies.copyTo(browser.cookies);
      return browser;
    });
    const answers = await Promise.all(twenty.map((browser) => typeCode(browser, email, code)));
    const [winner, ...more] = answers.filter(({ status }) => status === 200);
    expect(more).toEqual([]);
    expect(winner!.body.user).toMatchObject({ id: guest.userId, isAnonymous: false });
    for (const answer of answers.filter((one) => one !== winner)) {
      expect(answer).toMatchObject(refused);
    }
    expect(await sessions(host)).toHaveLength(1);
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
  });

  it('is void after five wrong ones, wherever they came from', async () => {
    const host = await start();
    const second = await beside(host);
    const email = newEmail();
    const browser = host.browser();
    const code = await askForCode(host, browser, email);
    for (let n = 1; n <= 5; n += 1) {
      const from = n % 2 ? second.browser() : browser;
      expect(await typeCode(from, email, otherThan(code, n))).toMatchObject(refused);
    }
    expect(await typeCode(browser, email, code)).toMatchObject(refused);
    expect(await sessions(host)).toEqual([]);
    const next = await askForCode(host, browser, email);
    expect((await typeCode(browser, email, next)).status).toBe(200);
  });

  it('forgives four', async () => {
    const host = await start();
    const email = newEmail();
    const code = await askForCode(host, host.browser(), email);
    for (const wrong of ['', 'abc', otherThan(code), `${code} `]) {
      expect(await typeCode(host.browser(), email, wrong)).toMatchObject(refused);
    }
    expect((await typeCode(host.browser(), email, code)).status).toBe(200);
  });

  it('is compared with five of twenty wrong ones that come at the same time', async () => {
    const host = await start();
    const second = await beside(host);
    const email = newEmail();
    const code = await askForCode(host, host.browser(), email);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        typeCode((n % 2 ? host : second).browser(), email, otherThan(code, n + 1)),
      ),
    );
    for (const answer of answers) expect(answer).toMatchObject(refused);
    expect(await host.sql('SELECT attempts FROM auth_flows')).toEqual([{ attempts: 5 }]);
    expect(await typeCode(host.browser(), email, code)).toMatchObject(refused);
  });

  it('ends with the next one to the same address, also from another browser', async () => {
    const host = await start();
    const email = newEmail();
    const browser = host.browser();
    const first = await askForCode(host, browser, email);
    await host.sql('UPDATE auth_flows SET attempts = 4');
    let second = await askForCode(host, host.browser(), email);
    // One time in a million they are the same.
    if (second === first) second = await askForCode(host, host.browser(), email);
    expect(await typeCode(browser, email, first)).toMatchObject(refused);
    expect((await typeCode(browser, email, second)).status).toBe(200);
    expect(await typeCode(browser, email, second)).toMatchObject(refused);
  });

  it('leaves the guesses of another address alone', async () => {
    const host = await start();
    const browser = host.browser();
    const [email, other] = [newEmail(), newEmail()];
    const code = await askForCode(host, browser, email);
    const theirs = await askForCode(host, browser, other);
    for (let n = 1; n <= 5; n += 1) await typeCode(browser, other, otherThan(theirs, n));
    expect(await typeCode(browser, other, theirs)).toMatchObject(refused);
    expect((await typeCode(browser, email, code)).status).toBe(200);
  });

  it('is for its address only, also where that is put in the place of another', async () => {
    const host = await start();
    const browser = host.browser();
    const code = await askForCode(host, browser, newEmail());
    const other = newEmail();
    await host.sql('UPDATE auth_flows SET email = $1', [other]);
    expect(await typeCode(browser, other, code)).toMatchObject(refused);
  });

  it('is the same for every spelling of the address', async () => {
    const host = await start();
    const browser = host.browser();
    const email = newEmail();
    const code = await askForCode(host, browser, email);
    expect((await typeCode(browser, email.toUpperCase(), code)).body.user).toMatchObject({ email });
  });

  it('ends after its time', async () => {
    const host = await start();
    const email = newEmail();
    const code = await askForCode(host, host.browser(), email);
    const [row] = await host.sql<{ ms: number }>(
      'SELECT extract(epoch FROM expires_at - now()) * 1000 AS ms FROM auth_flows',
    );
    expect(Number(row!.ms)).toBeGreaterThan(200_000);
    expect(Number(row!.ms)).toBeLessThanOrEqual(300_000);
    await host.sql("UPDATE auth_flows SET expires_at = now() - interval '1 ms'");
    expect(await typeCode(host.browser(), email, code)).toMatchObject(refused);
  });

  it('ends with the epoch of its account', async () => {
    const host = await start();
    const browser = host.browser();
    const email = newEmail();
    await typeCode(browser, email, await askForCode(host, browser, email));
    const code = await askForCode(host, browser, email);
    await host.sql('DELETE FROM sessions');
    await host.sql('UPDATE users SET epoch = epoch + 1');
    expect(await typeCode(browser, email, code)).toMatchObject(refused);
  });

  it('is in the database as a hash only, and for its purpose only', async () => {
    const host = await start();
    const email = newEmail();
    const code = await askForCode(host, host.browser(), email);
    const [flow] = await host.sql('SELECT * FROM auth_flows');
    const {
      id,
      token_hash: hash,
      created_at: _,
      expires_at: __,
      browser_hash: ___,
      ...rest
    } = flow!;
    expect(JSON.stringify(rest)).not.toContain(code);
    expect(String(id)).not.toBe(code);
    expect(hash).toHaveLength(32);
    expect(flow).toMatchObject({ purpose: 'sign-in-code', email });
    for (const purpose of ['reset-password', 'magic-link', 'verify-email']) {
      await host.sql('UPDATE auth_flows SET purpose = $1', [purpose]);
      expect(await typeCode(host.browser(), email, code)).toMatchObject(refused);
      expect(await redeem(host.browser(), code)).toMatchObject(refused);
    }
  });

  it('and a link to the same address live side by side', async () => {
    const host = await start();
    const email = newEmail();
    const browser = host.browser();
    const code = await askForCode(host, browser, email);
    const token = await askForLink(host, browser, email);
    expect(await typeCode(host.browser(), email, token)).toMatchObject(refused);
    expect((await typeCode(browser, email, code)).status).toBe(200);
    expect((await redeem(browser, token)).status).toBe(200);
  });

  it('works with a secret that has been put second', async () => {
    const host = await start();
    const email = newEmail();
    const code = await askForCode(host, host.browser(), email);
    const secrets = ['another secret that is long enough to sign with', SECRET];
    const after = await beside(host, { secret: undefined, secrets });
    expect((await typeCode(after.browser(), email, code)).status).toBe(200);
  });

  it('is six digits, each as likely as another, the first too', async () => {
    const host = await start();
    const secrets = host.app.get(FlowSecrets);
    const codes = Array.from({ length: 20_000 }, () => secrets.makeCode());
    expect(codes.every((code) => /^\d{6}$/.test(code))).toBe(true);
    for (const place of [0, 1, 2, 3, 4, 5]) {
      for (const digit of '0123456789') {
        const share = codes.filter((code) => code[place] === digit).length / codes.length;
        // Ten standard deviations.
        expect(Math.abs(share - 0.1)).toBeLessThan(0.0212);
      }
    }
  });

  it('is the latest mail’s when two are asked for at once', async () => {
    const host = await start();
    const email = newEmail();
    const browsers = [host.browser(), host.browser()];
    await Promise.all(browsers.map((browser) => askForCode(host, browser, email)));
    const codes = mailboxOf(host).letters.map(codeIn);
    const statuses = [];
    for (const code of codes) statuses.push((await typeCode(browsers[0]!, email, code)).status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  });
});
