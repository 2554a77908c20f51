import { randomUUID } from 'node:crypto';
import { expectCleanDatabase } from '../support/checker.js';
import { askForCode, typeCode } from '../support/codes.js';
import { newCookies, refusal, rowCounts } from '../support/expectations.js';
import { guestWithNotes, NO_RETRY, notesOf, signIn } from '../support/links.js';
import { askForLink, Mailbox, mailboxOf, redeem, startMailApp } from '../support/mailbox.js';
import { anotherBrowser, bearer, newAccount, newSsoAccount } from '../support/people.js';
import { askForReset, letterTo, newPassword, request, reset } from '../support/resets.js';
import { closeApps } from '../support/running-apps.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

afterEach(closeApps);

const newEmail = () => `${randomUUID()}@example.com`;
const refused = refusal(400, 'INVALID_OR_EXPIRED');
const tryWith = async (host: TestApp, email: string, password: string) =>
  (await signIn({ client: host.browser() }, { email, password })).status;

/** An account whose address is proven. */
async function provenAccount(host: TestApp) {
  const account = await newAccount(host);
  const { email, client } = account;
  const { body } = await typeCode(client, email, await askForCode(host, client, email));
  return { ...account, token: String(body.token) };
}

describe.each(['express', 'fastify'] as const)('a new password by mail on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({
      adapter,
      extras: { mailer: Mailbox },
      options: { linking: NO_RETRY },
    });
  });
  afterEach(() => expectCleanDatabase(host.databaseUrl));
  afterAll(() => host.close());

  it('takes the place of the old one, and signs nobody in', async () => {
    const { email, password } = await provenAccount(host);
    const browser = host.browser();
    const token = await askForReset(host, browser, email);
    const answer = await reset(browser, token);
    expect({ status: answer.status, body: answer.body }).toEqual({
      status: 200,
      body: { status: true },
    });
    expect(newCookies(answer)).toEqual([]);
    expect(answer.headers.get('set-auth-token')).toBeNull();
    expect(await browser.get('/access/session')).toMatchObject({ status: 401 });
    expect(await tryWith(host, email, password)).toBe(401);
    expect(await tryWith(host, email, newPassword)).toBe(200);
  });

  it('takes the token from the query too, as clients of better-auth may send it', async () => {
    const { email } = await provenAccount(host);
    const token = await askForReset(host, host.browser(), email);
    const { status } = await host
      .browser()
      .post(`/auth/reset-password?token=${token}`, { newPassword });
    expect(status).toBe(200);
    expect(await tryWith(host, email, newPassword)).toBe(200);
  });

  it('ends every session and everything that is on its way to the address', async () => {
    const account = await provenAccount(host);
    const { email } = account;
    const other = await anotherBrowser(host, account);
    const link = await askForLink(host, other.client, email);
    const code = await askForCode(host, other.client, email);
    const token = await askForReset(host, host.browser(), email);
    expect(await reset(host.browser(), token)).toMatchObject({ status: 200 });
    for (const old of [account.token, other.token]) {
      for (const path of ['/access/account', '/access/session']) {
        expect(await bearer(host, old).get(path)).toMatchObject(refusal(401, 'UNAUTHORIZED'));
      }
      expect(await bearer(host, old).post('/access/write')).toMatchObject({ status: 401 });
      expect((await bearer(host, old).get('/auth/get-session')).text).toBe('null');
    }
    expect(await redeem(other.client, link)).toMatchObject(refused);
    expect(await typeCode(other.client, email, code)).toMatchObject(refused);
    expect(await reset(host.browser(), token)).toMatchObject(refused);
  });

  it('gives an account its first password', async () => {
    const { email, userId } = await newSsoAccount(host);
    const token = await askForReset(host, host.browser(), email);
    expect(await reset(host.browser(), token)).toMatchObject({ status: 200 });
    const { body } = await signIn({ client: host.browser() }, { email, password: newPassword });
    expect(body.user).toMatchObject({ id: userId });
    // The address was proven, so the other way in stays.
    const providers = await host.sql(
      'SELECT provider FROM identities WHERE user_id = $1 ORDER BY 1',
      [userId],
    );
    expect(providers).toEqual([{ provider: 'password' }, { provider: 'sso' }]);
  });

  it('leaves a guest a guest, who brings everything along by signing in', async () => {
    const { email, userId } = await provenAccount(host);
    const guest = await guestWithNotes(host, 'mine');
    const token = await askForReset(host, guest.client, email);
    expect(await reset(guest.client, token)).toMatchObject({ status: 200 });
    expect((await guest.client.get('/access/guest')).body.userId).toBe(guest.userId);
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
    const { body } = await signIn(guest, { email, password: newPassword });
    expect(body).toMatchObject({ user: { id: userId }, link: { status: 'merged' } });
    expect(await notesOf(host, userId)).toEqual(['mine']);
  });

  it('tells the account by mail', async () => {
    const { email } = await provenAccount(host);
    const token = await askForReset(host, host.browser(), email);
    await reset(host.browser(), token);
    const { subject, text, html } = await letterTo(host, email, /was changed/);
    expect(subject).toBe('Your password for app.example was changed');
    expect(`${text}${html}`).not.toMatch(/http/);
  });

  it.each([
    ['too short', 'short'],
    ['blank', ' '.repeat(12)],
    ['one character repeated', 'a'.repeat(12)],
    ['the address', undefined],
    ['empty', ''],
    ['too long', 'x'.repeat(257)],
    ['with a NUL', 'correct horse\0battery'],
    ['half a surrogate pair', 'correct horse \ud800'],
    ['a number', 12_345_678],
    ['null', null],
    ['a list', ['correct horse battery']],
  ])('is refused when it is %s, and uses nothing up', async (_, password) => {
    const account = await provenAccount(host);
    const { email } = account;
    const token = await askForReset(host, host.browser(), email);
    expect(
      await reset(host.browser(), token, password === undefined ? email : password),
    ).toMatchObject({
      status: 400,
      body: { code: 'VALIDATION_FAILED', errors: [{ field: 'newPassword' }] },
    });
    expect(await tryWith(host, email, account.password)).toBe(200);
    expect(await bearer(host, account.token).get('/access/account')).toMatchObject({ status: 200 });
    expect(await reset(host.browser(), token)).toMatchObject({ status: 200 });
  });

  it('is asked for alike by a known and an unknown address, but only one gets mail', async () => {
    const { email } = await provenAccount(host);
    mailboxOf(host).letters.length = 0;
    const ask = async (address: string) => {
      host.statements.length = 0;
      const { status, text, headers } = await request(host.browser(), address, {
        redirectTo: '/new-password',
      });
      const names = [...headers.keys()].filter((name) => name !== 'date');
      return { status, text, names, statements: [...host.statements] };
    };
    const unknown = await ask(newEmail());
    expect(await ask(email)).toEqual(unknown);
    await letterTo(host, email, /^New password/);
    expect(mailboxOf(host).letters.map(({ to }) => to)).toEqual([email]);
  });

  it.each([undefined, '', 'x', '../x', 'x'.repeat(512), "' OR 1=1--", '\0'])(
    'needs a genuine token, not %j',
    async (token) => {
      await provenAccount(host);
      const before = await rowCounts(host);
      expect(await reset(host.browser(), token as string)).toMatchObject(refused);
      expect(await rowCounts(host)).toEqual(before);
    },
  );
});

