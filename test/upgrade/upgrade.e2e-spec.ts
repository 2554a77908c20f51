import { randomUUID } from 'node:crypto';
import { expectCleanDatabase } from '../support/checker.js';
import { refusal } from '../support/expectations.js';
import type { HttpClient } from '../support/http-client.js';
import { guestWithNotes, notesOf, signIn } from '../support/links.js';
import { bearer, newGuest } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

const password = 'correct horse battery';
const newEmail = () => `${randomUUID()}@example.com`;
const routes = ['/auth/anonymous/upgrade', '/auth/sign-up/email'];

describe.each(['express', 'fastify'] as const)('upgrading a guest on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ adapter });
  });
  afterAll(() => host.close());

  it('begins with a guest whose token has three parts, names it and is its own', async () => {
    const [one, other] = [await newGuest(host), await newGuest(host)];
    expect(one.token.split('.')).toHaveLength(3);
    expect([one.userId, one.token]).not.toEqual([other.userId, other.token]);
    expect(await bearer(host, one.token).get('/auth/get-session')).toMatchObject({
      status: 200,
      body: { user: { id: one.userId, isAnonymous: true, email: null } },
    });
    const flags = await host.sql('SELECT is_anonymous, email FROM users WHERE id = $1', [
      one.userId,
    ]);
    expect(flags).toEqual([{ is_anonymous: true, email: null }]);
  });

  it.each(routes)(
    'keeps the id and every row, and sets address, name and flag, at %s',
    async (route) => {
      const guest = await guestWithNotes(host, 'one', 'two');
      const email = newEmail();
      const { status, body } = await guest.client.post(route, { email, password, name: 'Ada' });
      expect(status).toBe(200);
      expect(body).toEqual({
        token: expect.any(String),
        user: expect.objectContaining({ id: guest.userId, email, name: 'Ada', isAnonymous: false }),
        session: expect.objectContaining({ userId: guest.userId }),
      });
      expect(await notesOf(host, guest.userId)).toEqual(['one', 'two']);
      const rows = await host.sql(
        'SELECT email, name, is_anonymous, epoch FROM users WHERE id = $1',
        [guest.userId],
      );
      expect(rows).toEqual([{ email, name: 'Ada', is_anonymous: false, epoch: 1 }]);
      expect(
        await host.sql('SELECT 1 FROM account_links WHERE guest_id = $1', [guest.userId]),
      ).toEqual([]);
    },
  );

  it.each([undefined, '', null])('takes the name %j for none', async (name) => {
    const guest = await newGuest(host);
    const answer = await guest.client.post(routes[0]!, { email: newEmail(), password, name });
    expect(answer).toMatchObject({ status: 200, body: { user: { id: guest.userId, name: null } } });
  });

  it.each(routes)('kills every token from before, in cookies and bearers, at %s', async (route) => {
    const guest = await guestWithNotes(host, 'mine');
    const renewed = (await guest.client.post('/auth/anonymous')).body.token as string;
    const copy = host.browser();
    guest.client.cookies.copyTo(copy.cookies);
    expect(await guest.client.post(route, { email: newEmail(), password })).toMatchObject({
      status: 200,
    });
    const thieves: HttpClient[] = [copy, bearer(host, guest.token), bearer(host, renewed)];
    for (const thief of thieves) {
      const dead = refusal(401, 'UNAUTHORIZED');
      expect(await thief.get('/access/session')).toMatchObject(dead);
      expect(await thief.post('/access/write')).toMatchObject(dead);
      expect((await thief.get('/auth/get-session')).text).toBe('null');
    }
  });

  it('gives the browser a session as an account, and a password that works afterwards', async () => {
    const guest = await guestWithNotes(host, 'mine');
    const email = newEmail();
    const { body } = await guest.client.post(routes[0]!, { email, password });
    const live = { status: 200, body: { userId: guest.userId, isAnonymous: false } };
    expect(await guest.client.get('/access/account')).toMatchObject(live);
    expect(await bearer(host, body.token).get('/access/account')).toMatchObject(live);
    expect((await guest.client.get('/notes')).body).toMatchObject([{ text: 'mine' }]);
    const elsewhere = { client: host.browser() };
    expect(await signIn(elsewhere, { email, password })).toMatchObject({
      status: 200,
      body: { user: { id: guest.userId }, link: null },
    });
  });

  it('answers the codes that KavachOS documents along the way: 201, 200 and 400', async () => {
    const client = host.browser();
    expect(await client.post('/auth/anonymous')).toMatchObject({ status: 201 });
    expect(await client.get('/auth/get-session')).toMatchObject({
      status: 200,
      body: { user: { isAnonymous: true } },
    });
    expect(await client.post('/auth/anonymous/upgrade', { password })).toMatchObject({
      ...refusal(400, 'VALIDATION_FAILED'),
    });
    expect(
      await client.post('/auth/anonymous/upgrade', { email: newEmail(), password }),
    ).toMatchObject({ status: 200, body: { user: { isAnonymous: false } } });
  });

  it('takes at most six statements', async () => {
    const guest = await guestWithNotes(host, 'mine');
    host.statements.length = 0;
    const answer = await guest.client.post(routes[0]!, { email: newEmail(), password });
    const statements = [...host.statements];
    expect(answer.status).toBe(200);
    expect(statements.length).toBeLessThanOrEqual(6);
  });

  it('leaves a clean database behind', () => expectCleanDatabase(host.databaseUrl));
});
