import { randomUUID } from 'node:crypto';
import {
  addNotes,
  guestWithNotes,
  ledgerOf,
  NO_RETRY,
  notesOf,
  userExists,
} from '../support/links.js';
import { askForLink, pressButton, redeem, startMailApp } from '../support/mailbox.js';
import { newAccount } from '../support/people.js';
import { closeApps } from '../support/running-apps.js';
import type { TestApp } from '../support/test-app.js';

afterAll(closeApps);

const newEmail = () => `${randomUUID()}@example.com`;
const identities = (host: TestApp, userId: string) =>
  host.sql(
    'SELECT provider, issuer, subject FROM identities WHERE user_id = $1 ORDER BY provider',
    [userId],
  );

describe.each(['express', 'fastify'] as const)('a magic link on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await startMailApp({ adapter, options: { linking: NO_RETRY } });
  });

  it('makes an account of somebody new, with a proven address', async () => {
    const browser = host.browser();
    const email = newEmail();
    const token = await askForLink(host, browser, email, { name: 'Ada' });
    const { status, body } = await redeem(browser, token);
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        token: expect.any(String),
        user: { email, name: 'Ada', emailVerified: true, isAnonymous: false },
        session: { userId: body.user.id },
        link: null,
        redirect: false,
      },
    });
    expect(await identities(host, body.user.id)).toEqual([
      { provider: 'email', issuer: 'local', subject: email },
    ]);
    expect((await browser.get('/access/account')).body).toMatchObject({ userId: body.user.id });
  });

  it('takes what the client says for a mail of its own, and takes nothing from it', async () => {
    const browser = host.browser();
    const email = newEmail();
    const nested = JSON.parse('{"a":'.repeat(500) + '1' + '}'.repeat(500));
    const token = await askForLink(host, browser, email, { metadata: { name: 'Eve', nested } });
    expect((await redeem(browser, token)).body.user).toMatchObject({ email, name: null });
    for (const metadata of [['x'], 'x', 1]) {
      const { status, body } = await browser.post('/auth/sign-in/magic-link', { email, metadata });
      expect({ status, code: body.code }).toEqual({ status: 400, code: 'VALIDATION_FAILED' });
    }
  });

  it('makes a guest an account with the same id and rows, in the browser that asked', async () => {
    const guest = await guestWithNotes(host, 'mine');
    const email = newEmail();
    const token = await askForLink(host, guest.client, email);
    const { body } = await redeem(guest.client, token);
    expect(body).toMatchObject({
      user: { id: guest.userId, email, emailVerified: true, isAnonymous: false },
      link: null,
    });
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
  });

  it('merges a guest into the account, and keeps the account as it is', async () => {
    const account = await newAccount(host);
    await redeem(account.client, await askForLink(host, account.client, account.email));
    const guest = await guestWithNotes(host, 'mine');
    const token = await askForLink(host, guest.client, account.email);
    const { body } = await redeem(guest.client, token);
    expect(body).toMatchObject({
      user: { id: account.userId, emailVerified: true },
      link: { status: 'merged', policy: 'merge', receipt: { tables: { note: { moved: 1 } } } },
    });
    expect(await notesOf(host, account.userId)).toEqual(['mine']);
    expect(await userExists(host, guest.userId)).toBe(false);
    const { email, password } = account;
    const { status } = await host.browser().post('/auth/sign-in/email', { email, password });
    expect(status).toBe(200);
  });

  it('knows the browser that asked when its session cookie is lost on the way', async () => {
    const guest = await guestWithNotes(host, 'mine');
    const email = newEmail();
    const token = await askForLink(host, guest.client, email);
    const { cookies } = guest.client;
    const flow = cookies.get('__Host-session.flow')!;
    cookies.clear();
    cookies.set('__Host-session.flow', flow);
    const { body } = await redeem(guest.client, token);
    expect(body.user).toMatchObject({ id: guest.userId, email, isAnonymous: false });
  });

  it('brings along a guest that came after the link was asked for, in the same browser', async () => {
    const browser = host.browser();
    const email = newEmail();
    const token = await askForLink(host, browser, email);
    await addNotes(browser, 'later');
    const { body } = await redeem(browser, token);
    expect(await notesOf(host, body.user.id)).toEqual(['later']);
  });

  it('takes the word of a client without cookies that is the same guest before and after', async () => {
    const guest = await guestWithNotes(host, 'mine');
    const client = host.browser();
    client.defaults.authorization = `Bearer ${guest.token}`;
    const token = await askForLink(host, client, newEmail());
    client.cookies.clear();
    expect((await redeem(client, token)).body.user.id).toBe(guest.userId);
  });

  it('asks the policy of links', async () => {
    const host = await startMailApp({
      adapter,
      options: { linking: { ...NO_RETRY, policy: 'refuse' } },
    });
    const account = await newAccount(host);
    const guest = await guestWithNotes(host, 'mine');
    const token = await askForLink(host, guest.client, account.email);
    expect(await redeem(guest.client, token)).toMatchObject({
      status: 409,
      body: { code: 'LINK_REFUSED' },
    });
    expect(await ledgerOf(host, guest.userId)).toEqual([]);
    // Nothing has happened, so the link is as good as before.
    await guest.client.post('/auth/sign-out', {});
    expect((await redeem(guest.client, token)).status).toBe(200);
  });

  it('says the same of a known and an unknown address', async () => {
    const account = await newAccount(host);
    const ask = async (email: string) => {
      const { status, text, headers } = await host
        .browser()
        .post('/auth/sign-in/magic-link', { email });
      const names = [...headers.keys()].filter((name) => name !== 'date');
      return { status, text, names };
    };
    expect(await ask(account.email)).toEqual(await ask(newEmail()));
  });

  it('leads the page behind it back to the app, signed in', async () => {
    const guest = await guestWithNotes(host, 'mine');
    const token = await askForLink(host, guest.client, newEmail());
    const answer = await pressButton(guest.client, token);
    expect({ status: answer.status, to: answer.headers.get('location') }).toEqual({
      status: 303,
      to: '/',
    });
    expect((await guest.client.get('/access/account')).body.userId).toBe(guest.userId);
  });
});
