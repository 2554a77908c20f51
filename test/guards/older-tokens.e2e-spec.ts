import { randomUUID } from 'node:crypto';
import { provenByCode } from '../support/addresses.js';
import { expectCleanDatabase } from '../support/checker.js';
import { askForCode, typeCode } from '../support/codes.js';
import { refusal } from '../support/expectations.js';
import type { HttpAnswer, HttpClient } from '../support/http-client.js';
import { guestWithNotes, NO_RETRY, signIn } from '../support/links.js';
import {
  askForLink,
  askForVerification,
  Mailbox,
  mailedToken,
  redeem,
  verify,
} from '../support/mailbox.js';
import { anotherBrowser, bearer, newAccount, newGuest } from '../support/people.js';
import { askForReset, newPassword, reset } from '../support/resets.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

/** Something after which every older token of somebody is worth nothing. */
interface Event {
  /** The tokens from before. */
  readonly tokens: readonly string[];
  readonly happen: () => Promise<HttpAnswer>;
}

const own = (client: HttpClient, path: string, body: object) => client.post(path, body);

const EVENTS: Record<string, (host: TestApp) => Promise<Event>> = {
  'a new password by mail': async (host) => {
    const account = await provenByCode(host);
    const other = await anotherBrowser(host, account);
    const link = await askForReset(host, host.browser(), account.email);
    return {
      tokens: [account.token, other.token],
      happen: () => reset(host.browser(), link),
    };
  },
  'a new password that signs others out': async (host) => {
    const account = await provenByCode(host);
    const other = await anotherBrowser(host, account);
    return {
      tokens: [account.token, other.token],
      happen: () =>
        own(account.client, '/auth/change-password', {
          currentPassword: account.password,
          newPassword,
          revokeOtherSessions: true,
        }),
    };
  },
  'the first proof of the address elsewhere': async (host) => {
    const account = await newAccount(host);
    const phone = host.browser();
    const link = await askForLink(host, phone, account.email);
    return { tokens: [account.token], happen: () => redeem(phone, link) };
  },
  'a change of the address': async (host) => {
    const account = await provenByCode(host);
    const other = await anotherBrowser(host, account);
    const newEmail = `${randomUUID()}@example.com`;
    const link = await mailedToken(host, newEmail, 'verify-email', () =>
      own(account.client, '/auth/change-email', { newEmail }),
    );
    return {
      tokens: [account.token, other.token],
      happen: () => verify(account.client, link),
    };
  },
  'the first proof by a mail to verify it, elsewhere': async (host) => {
    const account = await newAccount(host);
    const link = await askForVerification(host, account.client, account.email);
    return { tokens: [account.token], happen: () => verify(host.browser(), link) };
  },
  'an upgrade': async (host) => {
    const { client, token } = await guestWithNotes(host, 'mine');
    const email = `${randomUUID()}@example.com`;
    return {
      tokens: [token],
      happen: () => own(client, '/auth/anonymous/upgrade', { email, password: newPassword }),
    };
  },
  'an upgrade by a code': async (host) => {
    const { client, token } = await guestWithNotes(host, 'mine');
    const email = `${randomUUID()}@example.com`;
    const code = await askForCode(host, client, email);
    return { tokens: [token], happen: () => typeCode(client, email, code) };
  },
  'a merge': async (host) => {
    const account = await provenByCode(host);
    const guest = await guestWithNotes(host, 'mine');
    return { tokens: [guest.token], happen: () => signIn(guest, account) };
  },
  'a merge by a code': async (host) => {
    const { email } = await provenByCode(host);
    const { client, token } = await guestWithNotes(host, 'mine');
    const code = await askForCode(host, client, email);
    return { tokens: [token], happen: () => typeCode(client, email, code) };
  },
  'the sign-out of a guest': async (host) => {
    const { client, token } = await newGuest(host);
    return { tokens: [token], happen: () => own(client, '/auth/sign-out', {}) };
  },
  'the sign-out of an account': async (host) => {
    const { client, token } = await newAccount(host);
    return { tokens: [token], happen: () => own(client, '/auth/sign-out', {}) };
  },
  'the deletion of a guest': async (host) => {
    const { client, token } = await newGuest(host);
    return { tokens: [token], happen: () => own(client, '/auth/delete-anonymous-user', {}) };
  },
  'the deletion of an account': async (host) => {
    const account = await newAccount(host);
    const other = await anotherBrowser(host, account);
    return {
      tokens: [account.token, other.token],
      happen: () => own(account.client, '/auth/delete-user', { password: account.password }),
    };
  },
};

describe('no older token lives on', () => {
  let host: TestApp;
  let second: TestApp;
  beforeAll(async () => {
    const settings = { extras: { mailer: Mailbox }, options: { linking: NO_RETRY } };
    host = await createTestApp(settings);
    second = await createTestApp({ ...settings, databaseUrl: host.databaseUrl });
  });
  afterEach(() => expectCleanDatabase(host.databaseUrl));
  afterAll(async () => {
    await second.close();
    await host.close();
  });

  it.each(Object.keys(EVENTS))('after %s, with twenty requests beside it', async (name) => {
    const { tokens, happen } = await EVENTS[name]!(host);
    const use = (n: number) =>
      bearer(n % 2 ? host : second, tokens[n % tokens.length]!).post('/access/write');
    const before = await Promise.all(tokens.map((_, n) => use(n)));
    expect(before.map(({ status }) => status)).toEqual(tokens.map(() => 201));
    const rush = Array.from({ length: 20 }, (_, n) => use(n));
    const answer = await happen();
    expect(answer.status).toBe(200);
    const after = await Promise.all(Array.from({ length: 20 }, (_, n) => use(n)));
    for (const late of after) expect(late).toMatchObject(refusal(401, 'UNAUTHORIZED'));
    for (const { status } of await Promise.all(rush)) expect([201, 401]).toContain(status);
    for (const token of tokens) {
      for (const path of ['/access/session', '/access/guest', '/access/account']) {
        expect(await bearer(second, token).get(path)).toMatchObject({ status: 401 });
      }
      expect((await bearer(second, token).get('/auth/get-session')).text).toBe('null');
    }
  });
});
