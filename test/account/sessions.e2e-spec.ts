import { randomUUID } from 'node:crypto';
import { expectCleanDatabase } from '../support/checker.js';
import { clearedCookies, refusal } from '../support/expectations.js';
import { anotherBrowser, bearer, newAccount, newGuest } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

describe.each(['express', 'fastify'] as const)('the sessions of an account on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ adapter });
  });
  afterAll(() => host.close());

  const handleOf = async (token: string): Promise<string> =>
    (await bearer(host, token).get('/auth/get-session')).body.session.token;

  /** An account in three browsers; the first one is the caller. */
  async function threeBrowsers() {
    const account = await newAccount(host);
    const others = [await anotherBrowser(host, account), await anotherBrowser(host, account)];
    const tokens = [account.token, ...others.map(({ token }) => token)];
    const alive = () =>
      Promise.all(
        tokens.map(async (token) => (await bearer(host, token).post('/access/write')).status),
      );
    return { account, tokens, alive };
  }

  it('are listed, latest first, without a credential', async () => {
    const { account, tokens } = await threeBrowsers();
    const handles = await Promise.all(tokens.map(handleOf));
    const answer = await account.client.get('/auth/list-sessions');
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.body.map(({ token }: { token: string }) => token)).toEqual(handles.toReversed());
    expect(answer.body[0]).toEqual({
      id: handles[2],
      userId: account.userId,
      token: handles[2],
      expiresAt: expect.stringMatching(/^\d{4}-.*Z$/),
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
      updatedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      ipAddress: expect.any(String),
      userAgent: expect.any(String),
    });
    for (const token of tokens) expect(answer.text).not.toContain(token);
  });

  it('are neither listed when they are over, nor when they are of somebody else', async () => {
    const { account, tokens } = await threeBrowsers();
    await newAccount(host);
    const over = await handleOf(tokens[1]!);
    await host.sql(`UPDATE sessions SET expires_at = now() - interval '1 second' WHERE id = $1`, [
      over,
    ]);
    const { body } = await account.client.get('/auth/list-sessions');
    expect(body.map(({ userId }: { userId: string }) => userId)).toEqual([
      account.userId,
      account.userId,
    ]);
    expect(body.map(({ id }: { id: string }) => id)).not.toContain(over);
  });

  it('end one by one, by their handle', async () => {
    const { account, tokens, alive } = await threeBrowsers();
    const token = await handleOf(tokens[1]!);
    const answer = await account.client.post('/auth/revoke-session', { token });
    expect(answer).toMatchObject({ status: 200, body: { status: true } });
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await alive()).toEqual([201, 401, 201]);
  });

  it('end for the caller too, whose cookie is cleared', async () => {
    const { account, alive } = await threeBrowsers();
    const token = (await handleOf(account.token)).toUpperCase();
    const answer = await account.client.post('/auth/revoke-session', { token });
    expect(answer).toMatchObject({ status: 200, body: { status: true } });
    expect(clearedCookies(answer)).toEqual(['__Host-session']);
    expect(await alive()).toEqual([401, 201, 201]);
  });

  it('stay when a stranger names them, who learns nothing', async () => {
    const { tokens, alive } = await threeBrowsers();
    const stranger = await newAccount(host);
    const answers = [];
    for (const token of [await handleOf(tokens[1]!), randomUUID()]) {
      answers.push(await stranger.client.post('/auth/revoke-session', { token }));
    }
    expect(answers.map(({ status, text }) => [status, text])).toEqual([
      [200, '{"status":true}'],
      [200, '{"status":true}'],
    ]);
    expect(await alive()).toEqual([201, 201, 201]);
  });

  it('end all at once', async () => {
    const { account, alive } = await threeBrowsers();
    const stranger = await newAccount(host);
    const answer = await account.client.post('/auth/revoke-sessions', {});
    expect(answer).toMatchObject({ status: 200, body: { status: true } });
    expect(clearedCookies(answer)).toEqual(['__Host-session']);
    expect(await alive()).toEqual([401, 401, 401]);
    expect(await stranger.client.post('/access/write')).toMatchObject({ status: 201 });
  });

  it('end all but that of the caller', async () => {
    const { account, alive } = await threeBrowsers();
    const answer = await account.client.post('/auth/revoke-other-sessions', {});
    expect(answer).toMatchObject({ status: 200, body: { status: true } });
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await alive()).toEqual([201, 401, 401]);
    expect((await account.client.get('/auth/list-sessions')).body).toHaveLength(1);
  });

  const routes = [
    ['GET', '/auth/list-sessions', undefined],
    ['POST', '/auth/revoke-session', { token: randomUUID() }],
    ['POST', '/auth/revoke-sessions', {}],
    ['POST', '/auth/revoke-other-sessions', {}],
    ['POST', '/auth/change-password', { currentPassword: 'a', newPassword: 'correct horse 2' }],
    ['POST', '/auth/set-password', { newPassword: 'correct horse 2' }],
    ['POST', '/auth/update-user', { name: 'Ada' }],
    ['POST', '/auth/delete-user', {}],
    ['GET', '/auth/list-accounts', undefined],
  ] as const;

  it.each(routes)('are for accounts only: %s %s', async (method, path, body) => {
    const answer = await host.browser().request(method, path, { body });
    expect(answer).toMatchObject(refusal(401, 'UNAUTHORIZED'));
    const guest = await newGuest(host);
    expect(await guest.client.request(method, path, { body })).toMatchObject(
      refusal(403, 'UPGRADE_REQUIRED'),
    );
    expect(await guest.client.get('/access/guest')).toMatchObject({ status: 200 });
  });

  it.each(routes.filter(([method]) => method === 'POST'))(
    'are safe from other sites and from forms: %s %s',
    async (method, path, body) => {
      const { client } = await newAccount(host);
      const foreign = await client.request(method, path, {
        body,
        headers: { origin: 'https://evil.example' },
      });
      expect(foreign).toMatchObject(refusal(403, 'INVALID_ORIGIN'));
      const form = await client.request(method, path, {
        raw: 'a=b',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      });
      expect(form).toMatchObject(refusal(415, 'UNSUPPORTED_MEDIA_TYPE'));
      expect(await client.get('/access/account')).toMatchObject({ status: 200 });
    },
  );

  it.each([
    {},
    { token: 'no handle' },
    { token: '' },
    { token: null },
    { token: 7 },
    { token: ['a'] },
    { token: { a: 1 } },
    { token: randomUUID(), userId: randomUUID() },
  ])('do not end by %j', async (body) => {
    const { client } = await newAccount(host);
    const answer = await client.post('/auth/revoke-session', body);
    expect(answer).toMatchObject(refusal(400, 'VALIDATION_FAILED'));
  });

  it('leave a clean database behind', () => expectCleanDatabase(host.databaseUrl));
});

describe('session.cacheFor and sessions that are ended', () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ options: { session: { cacheFor: '60s' } } });
  });
  afterAll(() => host.close());

  it.each([
    ['revoke-sessions', {}],
    ['revoke-other-sessions', {}],
    [
      'change-password',
      {
        currentPassword: 'correct horse battery',
        newPassword: 'correct horse 2',
        revokeOtherSessions: true,
      },
    ],
    ['delete-user', { password: 'correct horse battery' }],
  ])('forgets them at once: %s', async (route, body) => {
    const account = await newAccount(host);
    const other = bearer(host, (await anotherBrowser(host, account)).token);
    expect(await other.get('/access/session')).toMatchObject({ status: 200 });
    expect(await account.client.post(`/auth/${route}`, body)).toMatchObject({ status: 200 });
    expect(await other.get('/access/session')).toMatchObject(refusal(401, 'UNAUTHORIZED'));
  });
});
