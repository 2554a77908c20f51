import { canSignIn, isAlive, makeEmail, waysIn } from '../support/addresses.js';
import { guestWithNotes, NO_RETRY, notesOf } from '../support/links.js';
import {
  askForVerification,
  Mailbox,
  mailboxOf,
  mailedToken,
  newAccountWithMail,
  redeem,
  askForLink,
  verify,
} from '../support/mailbox.js';
import { refusal } from '../support/expectations.js';
import { bearer, newAccount, newGuest } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

const password = 'correct horse battery';

describe.each(['express', 'fastify'] as const)('an address that may be proven on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({
      adapter,
      extras: { mailer: Mailbox },
      options: { linking: NO_RETRY },
    });
  });
  afterAll(() => host.close());

  it('is proven by the mail that follows a sign-up, in the browser that signed up', async () => {
    const client = host.browser();
    const email = makeEmail();
    const token = await mailedToken(host, email, 'verify-email', () =>
      client.post('/auth/sign-up/email', { email, password, name: 'Ada' }),
    );
    const { status, body } = await verify(client, token);
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        status: true,
        token: expect.any(String),
        user: { email, name: 'Ada', emailVerified: true },
        session: { userId: body.user.id },
        link: null,
        redirect: false,
      },
    });
    expect(await waysIn(host, body.user.id)).toEqual({
      email_verified: true,
      epoch: 0,
      providers: ['email', 'password'],
    });
    expect((await client.get('/auth/get-session')).body.user.emailVerified).toBe(true);
  });

  it('is proven by the mail that follows an upgrade, with the id and the rows of the guest', async () => {
    const guest = await guestWithNotes(host, 'mine');
    const email = makeEmail();
    const token = await mailedToken(host, email, 'verify-email', async () => {
      host.statements.length = 0;
      const { body } = await guest.client.post('/auth/anonymous/upgrade', { email, password });
      expect(host.statements.length).toBeLessThanOrEqual(6);
      expect(body.user).toMatchObject({ id: guest.userId, emailVerified: false });
    });
    expect((await verify(guest.client, token)).body.user.id).toBe(guest.userId);
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
  });

  it('keeps nobody from signing up when the mail cannot be written', async () => {
    const mailbox = mailboxOf(host);
    const send = mailbox.send.bind(mailbox);
    mailbox.send = () => Promise.reject(new Error('no mail today'));
    const { status } = await host
      .browser()
      .post('/auth/sign-up/email', { email: makeEmail(), password });
    mailbox.send = send;
    expect(status).toBe(200);
  });

  it('ends no other session of the account, and no password, from its own browser', async () => {
    const account = await newAccount(host);
    const phone = host.browser();
    await phone.post('/auth/sign-in/email', { email: account.email, password: account.password });
    const token = await askForVerification(host, account.client, account.email);
    expect((await verify(account.client, token)).status).toBe(200);
    expect(await isAlive({ client: phone })).toBe(true);
    expect(await canSignIn(host, account)).toBe(true);
  });

  it('takes every older way in from the account when it is proven elsewhere', async () => {
    const account = await newAccount(host);
    const { client, token: old } = account;
    const elsewhere = host.browser();
    const token = await askForVerification(host, client, account.email);
    expect((await verify(elsewhere, token)).body.user).toMatchObject({ id: account.userId });
    expect(await isAlive(account)).toBe(false);
    expect((await bearer(host, old).get('/access/session')).status).toBe(401);
    expect(await canSignIn(host, account)).toBe(false);
    expect(await waysIn(host, account.userId)).toEqual({
      email_verified: true,
      epoch: 1,
      providers: ['email'],
    });
  });

  it('brings the guest of the browser that asked along', async () => {
    const account = await newAccount(host);
    const guest = await guestWithNotes(host, 'mine');
    const token = await askForVerification(host, guest.client, account.email);
    const { body } = await verify(guest.client, token, { password: account.password });
    expect(body).toMatchObject({ user: { id: account.userId }, link: { status: 'merged' } });
    expect(await notesOf(host, account.userId)).toEqual(['mine']);
    expect(await isAlive(account)).toBe(true);
  });

  it('leaves a guest elsewhere alone until both sides agree', async () => {
    const account = await newAccount(host);
    const guest = await guestWithNotes(host, 'private');
    const token = await askForVerification(host, account.client, account.email);
    const { body } = await verify(guest.client, token);
    expect(body.user.id).toBe(account.userId);
    expect(body.link).toMatchObject({ status: 'awaiting-consent', policy: 'both-sides' });
    expect(await notesOf(host, guest.userId)).toEqual(['private']);
  });

  it('tells nobody which addresses wait for it', async () => {
    const unproven = await newAccountWithMail(host);
    const proven = await newAccountWithMail(host);
    await redeem(proven.client, await askForLink(host, proven.client, proven.email));
    const before = mailboxOf(host).letters.length;
    const ask = async (email: string) => {
      host.statements.length = 0;
      const { status, text, headers } = await host
        .browser()
        .post('/auth/send-verification-email', { email });
      const names = [...headers.keys()].filter((name) => name !== 'date');
      const statements = host.statements.map((statement) => statement.replaceAll(/\s+/g, ' '));
      return { status, text, names, statements };
    };
    const expected = await ask(makeEmail());
    expect(expected).toMatchObject({ status: 200, text: '{"status":true}' });
    expect(await ask(proven.email)).toEqual(expected);
    expect(await ask(unproven.email)).toEqual(expected);
    const mailed = mailboxOf(host).letters.slice(before);
    expect(mailed.map(({ to }) => to)).toEqual([unproven.email]);
  });

  it('is not proven for an account that changed since the mail', async () => {
    const account = await newAccount(host);
    const token = await askForVerification(host, account.client, account.email);
    await host.sql('UPDATE users SET epoch = epoch + 1 WHERE id = $1', [account.userId]);
    await host.sql('DELETE FROM sessions WHERE user_id = $1', [account.userId]);
    expect(await verify(host.browser(), token)).toMatchObject(refusal(400, 'INVALID_OR_EXPIRED'));
    expect((await waysIn(host, account.userId)).email_verified).toBe(false);
  });

  it('is one that is checked strictly', async () => {
    for (const email of ['a@x.example,b@y.example', 'a@x.example\r\nBcc: v@y.example', 'a', 7]) {
      expect(await host.browser().post('/auth/send-verification-email', { email })).toMatchObject({
        status: 400,
        body: { code: 'VALIDATION_FAILED', errors: [{ field: 'email' }] },
      });
    }
  });
});

describe('an app without mail', () => {
  it('has no routes that send it, and signs up as ever', async () => {
    const host = await createTestApp();
    const { client, email } = await newAccount(host);
    expect(await client.post('/auth/send-verification-email', { email })).toMatchObject({
      status: 404,
    });
    expect(await client.post('/auth/change-email', { newEmail: makeEmail() })).toMatchObject({
      status: 404,
    });
    expect(await client.get('/auth/verify-email?token=x')).toMatchObject({ status: 404 });
    expect((await newGuest(host)).client.cookies.get('__Host-session.flow')).toBeUndefined();
    expect(client.cookies.get('__Host-session.flow')).toBeUndefined();
    await host.close();
  });
});
