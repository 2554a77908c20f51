import { randomUUID } from 'node:crypto';
import { askForCode, otherThan, send, typeCode } from '../support/codes.js';
import { refusal } from '../support/expectations.js';
import {
  addNotes,
  guestWithNotes,
  ledgerOf,
  NO_RETRY,
  notesOf,
  userExists,
} from '../support/links.js';
import { startMailApp } from '../support/mailbox.js';
import { bearer, newAccount, newGuest } from '../support/people.js';
import { closeApps } from '../support/running-apps.js';
import type { TestApp } from '../support/test-app.js';

afterAll(closeApps);

const newEmail = () => `${randomUUID()}@example.com`;

describe.each(['express', 'fastify'] as const)('a mailed code on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await startMailApp({ adapter, options: { linking: NO_RETRY } });
  });

  it('makes an account of somebody new, with a proven address', async () => {
    const browser = host.browser();
    const email = newEmail();
    const code = await askForCode(host, browser, email);
    const image = 'https://example.com/ada.png';
    const { status, body } = await typeCode(browser, email, code, { name: 'Ada', image });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        token: expect.any(String),
        user: { email, name: 'Ada', image, emailVerified: true, isAnonymous: false },
        session: { userId: body.user.id },
        link: null,
        redirect: false,
      },
    });
    const identities = await host.sql(
      'SELECT provider, issuer, subject FROM identities WHERE user_id = $1',
      [body.user.id],
    );
    expect(identities).toEqual([{ provider: 'email', issuer: 'local', subject: email }]);
    expect((await browser.get('/access/account')).body).toMatchObject({ userId: body.user.id });
  });

  it('makes a guest an account with the same id and rows, whose older tokens are dead', async () => {
    const guest = await guestWithNotes(host, 'mine');
    const email = newEmail();
    const code = await askForCode(host, guest.client, email);
    const { body } = await typeCode(guest.client, email, code, { name: '' });
    expect(body).toMatchObject({
      user: { id: guest.userId, email, emailVerified: true, isAnonymous: false },
      link: null,
    });
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
    expect(await bearer(host, guest.token).get('/access/session')).toMatchObject({ status: 401 });
  });

  it('merges a guest into the account, and keeps the account as it is', async () => {
    const account = await newAccount(host);
    await typeCode(
      account.client,
      account.email,
      await askForCode(host, account.client, account.email),
    );
    const guest = await guestWithNotes(host, 'mine');
    const code = await askForCode(host, guest.client, account.email);
    const { body } = await typeCode(guest.client, account.email, code);
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
    const code = await askForCode(host, guest.client, email);
    const { cookies } = guest.client;
    const flow = cookies.get('__Host-session.flow')!;
    cookies.clear();
    cookies.set('__Host-session.flow', flow);
    const { body } = await typeCode(guest.client, email, code);
    expect(body.user).toMatchObject({ id: guest.userId, email, isAnonymous: false });
  });

  it('brings along a guest that came after the code was asked for', async () => {
    const browser = host.browser();
    const email = newEmail();
    const code = await askForCode(host, browser, email);
    await addNotes(browser, 'later');
    const { body } = await typeCode(browser, email, code);
    expect(await notesOf(host, body.user.id)).toEqual(['later']);
  });

  it('takes the word of a client without cookies that is the same guest before and after', async () => {
    const { token, userId } = await guestWithNotes(host, 'mine');
    const client = bearer(host, token);
    const email = newEmail();
    const code = await askForCode(host, client, email);
    client.cookies.clear();
    expect((await typeCode(client, email, code)).body.user.id).toBe(userId);
  });

  it('signs in an account anew, and ends the session that it had', async () => {
    const { client, email, token, userId } = await newAccount(host);
    const { body } = await typeCode(client, email, await askForCode(host, client, email));
    expect(body).toMatchObject({ user: { id: userId }, link: null });
    expect(await bearer(host, token).get('/access/session')).toMatchObject({ status: 401 });
  });

  it('is not used up by a policy that refuses, however often', async () => {
    const host = await startMailApp({
      adapter,
      options: { linking: { ...NO_RETRY, policy: 'refuse' } },
    });
    const { email } = await newAccount(host);
    const guest = await guestWithNotes(host, 'mine');
    const code = await askForCode(host, guest.client, email);
    for (let n = 0; n < 6; n += 1) {
      expect(await typeCode(guest.client, email, code)).toMatchObject(refusal(409, 'LINK_REFUSED'));
    }
    expect(await ledgerOf(host, guest.userId)).toEqual([]);
    await guest.client.post('/auth/sign-out', {});
    expect((await typeCode(guest.client, email, code)).status).toBe(200);
  });

  it('leads to where the app says, and nowhere else', async () => {
    const browser = host.browser();
    const email = newEmail();
    const code = await askForCode(host, browser, email);
    for (const callbackURL of ['https://evil.example/', '//evil.example', 'javascript:x']) {
      expect(await typeCode(browser, email, code, { callbackURL })).toMatchObject(
        refusal(400, 'VALIDATION_FAILED'),
      );
    }
    const targets = { callbackURL: '/dogs', newUserCallbackURL: '/welcome', rememberMe: false };
    const answer = await typeCode(browser, email, code, targets);
    expect(answer.body).toMatchObject({ redirect: true, url: '/welcome' });
    const session = answer.headers
      .getSetCookie()
      .find((line) => line.startsWith('__Host-session='));
    expect(session).not.toMatch(/max-age/i);
  });

  it('says the same of a known and an unknown address, asked for and typed', async () => {
    const { email } = await newAccount(host);
    const outside = async (address: string) => {
      const browser = host.browser();
      host.statements.length = 0;
      const asked = await send(browser, address);
      const wrong = await typeCode(browser, address, '000000x');
      return [
        host.statements.map((sql) => sql.replaceAll(/\s+/g, ' ')),
        ...[asked, wrong].map(({ status, text, headers }) => ({
          status,
          text,
          names: [...headers.keys()].filter((name) => name !== 'date'),
        })),
      ];
    };
    expect(await outside(email)).toEqual(await outside(newEmail()));
  });
});

describe('a code that is refused', () => {
  it('leaves the guest as it is', async () => {
    const host = await startMailApp();
    const guest = await newGuest(host);
    const email = newEmail();
    const code = await askForCode(host, guest.client, email);
    const answer = await typeCode(guest.client, email, otherThan(code));
    expect(answer).toMatchObject(refusal(400, 'INVALID_OR_EXPIRED'));
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect((await guest.client.get('/access/guest')).body.userId).toBe(guest.userId);
  });
});
