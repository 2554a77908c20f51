import { addressOf, askForChange, makeEmail } from '../support/addresses.js';
import { refusal } from '../support/expectations.js';
import { NO_RETRY } from '../support/links.js';
import { Mailbox, verify } from '../support/mailbox.js';
import { newAccount } from '../support/people.js';
import { closeRawConnections, RawConnection } from '../support/raw-connection.js';
import { closeApps, startApp, startBeside } from '../support/running-apps.js';

afterEach(async () => {
  await closeRawConnections();
  await closeApps();
});

const settings = { extras: { mailer: Mailbox }, options: { linking: NO_RETRY } };

describe('changes of address that meet', () => {
  it('are done once, over two instances and for twenty at the same time', async () => {
    const host = await startApp(settings);
    const beside = await startBeside(host, settings);
    const account = await newAccount(host);
    const token = await askForChange(host, account.client, makeEmail());
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => verify((n % 2 ? host : beside).browser(), token)),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const answer of answers.filter(({ status }) => status !== 200)) {
      expect(answer).toMatchObject(refusal(400, 'INVALID_OR_EXPIRED'));
    }
    const [user] = await host.sql<{ epoch: number }>('SELECT epoch FROM users');
    expect(user!.epoch).toBe(1);
  });

  it('swap the addresses of two accounts that never proved them, or wait for each other, but never hang', async () => {
    const host = await startApp(settings);
    const [one, two] = [await newAccount(host), await newAccount(host)];
    const tokens = [
      await askForChange(host, one.client, two.email),
      await askForChange(host, two.client, one.email),
    ];
    const answers = await Promise.all([
      verify(one.client, tokens[0]!),
      verify(two.client, tokens[1]!),
    ]);
    const won = answers.filter(({ status }) => status === 200);
    expect(won.length).toBeGreaterThan(0);
    expect(answers.filter(({ status }) => ![200, 400, 409].includes(status))).toEqual([]);
    const addresses = [
      (await addressOf(host, one.userId)).email,
      (await addressOf(host, two.userId)).email,
    ];
    expect(addresses).toEqual([
      answers[0].status === 200 ? two.email : null,
      answers[1].status === 200 ? one.email : null,
    ]);
  });

  it('give way to a proof that commits while the change waits', async () => {
    const host = await startApp(settings);
    const [account, rival] = [await newAccount(host), await newAccount(host)];
    const token = await askForChange(host, account.client, rival.email);
    const proving = await RawConnection.open(host.databaseUrl);
    await proving.query('BEGIN');
    await proving.query('UPDATE users SET email_verified = true WHERE id = $1', [rival.userId]);
    const late = verify(account.client, token);
    await proving.blocks();
    await proving.query(
      `INSERT INTO identities (id, user_id, provider, issuer, subject) VALUES (gen_random_uuid(), $1, 'email', 'local', $2)`,
      [rival.userId, rival.email],
    );
    await proving.query('COMMIT');
    expect(await late).toMatchObject(refusal(409, 'EMAIL_TAKEN'));
    expect((await addressOf(host, account.userId)).email).toBe(account.email);
    expect((await addressOf(host, rival.userId)).email).toBe(rival.email);
  });

  it('come too late for an account that changed while the change waited', async () => {
    const host = await startApp(settings);
    const account = await newAccount(host);
    const token = await askForChange(host, account.client, makeEmail());
    const resetting = await RawConnection.open(host.databaseUrl);
    await resetting.query('BEGIN');
    await resetting.query('UPDATE users SET epoch = epoch + 1 WHERE id = $1', [account.userId]);
    await resetting.query('DELETE FROM sessions WHERE user_id = $1', [account.userId]);
    const late = verify(host.browser(), token);
    await resetting.blocks();
    await resetting.query('COMMIT');
    expect(await late).toMatchObject(refusal(400, 'INVALID_OR_EXPIRED'));
    expect((await addressOf(host, account.userId)).email).toBe(account.email);
  });

  it('begin no session for a browser whose session ends while the change waits', async () => {
    const host = await startApp(settings);
    const account = await newAccount(host);
    const token = await askForChange(host, account.client, makeEmail());
    const ending = await RawConnection.open(host.databaseUrl);
    await ending.query('BEGIN');
    await ending.query('SELECT 1 FROM users WHERE id = $1 FOR UPDATE', [account.userId]);
    await ending.query('DELETE FROM sessions WHERE user_id = $1', [account.userId]);
    const late = verify(account.client, token);
    await ending.blocks();
    await ending.query('COMMIT');
    expect(await late).toMatchObject(refusal(401, 'UNAUTHORIZED'));
    expect((await addressOf(host, account.userId)).email).toBe(account.email);
    // Nothing has happened, so the link works for whoever is nobody now.
    expect((await verify(account.client, token)).body).toMatchObject({ token: null });
  });

  it('wait for nobody longer than two seconds', async () => {
    const host = await startApp(settings);
    const account = await newAccount(host);
    const token = await askForChange(host, account.client, makeEmail());
    const holding = await RawConnection.open(host.databaseUrl);
    await holding.query('BEGIN');
    await holding.query('SELECT 1 FROM users WHERE id = $1 FOR UPDATE', [account.userId]);
    expect(await verify(host.browser(), token)).toMatchObject(
      refusal(503, 'TEMPORARILY_UNAVAILABLE'),
    );
    await holding.query('COMMIT');
    expect((await verify(host.browser(), token)).status).toBe(200);
  });
});