describe('a link for a new password', () => {
  const start = (options = {}) => startMailApp({ options: { linking: NO_RETRY, ...options } });

  it('ends with the next one, and after its time', async () => {
    const host = await start();
    const { email } = await provenAccount(host);
    const first = await askForReset(host, host.browser(), email);
    const second = await askForReset(host, host.browser(), email);
    expect(await reset(host.browser(), first)).toMatchObject(refused);
    const [row] = await host.sql<{ s: string }>(
      `SELECT extract(epoch FROM expires_at - created_at) AS s FROM auth_flows WHERE purpose = 'reset-password'`,
    );
    expect(Number(row!.s)).toBe(3600);
    await host.sql("UPDATE auth_flows SET expires_at = now() - interval '1 ms'");
    expect(await reset(host.browser(), second)).toMatchObject(refused);
  });

  it('is in the database as a hash only, and for its purpose only', async () => {
    const host = await start();
    const { email } = await provenAccount(host);
    const token = await askForReset(host, host.browser(), email);
    const link = await askForLink(host, host.browser(), email);
    expect(JSON.stringify(await host.sql('SELECT * FROM auth_flows'))).not.toContain(token);
    expect(await redeem(host.browser(), token)).toMatchObject(refused);
    expect(await reset(host.browser(), link)).toMatchObject(refused);
    expect(await bearer(host, token).get('/access/session')).toMatchObject({ status: 401 });
  });

  it('of an account whose epoch has changed is worth nothing', async () => {
    const host = await start();
    const account = await provenAccount(host);
    const token = await askForReset(host, host.browser(), account.email);
    await account.client.post('/auth/change-password', {
      currentPassword: account.password,
      newPassword: 'chosen by the owner',
      revokeOtherSessions: true,
    });
    expect(await reset(host.browser(), token)).toMatchObject(refused);
    expect(await tryWith(host, account.email, 'chosen by the owner')).toBe(200);
  });

  it('is worth nothing once the account is gone, also to one that is made with the address', async () => {
    const host = await start();
    const { email, client, password } = await provenAccount(host);
    const token = await askForReset(host, host.browser(), email);
    expect(await client.post('/auth/delete-user', { password })).toMatchObject({ status: 200 });
    await newAccount(host, { email, password: 'of another person' });
    expect(await reset(host.browser(), token)).toMatchObject(refused);
    expect(await tryWith(host, email, 'of another person')).toBe(200);
  });

  it.each(['61m', '0s'] as const)('lives for no %s', async (expiresIn) => {
    await expect(start({ passwordReset: { expiresIn } })).rejects.toThrow(
      `option "passwordReset.expiresIn" must be from '1s' to '1h'`,
    );
  });
});
