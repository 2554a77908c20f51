import { randomBytes, randomUUID } from 'node:crypto';
import { eventually } from '../support/barrier.js';
import { NO_RETRY } from '../support/links.js';
import { askForLink, redeem, startMailApp } from '../support/mailbox.js';
import {
  closeRawConnections,
  RawConnection,
  waitingStatements,
} from '../support/raw-connection.js';
import { closeApps, startBeside } from '../support/running-apps.js';
import { Mailbox } from '../support/mailbox.js';
import type { TestApp } from '../support/test-app.js';

afterEach(async () => {
  await closeRawConnections();
  await closeApps();
});

const start = () => startMailApp({ options: { linking: NO_RETRY } });
const newEmail = () => `${randomUUID()}@example.com`;
const refused = { status: 400, body: { code: 'INVALID_OR_EXPIRED' } };
const sessions = (host: TestApp) => host.sql('SELECT 1 FROM sessions');

describe('a magic link', () => {
  it('works once, over two instances and for twenty at the same time', async () => {
    const host = await start();
    const beside = await startBeside(host, {
      extras: { mailer: Mailbox },
      options: { linking: NO_RETRY },
    });
    const token = await askForLink(host, host.browser(), newEmail());
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => redeem((n % 2 ? host : beside).browser(), token)),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const others = answers.filter(({ status }) => status !== 200);
    expect(others.map(({ status, body }) => ({ status, body }))).toEqual(
      Array.from({ length: 19 }, () =>
        expect.objectContaining({ ...refused, body: expect.objectContaining(refused.body) }),
      ),
    );
    expect(await sessions(host)).toHaveLength(1);
  });

  it('works once for an account that is there, for three who have all seen that it works', async () => {
    const host = await start();
    const email = newEmail();
    const owner = host.browser();
    expect((await redeem(owner, await askForLink(host, owner, email))).status).toBe(200);
    const token = await askForLink(host, host.browser(), email);
    const raw = await RawConnection.open(host.databaseUrl);
    await raw.query('BEGIN');
    await raw.query('SELECT 1 FROM auth_flows FOR UPDATE');
    const redeeming = [1, 2, 3].map(() => redeem(host.browser(), token));
    await eventually('all three wait', async () => {
      return (await waitingStatements(host.databaseUrl)).length === 3;
    });
    await raw.query('COMMIT');
    const answers = await Promise.all(redeeming);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(2);
    expect(await sessions(host)).toHaveLength(2);
  });

  it('makes one account of two browsers that press at once', async () => {
    const host = await start();
    const email = newEmail();
    const token = await askForLink(host, host.browser(), email);
    await Promise.all([redeem(host.browser(), token), redeem(host.browser(), token)]);
    expect(await host.sql('SELECT 1 FROM users WHERE email = $1', [email])).toHaveLength(1);
  });

  it('ends with the next one to the same address, also from another browser', async () => {
    const host = await start();
    const email = newEmail();
    const browser = host.browser();
    const first = await askForLink(host, browser, email);
    const second = await askForLink(host, host.browser(), email.toUpperCase().toLowerCase());
    expect(await redeem(browser, first)).toMatchObject(refused);
    expect((await redeem(browser, second)).status).toBe(200);
    expect(await redeem(browser, second)).toMatchObject(refused);
  });

  it('leaves those to other addresses alone', async () => {
    const host = await start();
    const browser = host.browser();
    const first = await askForLink(host, browser, newEmail());
    const second = await askForLink(host, browser, newEmail());
    expect((await redeem(browser, first)).status).toBe(200);
    expect((await redeem(browser, second)).status).toBe(200);
  });

  it('ends after its time', async () => {
    const host = await start();
    const token = await askForLink(host, host.browser(), newEmail());
    const [row] = await host.sql<{ ms: number }>(
      'SELECT extract(epoch FROM expires_at - now()) * 1000 AS ms FROM auth_flows',
    );
    expect(Number(row!.ms)).toBeGreaterThan(500_000);
    expect(Number(row!.ms)).toBeLessThanOrEqual(600_000);
    await host.sql("UPDATE auth_flows SET expires_at = now() - interval '1 ms'");
    expect(await redeem(host.browser(), token)).toMatchObject(refused);
  });

  it('is in the database as a hash only, and for its purpose only', async () => {
    const host = await start();
    const email = newEmail();
    const token = await askForLink(host, host.browser(), email);
    const [flow] = await host.sql('SELECT * FROM auth_flows');
    expect(JSON.stringify(flow)).not.toContain(token);
    expect(flow).toMatchObject({ purpose: 'magic-link', email });
    await host.sql("UPDATE auth_flows SET purpose = 'reset-password'");
    expect(await redeem(host.browser(), token)).toMatchObject(refused);
  });

  it.each([
    ['empty', () => ''],
    ['of another length', (token: string) => token.slice(1)],
    ['longer', (token: string) => `${token}A`],
    ['of other letters', (token: string) => `${token.slice(0, -1)}.`],
    ['changed in one letter', (token: string) => (token[0] === 'A' ? 'B' : 'A') + token.slice(1)],
    ['made up', () => randomBytes(32).toString('base64url')],
    ['with a NUL', (token: string) => `${token}\0`],
    ['encoded once more', (token: string) => `%41${token.slice(1)}`],
  ])('is no other one: %s', async (_, change) => {
    const host = await start();
    const token = await askForLink(host, host.browser(), newEmail());
    const answer = await redeem(host.browser(), change(token));
    expect(answer).toMatchObject(refused);
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await sessions(host)).toEqual([]);
  });

  it('is no bearer token, and a bearer token is no link', async () => {
    const host = await start();
    const token = await askForLink(host, host.browser(), newEmail());
    const asBearer = { headers: { authorization: `Bearer ${token}` } };
    expect((await host.browser().get('/access/session', asBearer)).status).toBe(401);
    const guest = await host.browser().post('/auth/anonymous');
    expect(await redeem(host.browser(), guest.body.token)).toMatchObject(refused);
  });

  it('works with a secret that has been put second', async () => {
    const host = await start();
    const token = await askForLink(host, host.browser(), newEmail());
    const { SECRET } = await import('../support/test-app.js');
    const after = await startBeside(host, {
      extras: { mailer: Mailbox },
      options: {
        secret: undefined,
        secrets: ['another secret that is long enough to sign with', SECRET],
      },
    });
    expect((await redeem(after.browser(), token)).status).toBe(200);
  });
});
