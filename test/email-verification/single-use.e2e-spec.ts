import { randomUUID } from 'node:crypto';
import { Barrier } from '../support/barrier.js';
import { refusal } from '../support/expectations.js';
import { guestWithNotes, NO_RETRY, notesOf } from '../support/links.js';
import { Mailbox, mailedToken, redeem, askForLink, verify } from '../support/mailbox.js';
import { MeetingHashing } from '../support/meeting-hashing.js';
import { closeApps, startApp, startBeside } from '../support/running-apps.js';
import { SECRET, type TestApp, type TestAppSettings } from '../support/test-app.js';

afterEach(closeApps);

const password = 'correct horse battery';
const newEmail = () => `${randomUUID()}@example.com`;
const settings = (more: TestAppSettings['options'] = {}): TestAppSettings => ({
  extras: { mailer: Mailbox },
  options: { linking: NO_RETRY, emailVerification: 'required', ...more },
});

function signedUp(host: TestApp, client = host.browser(), email = newEmail()): Promise<string> {
  return mailedToken(host, email, 'verify-email', () =>
    client.post('/auth/sign-up/email', { email, password }),
  );
}

describe('a sign-up that waits for its proof', () => {
  it('ends once, over two instances and for twenty at the same time', async () => {
    const host = await startApp(settings());
    const beside = await startBeside(host, settings());
    const guest = await guestWithNotes(host, 'mine');
    const token = await signedUp(host, guest.client);
    const besides = beside.browser();
    guest.client.cookies.copyTo(besides.cookies);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => verify(n % 2 ? guest.client : besides, token)),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const answer of answers.filter(({ status }) => status !== 200)) {
      expect(answer).toMatchObject(refusal(400, 'INVALID_OR_EXPIRED'));
    }
    expect(await host.sql('SELECT 1 FROM sessions')).toHaveLength(1);
    expect(await host.sql('SELECT id FROM users')).toEqual([{ id: guest.userId }]);
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
  });

  it('ends after its time, which the option says', async () => {
    const host = await startApp(settings({ emailVerificationLink: { expiresIn: '30m' } }));
    const token = await signedUp(host);
    const [row] = await host.sql<{ ms: number }>(
      'SELECT extract(epoch FROM expires_at - now()) * 1000 AS ms FROM auth_flows',
    );
    expect(Number(row!.ms)).toBeGreaterThan(1_700_000);
    expect(Number(row!.ms)).toBeLessThanOrEqual(1_800_000);
    await host.sql("UPDATE auth_flows SET expires_at = now() - interval '1 ms'");
    expect(await verify(host.browser(), token)).toMatchObject(refusal(400, 'INVALID_OR_EXPIRED'));
  });

  it('is for its purpose only, and works with a secret that has been put second', async () => {
    const host = await startApp(settings());
    const token = await signedUp(host);
    expect(await redeem(host.browser(), token)).toMatchObject(refusal(400, 'INVALID_OR_EXPIRED'));
    const link = await askForLink(host, host.browser(), newEmail());
    expect(await verify(host.browser(), link)).toMatchObject(refusal(400, 'INVALID_OR_EXPIRED'));
    const secrets = ['another secret that is long enough to sign with', SECRET];
    const after = await startBeside(host, settings({ secret: undefined, secrets }));
    expect((await verify(after.browser(), token)).status).toBe(200);
  });

  it('gives the address to one of two browsers whose sign-up and magic link end at once', async () => {
    const host = await startApp(settings());
    const email = newEmail();
    const guest = await guestWithNotes(host, 'mine');
    const token = await signedUp(host, guest.client, email);
    const phone = host.browser();
    const link = await askForLink(host, phone, email);
    const [verified, linked] = await Promise.all([
      verify(guest.client, token),
      redeem(phone, link),
    ]);
    expect([verified.status, linked.status]).toEqual([200, 200]);
    expect(verified.body.user.id).toBe(linked.body.user.id);
    expect(await host.sql('SELECT 1 FROM users WHERE email = $1', [email])).toHaveLength(1);
    expect(await notesOf(host, verified.body.user.id)).toEqual(['mine']);
  });

  it('takes no password that stops being that of the account while it is looked at', async () => {
    const hashing = new MeetingHashing();
    const options = { emailVerification: 'optional', password: { hash: hashing } } as const;
    const host = await startApp(settings(options));
    const client = host.browser();
    const email = newEmail();
    const token = await mailedToken(host, email, 'verify-email', () =>
      client.post('/auth/sign-up/email', { email, password }),
    );
    hashing.checking = new Barrier();
    const { checking } = hashing;
    const phone = host.browser();
    const late = verify(phone, token, { password });
    await checking.reached();
    hashing.checking = undefined;
    const changed = await client.post('/auth/change-password', {
      currentPassword: password,
      newPassword: 'a newer password',
    });
    expect(changed.status).toBe(200);
    checking.open();
    expect(await late).toMatchObject(refusal(400, 'INVALID_OR_EXPIRED'));
    expect((await client.get('/access/account')).status).toBe(200);
    expect((await verify(phone, token, { password: 'a newer password' })).status).toBe(200);
    expect((await client.get('/access/account')).status).toBe(200);
  });
});
