import { askForCode, typeCode } from '../support/codes.js';
import { refusal } from '../support/expectations.js';
import { addNotes, NO_RETRY, notesOf } from '../support/links.js';
import { startMailApp } from '../support/mailbox.js';
import { bearer, newAccount, newGuest } from '../support/people.js';
import { closeApps } from '../support/running-apps.js';
import type { TestApp } from '../support/test-app.js';

afterEach(closeApps);

const start = () => startMailApp({ options: { linking: NO_RETRY } });
const email = 'victim@example.com';
const password = 'the password of whoever came first';
const isVerified = async (host: TestApp, userId: string) => {
  const [user] = await host.sql<{ email_verified: boolean }>(
    'SELECT email_verified FROM users WHERE id = $1',
    [userId],
  );
  return user!.email_verified;
};

describe('the first proof of an address by a code', () => {
  it('gives the account to the owner, and takes every way in from whoever registered it', async () => {
    const host = await start();
    const squatter = await newAccount(host, { email, password });
    await addNotes(squatter.client, 'left behind');
    const owner = host.browser();
    await addNotes(owner, 'of the owner');
    const { body } = await typeCode(owner, email, await askForCode(host, owner, email));
    expect(body).toMatchObject({
      user: { id: squatter.userId, email, emailVerified: true },
      link: { status: 'merged' },
    });
    for (const client of [squatter.client, bearer(host, squatter.token)]) {
      expect(await client.post('/access/write')).toMatchObject(refusal(401, 'UNAUTHORIZED'));
    }
    expect(await host.browser().post('/auth/sign-in/email', { email, password })).toMatchObject(
      refusal(401, 'INVALID_EMAIL_OR_PASSWORD'),
    );
    expect(await notesOf(host, body.user.id)).toEqual(['left behind', 'of the owner']);
  });

  it('just proves it in the browser that holds the session of the account', async () => {
    const host = await start();
    const account = await newAccount(host, { email, password });
    const code = await askForCode(host, account.client, email);
    expect((await typeCode(account.client, email, code)).body.user.emailVerified).toBe(true);
    const { status } = await host.browser().post('/auth/sign-in/email', { email, password });
    expect(status).toBe(200);
  });

  it('proves nothing of another account than the one that is asked about', async () => {
    const host = await start();
    const attacker = await newAccount(host, { email: 'attacker@example.com', password });
    // Asked for from the attacker's own session, typed by the victim.
    const code = await askForCode(host, attacker.client, email);
    const victim = host.browser();
    const { body } = await typeCode(victim, email, code);
    expect(body.user.id).not.toBe(attacker.userId);
    expect(await isVerified(host, attacker.userId)).toBe(false);
    expect((await attacker.client.get('/access/account')).body.userId).toBe(attacker.userId);
  });

  it('opens nothing that an attacker has registered while the code was on its way', async () => {
    const host = await start();
    const victim = host.browser();
    const code = await askForCode(host, victim, email);
    const guest = await newGuest(host);
    const upgraded = await guest.client.post('/auth/anonymous/upgrade', { email, password });
    const { body } = await typeCode(victim, email, code);
    expect(body.user).toMatchObject({ id: guest.userId, emailVerified: true });
    for (const token of [guest.token, upgraded.body.token]) {
      expect(await bearer(host, token).get('/access/session')).toMatchObject({ status: 401 });
    }
    const { status } = await host.browser().post('/auth/sign-in/email', { email, password });
    expect(status).toBe(401);
  });

  it('comes too late with a code from before another proof', async () => {
    const host = await start();
    await newAccount(host, { email, password });
    const phone = host.browser();
    const pending = await askForCode(host, phone, email);
    await host.sql('DELETE FROM sessions');
    await host.sql('UPDATE users SET epoch = epoch + 1');
    expect(await typeCode(phone, email, pending)).toMatchObject(refusal(400, 'INVALID_OR_EXPIRED'));
  });
});
