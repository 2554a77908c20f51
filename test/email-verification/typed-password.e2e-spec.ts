import { canSignIn, isAlive, waysIn } from '../support/addresses.js';
import { NO_RETRY } from '../support/links.js';
import { askForVerification, Mailbox, pressVerify, verify } from '../support/mailbox.js';
import { refusal } from '../support/expectations.js';
import { newAccount } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

describe('a password beside the proof of an address', () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ extras: { mailer: Mailbox }, options: { linking: NO_RETRY } });
  });
  afterAll(() => host.close());

  it('takes nothing from the account when its password is typed beside the link', async () => {
    const account = await newAccount(host);
    const token = await askForVerification(host, account.client, account.email);
    const phone = host.browser();
    const page = await phone.get(`/auth/verify-email/open?token=${token}`);
    expect(page.text).toContain('type="password" name="password"');
    const answer = await pressVerify(phone, token, { password: account.password });
    expect({ status: answer.status, to: answer.headers.get('location') }).toEqual({
      status: 303,
      to: '/',
    });
    expect((await phone.get('/access/account')).body.userId).toBe(account.userId);
    expect(await isAlive(account)).toBe(true);
    expect(await canSignIn(host, account)).toBe(true);
    expect((await waysIn(host, account.userId)).providers).toEqual(['email', 'password']);
  });

  it('asks for no password where it would tell nothing', async () => {
    const account = await newAccount(host);
    const token = await askForVerification(host, account.client, account.email);
    const page = await account.client.get(`/auth/verify-email/open?token=${token}`);
    expect(page.text).not.toContain('type="password"');
    // One that comes all the same, as browsers fill in, is not looked at.
    expect((await verify(account.client, token, { password: 'any' })).status).toBe(200);
    expect(await canSignIn(host, account)).toBe(true);
  });

  it('does nothing with a wrong password, and says so on the page', async () => {
    const account = await newAccount(host);
    const token = await askForVerification(host, account.client, account.email);
    const phone = host.browser();
    const page = await pressVerify(phone, token, { password: 'wrong' });
    expect(page.status).toBe(400);
    expect(page.text).toContain('The password is wrong.');
    expect(page.text).toContain('action="/auth/verify-email"');
    expect(page.headers.getSetCookie()).toEqual([]);
    expect(await verify(phone, token, { password: 'wrong' })).toMatchObject(
      refusal(400, 'INVALID_PASSWORD'),
    );
    expect(await waysIn(host, account.userId)).toMatchObject({ email_verified: false, epoch: 0 });
    expect((await verify(phone, token, { password: account.password })).status).toBe(200);
    expect(await isAlive(account)).toBe(true);
  });

  it('is out of reach after five wrong passwords, also for twenty at once', async () => {
    const account = await newAccount(host);
    const token = await askForVerification(host, account.client, account.email);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        verify(host.browser(), token, { password: `guess ${n}` }),
      ),
    );
    const codes = answers.map(({ body }) => body.code as string).toSorted();
    expect(codes).toEqual([
      ...Array.from({ length: 15 }, () => 'INVALID_OR_EXPIRED'),
      ...Array.from({ length: 5 }, () => 'INVALID_PASSWORD'),
    ]);
    for (const more of [{ password: account.password }, {}]) {
      expect(await verify(host.browser(), token, more)).toMatchObject(
        refusal(400, 'INVALID_OR_EXPIRED'),
      );
    }
    expect(await waysIn(host, account.userId)).toMatchObject({ email_verified: false, epoch: 0 });
  });
});
