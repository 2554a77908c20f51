import argon2 from 'argon2';
import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { CreateMembers1700000000001 } from '../../examples/own-auth/database/1700000000001-create-members.js';
import { dataSourceOptions } from '../../examples/own-auth/database/data-source.js';
import { clearedCookies, newCookies, refusal } from '../support/expectations.js';
import type { TestApp } from '../support/test-app.js';
import { forgeToken } from '../support/tokens.js';
import { as, guestWith, JWT_SECRET, startOwnAuth, textsOf } from './own-auth-app.js';

const someone = () => ({ email: `${randomUUID()}@example.com`, password: 'correct horse battery' });

describe.each(['express', 'fastify'] as const)(
  'the example with its own login on %s',
  (adapter) => {
    let host: TestApp;
    beforeAll(async () => {
      host = await startOwnAuth(adapter);
    });
    afterAll(() => host.close());

    const register = async (credentials: { email: string; password: string }) => {
      const answer = await host.browser().post('/register', credentials);
      expect(answer.status).toBe(201);
      return answer.body as { id: number; token: string };
    };

    it('is an app as it was for whoever never is a guest', async () => {
      const credentials = someone();
      const { id, token } = await register(credentials);
      const client = host.browser();
      const login = await client.post('/login', credentials);
      expect(login).toMatchObject({ status: 200, body: { id, link: null } });
      expect(await client.get('/me', as(token))).toMatchObject({ body: { id, isGuest: false } });
      await client.post('/notes', { text: 'mine' }, as(token));
      expect(await textsOf(client, token)).toEqual(['mine']);
      expect(client.cookies.header()).toBe('');
      expect(await client.get('/me')).toMatchObject({ status: 401 });
      expect(await textsOf(client)).toEqual([]);
    });

    it('lets somebody write notes before there is an account, as a row of its own users', async () => {
      const client = host.browser();
      const first = await client.post('/notes', { text: 'a' });
      expect(newCookies(first)).toHaveLength(1);
      await client.post('/notes', { text: 'b' });
      expect(await textsOf(client)).toEqual(['a', 'b']);
      const { body } = await client.get('/me');
      const rows = await host.sql('SELECT email, is_guest FROM members WHERE id = $1', [body.id]);
      expect(rows).toEqual([{ email: null, is_guest: true }]);
    });

    it('keeps the id of a guest that registers', async () => {
      const { client, id } = await guestWith(host, 'a', 'b');
      const credentials = someone();
      const answer = await client.post('/register', credentials);
      expect(answer).toMatchObject({ status: 201, body: { id } });
      expect(clearedCookies(answer)).toEqual(['__Host-session']);
      expect(await textsOf(client, answer.body.token)).toEqual(['a', 'b']);
      expect(await textsOf(client)).toEqual([]);
      const login = await host.browser().post('/login', credentials);
      expect(login).toMatchObject({ status: 200, body: { id } });
    });

    it('brings the notes of a guest along that logs in', async () => {
      const credentials = someone();
      const { id, token } = await register(credentials);
      await host.browser().post('/notes', { text: 'old' }, as(token));
      const guest = await guestWith(host, 'new');
      const login = await guest.client.post('/login', credentials);
      expect(login).toMatchObject({
        status: 200,
        body: {
          id,
          link: { status: 'merged', receipt: { tables: { notes: { moved: 1 } } } },
        },
      });
      expect(clearedCookies(login)).toEqual(['__Host-session']);
      expect(await textsOf(guest.client, login.body.token)).toEqual(['old', 'new']);
      expect(await host.sql('SELECT 1 FROM members WHERE id = $1', [guest.id])).toEqual([]);
    });

    it('changes nothing for a guest whose registration or login fails', async () => {
      const credentials = someone();
      await register(credentials);
      const { client, id } = await guestWith(host, 'mine');
      const taken = await client.post('/register', credentials);
      expect(taken).toMatchObject(refusal(409, 'EMAIL_TAKEN'));
      const wrong = await client.post('/login', { ...credentials, password: 'wrong password' });
      expect(wrong).toMatchObject({ status: 401 });
      expect(await client.get('/me')).toMatchObject({ body: { id, isGuest: true } });
      expect(await textsOf(client)).toEqual(['mine']);
    });

    it('answers 409 to an address that is taken, for nobody too', async () => {
      const credentials = someone();
      await register(credentials);
      const upper = { ...credentials, email: credentials.email.toUpperCase() };
      expect(await host.browser().post('/register', upper)).toMatchObject({ status: 409 });
    });

    it('has a token refreshed that has run out, and makes no guest of its owner', async () => {
      const { token } = await register(someone());
      const old = forgeToken(token, { claims: { exp: 1_700_000_000 }, secret: JWT_SECRET });
      const answer = await host.browser().post('/notes', { text: 'late' }, as(old));
      expect(answer.status).toBe(401);
      expect(answer.headers.getSetCookie()).toEqual([]);
    });

    it.each([
      ['/register', { email: 'nobody', password: 'correct horse battery' }],
      ['/register', { email: 'a@example.com', password: 'short' }],
      ['/register', { email: { a: 1 }, password: ['x'] }],
      ['/register', { email: 'a@example.com', password: 'long enough', isAnonymous: true }],
      ['/notes', { text: '' }],
      ['/notes', { text: 'a\0b' }],
      ['/notes', { text: 7 }],
      ['/notes', {}],
    ])('refuses what it cannot take: %s %j', async (path, body) => {
      const before = await host.sql('SELECT count(*) FROM members');
      expect(await host.browser().post(path, body)).toMatchObject({ status: 400 });
      expect(await host.sql('SELECT count(*) FROM members')).toEqual(before);
    });

    it.each([
      [{}],
      [{ email: 'a\0@example.com', password: 'x' }],
      [{ email: ['a'], password: {} }],
    ])('lets nobody in by %j', async (body) => {
      expect(await host.browser().post('/login', body)).toMatchObject({ status: 401 });
    });

    it('has none of the library’s routes', async () => {
      expect(await host.browser().post('/auth/anonymous')).toMatchObject({ status: 404 });
    });
  },
);

describe('members from before there were guests', () => {
  it('log in with what they had, and keep what they wrote', async () => {
    const credentials = someone();
    const host = await startOwnAuth('express', async (url) => {
      const before = await new DataSource({
        ...dataSourceOptions(url),
        migrations: [CreateMembers1700000000001],
      }).initialize();
      await before.query('INSERT INTO members (email, password_hash) VALUES ($1, $2)', [
        credentials.email,
        await argon2.hash(credentials.password),
      ]);
      await before.query(`INSERT INTO notes (member_id, text) VALUES (1, 'from before')`);
      await before.destroy();
    });
    try {
      const guest = await guestWith(host, 'as a guest');
      const login = await guest.client.post('/login', credentials);
      expect(login).toMatchObject({ status: 200, body: { id: 1, link: { status: 'merged' } } });
      const texts = await textsOf(guest.client, login.body.token);
      expect(texts).toEqual(['from before', 'as a guest']);
      const drift = await host.dataSource.driver.createSchemaBuilder().log();
      expect(drift.upQueries.map(({ query }) => query)).toEqual([]);
    } finally {
      await host.close();
    }
  });
});
