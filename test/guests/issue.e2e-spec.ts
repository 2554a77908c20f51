import { EventEmitter2 } from '@nestjs/event-emitter';
import { Clock } from '../../src/index.js';
import { newCookies, refusal, rowCounts } from '../support/expectations.js';
import { bearer, newAccount, newGuest } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';
import { TestClock } from '../support/test-clock.js';

const isoDate = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

describe.each(['express', 'fastify'] as const)('issuing a guest on %s', (adapter) => {
  const clock = new TestClock();
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ adapter, overrides: [{ token: Clock, value: clock }] });
  });
  afterEach(() => clock.reset());
  afterAll(() => host.close());

  it('answers 201 with a token, the user and the session, and nothing else', async () => {
    const { status, body } = await host.browser().post('/auth/anonymous');
    expect(status).toBe(201);
    expect(body).toEqual({
      token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      user: {
        id: expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[\da-f]{4}-[\da-f]{12}$/),
        email: null,
        emailVerified: false,
        name: null,
        image: null,
        isAnonymous: true,
        createdAt: isoDate,
        updatedAt: isoDate,
      },
      session: {
        id: body.session.token,
        userId: body.user.id,
        token: expect.any(String),
        expiresAt: isoDate,
        createdAt: isoDate,
        updatedAt: isoDate,
        ipAddress: null,
        userAgent: null,
      },
    });
  });

  it('stores a guest as one row in users and none in sessions or identities', async () => {
    const before = await rowCounts(host);
    const { userId } = await newGuest(host);
    expect(await rowCounts(host)).toEqual({ ...before, users: before.users! + 1 });
    const rows = await host.sql('SELECT email, is_anonymous, epoch FROM users WHERE id = $1', [
      userId,
    ]);
    expect(rows).toEqual([{ email: null, is_anonymous: true, epoch: 0 }]);
  });

  it('lets a guest live for seven days unless told otherwise', async () => {
    const { body } = await host.browser().post('/auth/anonymous');
    const lifeMs = Date.parse(body.session.expiresAt) - Date.now();
    expect(Math.round(lifeMs / 86_400_000)).toBe(7);
  });

  it('never hands out the credential as session.token', async () => {
    const { body } = await host.browser().post('/auth/anonymous');
    const claims = JSON.parse(Buffer.from(body.token.split('.')[1], 'base64url').toString());
    expect(body.session.token).toBe(claims.jti);
    const answer = await bearer(host, body.session.token).get('/access/session');
    expect(answer).toMatchObject(refusal(401, 'UNAUTHORIZED'));
  });

  it('sets one cookie that only this origin can set, read by no script and sent by no other site', async () => {
    const answer = await host.browser().post('/auth/anonymous');
    const [line = '', ...others] = answer.headers.getSetCookie();
    expect(others).toEqual([]);
    const [pair, ...attributes] = line.split('; ');
    expect(pair).toBe(`__Host-session=${answer.body.token}`);
    expect(attributes.map((a) => a.toLowerCase()).toSorted()).toEqual([
      'httponly',
      'max-age=2592000',
      'path=/',
      'samesite=lax',
      'secure',
    ]);
  });

  it('carries the token in the header set-auth-token, where it works as a bearer', async () => {
    const answer = await host.browser().post('/auth/anonymous');
    const token = answer.headers.get('set-auth-token');
    expect(token).toBe(answer.body.token);
    const { status, body } = await bearer(host, token!).get('/access/session');
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        userId: answer.body.user.id,
        isAnonymous: true,
        sessionId: answer.body.session.token,
      },
    });
  });

  it('issues by the name of better-auth too', async () => {
    const client = host.browser();
    const first = await client.post('/auth/sign-in/anonymous');
    expect(first).toMatchObject({ status: 201, body: { user: { isAnonymous: true } } });
    const again = await client.post('/auth/anonymous');
    expect(again).toMatchObject({ status: 200, body: { user: { id: first.body.user.id } } });
  });

  it('accepts an empty object as body', async () => {
    const answer = await host.browser().post('/auth/sign-in/anonymous', {});
    expect(answer).toMatchObject({ status: 201, body: { user: { isAnonymous: true } } });
  });

  it('answers 200 with the same guest when a guest calls again, by cookie or bearer', async () => {
    const { client, userId, token } = await newGuest(host);
    const before = await rowCounts(host);
    const answers = await Promise.all([
      client.post('/auth/anonymous'),
      client.post('/auth/sign-in/anonymous'),
      bearer(host, token).post('/auth/anonymous'),
    ]);
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 200, body: { user: { id: userId } } });
      const check = await bearer(host, answer.body.token).get('/access/guest');
      expect(check).toMatchObject({ status: 200, body: { userId } });
    }
    expect(await rowCounts(host)).toEqual(before);
  });

  it('issues another guest for every call without a credential', async () => {
    const ids = await Promise.all(
      Array.from({ length: 5 }, async () => (await newGuest(host)).userId),
    );
    expect(new Set(ids).size).toBe(5);
  });

  it('refuses an account with 409 and leaves its cookie alone', async () => {
    const { client, userId } = await newAccount(host);
    const before = await rowCounts(host);
    const answer = await client.post('/auth/anonymous');
    expect(answer).toMatchObject(refusal(409, 'ALREADY_SIGNED_IN'));
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await rowCounts(host)).toEqual(before);
    const { body } = await client.get('/auth/get-session');
    expect(body.user).toMatchObject({ id: userId, isAnonymous: false });
  });

  it.each(['garbage', 'j:{"a":1}', '%E0%A4%A', 'a.b.c', ''])(
    'replaces a cookie that names nobody: %s',
    async (cookie) => {
      const client = host.browser();
      client.cookies.set('__Host-session', cookie);
      const answer = await client.post('/auth/anonymous');
      expect(answer.status).toBe(201);
      expect(newCookies(answer)).toHaveLength(1);
      expect(client.cookies.get('__Host-session')).toBe(answer.body.token);
    },
  );

  it('gives a guest whose token has expired a new guest and a new cookie', async () => {
    const { client, userId } = await newGuest(host);
    clock.advance({ days: 7, seconds: 1 });
    const answer = await client.post('/auth/anonymous');
    expect(answer.status).toBe(201);
    expect(answer.body.user.id).not.toBe(userId);
    expect(client.cookies.get('__Host-session')).toBe(answer.body.token);
  });

  it('costs one statement, the INSERT, also with an Idempotency-Key', async () => {
    for (const key of [undefined, 'k'.repeat(22)]) {
      host.statements.length = 0;
      const headers = { 'idempotency-key': key };
      const { status } = await host.browser().post('/auth/anonymous', undefined, { headers });
      expect(status).toBe(201);
      expect(host.statements).toEqual([expect.stringContaining('INSERT INTO "users"')]);
    }
  });

  it('tells the host guest.issued once for each new guest', async () => {
    const issued: unknown[] = [];
    host.app.get(EventEmitter2).on('guest.issued', (event) => issued.push(event));
    const { client, userId } = await newGuest(host);
    await client.post('/auth/anonymous');
    expect(issued).toEqual([{ guestId: userId }]);
  });
});

describe('issuing a guest over http in development', () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ options: { baseUrl: 'http://localhost:3000' } });
  });
  afterAll(() => host.close());

  it('names the cookie anon.session and leaves Secure out', async () => {
    const client = host.browser();
    const headers = { origin: 'http://localhost:3000' };
    const answer = await client.post('/auth/anonymous', undefined, { headers });
    expect(answer.status).toBe(201);
    const [line = ''] = answer.headers.getSetCookie();
    expect(line).toMatch(/^anon\.session=/);
    expect(line).toMatch(/; HttpOnly; SameSite=Lax$/i);
    expect(line).not.toMatch(/secure|domain/i);
    expect(await client.get('/access/guest')).toMatchObject({ status: 200 });
  });
});
