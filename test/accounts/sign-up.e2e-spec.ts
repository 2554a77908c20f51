import { randomUUID } from 'node:crypto';
import { expectCleanDatabase } from '../support/checker.js';
import { newCookies, refusal, rowCounts } from '../support/expectations.js';
import { guestWithNotes, ledgerOf, notesOf } from '../support/links.js';
import { bearer, newAccount } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

const password = 'correct horse battery';
const newEmail = () => `${randomUUID()}@example.com`;

describe.each(['express', 'fastify'] as const)('POST /auth/sign-up/email on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ adapter });
  });
  afterAll(() => host.close());

  it('makes an account of nobody and signs it in', async () => {
    const [client, email] = [host.browser(), newEmail()];
    const { status, body } = await client.post('/auth/sign-up/email', { email, password });
    expect(status).toBe(200);
    expect(body).toEqual({
      token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      user: expect.objectContaining({
        email,
        emailVerified: false,
        name: null,
        isAnonymous: false,
      }),
      session: expect.objectContaining({ userId: body.user.id }),
    });
    expect(await client.get('/access/account')).toMatchObject({
      status: 200,
      body: { userId: body.user.id, isAnonymous: false, sessionId: body.session.id },
    });
    const identities = await host.sql(
      'SELECT provider, issuer, subject FROM identities WHERE user_id = $1',
      [body.user.id],
    );
    expect(identities).toEqual([{ provider: 'password', issuer: 'local', subject: body.user.id }]);
  });

  it('makes another account for an account, ends its old session and links nothing', async () => {
    const old = await newAccount(host);
    const { status, body } = await old.client.post('/auth/sign-up/email', {
      email: newEmail(),
      password,
    });
    expect(status).toBe(200);
    expect(body.user.id).not.toBe(old.userId);
    expect(await bearer(host, old.token).get('/access/session')).toMatchObject(
      refusal(401, 'UNAUTHORIZED'),
    );
    expect(await old.client.get('/access/account')).toMatchObject({
      status: 200,
      body: { userId: body.user.id },
    });
    expect(await ledgerOf(host, old.userId)).toEqual([]);
    expect(await host.sql('SELECT 1 FROM sessions WHERE user_id = $1', [old.userId])).toEqual([]);
  });

  it('stores the name and the image, and the address in lower case', async () => {
    const id = randomUUID();
    const image = 'https://img.example/ada.png';
    const { status, body } = await host.browser().post('/auth/sign-up/email', {
      email: `Ada.${id}@Example.COM`,
      password,
      name: 'Ada Lovelace',
      image,
    });
    const stored = { email: `ada.${id}@example.com`, name: 'Ada Lovelace', image };
    expect({ status, user: body.user }).toMatchObject({ status: 200, user: stored });
    const rows = await host.sql('SELECT email, name, image FROM users WHERE id = $1', [
      body.user.id,
    ]);
    expect(rows).toEqual([stored]);
  });

  it('refuses an address that an account has, however it is written', async () => {
    const { email } = await newAccount(host);
    const before = await rowCounts(host);
    for (const variant of [
      email,
      email.toUpperCase(),
      `${email[0]!.toUpperCase()}${email.slice(1)}`,
    ]) {
      const answer = await host.browser().post('/auth/sign-up/email', { email: variant, password });
      expect(answer).toMatchObject(refusal(409, 'EMAIL_TAKEN'));
      expect(newCookies(answer)).toEqual([]);
    }
    expect(await rowCounts(host)).toEqual(before);
  });

  it('leaves a guest that chose a taken address a guest, with its session and its rows', async () => {
    const { email } = await newAccount(host);
    const guest = await guestWithNotes(host, 'mine');
    const answer = await guest.client.post('/auth/sign-up/email', {
      email: email.toUpperCase(),
      password,
    });
    expect(answer).toMatchObject(refusal(409, 'EMAIL_TAKEN'));
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await guest.client.get('/access/guest')).toMatchObject({
      status: 200,
      body: { userId: guest.userId, isAnonymous: true },
    });
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
    const users = await host.sql('SELECT email, epoch FROM users WHERE id = $1', [guest.userId]);
    expect(users).toEqual([{ email: null, epoch: 0 }]);
  });

  it('keeps the cookie as long as the session, unless the person is not to be remembered', async () => {
    const signUp = (wishes: object) =>
      host.browser().post('/auth/sign-up/email', { email: newEmail(), password, ...wishes });
    const [remembered] = newCookies(await signUp({}));
    expect(remembered).toMatch(/^__Host-session=\S+; Max-Age=2592000; Path=\/; HttpOnly; Secure/);
    const [forgotten] = newCookies(await signUp({ rememberMe: false }));
    expect(forgotten).toMatch(/^__Host-session=\S+; Path=\/; HttpOnly; Secure/);
    expect(forgotten).not.toMatch(/max-age|expires/i);
  });

  it('makes nobody when the callbackURL leads to another site', async () => {
    const before = await rowCounts(host);
    const answer = await host.browser().post('/auth/sign-up/email', {
      email: newEmail(),
      password,
      callbackURL: 'https://evil.example/',
    });
    expect(answer).toMatchObject(refusal(400, 'VALIDATION_FAILED'));
    expect(newCookies(answer)).toEqual([]);
    expect(await rowCounts(host)).toEqual(before);
  });

  it('leaves a clean database behind', () => expectCleanDatabase(host.databaseUrl));
});
