import { randomUUID } from 'node:crypto';
import { AuthenticationService, LinkingService, UpgradeService } from '../../src/index.js';
import { rowCounts } from '../support/expectations.js';
import { NO_RETRY, notesOf } from '../support/links.js';
import { bearer, newAccount, newGuest } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

const ROUTES: readonly (readonly [method: string, path: string])[] = [
  ['POST', '/auth/anonymous'],
  ['POST', '/auth/sign-in/anonymous'],
  ['DELETE', '/auth/anonymous'],
  ['POST', '/auth/delete-anonymous-user'],
  ['POST', '/auth/anonymous/upgrade'],
  ['POST', '/auth/sign-up/email'],
  ['POST', '/auth/sign-in/email'],
  ['GET', '/auth/get-session'],
  ['POST', '/auth/sign-out'],
  ['GET', '/auth/list-sessions'],
  ['POST', '/auth/revoke-session'],
  ['POST', '/auth/revoke-sessions'],
  ['POST', '/auth/revoke-other-sessions'],
  ['POST', '/auth/change-password'],
  ['POST', '/auth/set-password'],
  ['POST', '/auth/update-user'],
  ['POST', '/auth/delete-user'],
  ['GET', '/auth/list-accounts'],
  ['POST', '/auth/sign-in/social'],
  ['POST', '/auth/link-social'],
  ['POST', '/auth/unlink-account'],
];

describe.each(['express', 'fastify'] as const)('what lies beside our routes on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ adapter });
  });
  afterAll(() => host.close());

  it.each([
    ['GET', '/auth'],
    ['GET', '/auth/nothing'],
    ['POST', '/auth/nothing'],
    ['GET', '/auth/anonymous'],
    ['PUT', '/auth/anonymous'],
    ['POST', '/auth/anonymous/nothing'],
    ['GET', '/auth/sign-in/email'],
    ['DELETE', '/auth/get-session'],
    ['POST', '/auth/sign-in/'],
  ])('is 404 for anybody, and changes nothing: %s %s', async (method, path) => {
    const people = [await newGuest(host), await newAccount(host)];
    const before = await rowCounts(host);
    for (const client of [host.browser(), ...people.map((person) => person.client)]) {
      const answer = await client.request(method, path);
      expect(answer).toMatchObject({ status: 404, body: { statusCode: 404 } });
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
    expect(await rowCounts(host)).toEqual(before);
  });

  it.each(ROUTES)('is not where a route is: %s %s', async (method, path) => {
    expect((await host.browser().request(method, path)).status).not.toBe(404);
  });
});

describe('controllers: false', () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({
      extras: { controllers: false },
      options: { linking: NO_RETRY },
    });
  });
  afterAll(() => host.close());

  const client = { ipAddress: null, userAgent: null };
  const newEmail = () => `${randomUUID()}@example.com`;

  /** A guest that a route of the host was written with, and what its token says. */
  async function writer() {
    const browser = host.browser();
    const { status, body } = await browser.post('/notes', { text: 'mine' });
    expect(status).toBe(201);
    const userId: string = body.userId;
    const caller = {
      userId,
      handle: randomUUID(),
      epoch: 0,
      isGuest: true,
      issuedAt: new Date(),
      expiresAt: new Date(Date.now() + 60_000),
      endsWithBrowser: false,
    };
    return { browser, userId, caller };
  }

  /** An account of a host that has its own way to know people. */
  const enter = (email: string) =>
    host.app.get(AuthenticationService).complete(
      {
        kind: 'new-identity',
        identity: {
          provider: 'sso',
          issuer: 'https://sso.example',
          subject: email,
          secretHash: null,
        },
        profile: { email, emailVerified: true, name: null, image: null },
        upgradeOnly: false,
      },
      { caller: undefined, client },
    );

  it.each(ROUTES)('leaves no route: %s %s', async (method, path) => {
    expect(await host.browser().request(method, path)).toMatchObject({ status: 404 });
  });

  it('leaves the decorators, which issue guests and let them in', async () => {
    const { browser, userId } = await writer();
    expect(await browser.get('/access/guest')).toMatchObject({ status: 200, body: { userId } });
    expect(await host.browser().get('/access/guest')).toMatchObject({ status: 401 });
  });

  it('leaves the service that makes an account of a guest', async () => {
    const { userId, caller } = await writer();
    const body = { email: newEmail(), password: 'correct horse battery' };
    const { token } = await host.app.get(UpgradeService).upgrade(body, { caller, client });
    expect(await bearer(host, token).get('/access/account')).toMatchObject({
      status: 200,
      body: { userId },
    });
    expect(await notesOf(host, userId)).toEqual(['mine']);
  });

  it('leaves the service that links a guest to an account', async () => {
    const { userId } = await writer();
    const account = await enter(newEmail());
    const link = await host.app.get(LinkingService).link(userId, account.user.id);
    expect(link).toMatchObject({ status: 'merged' });
    expect(await notesOf(host, account.user.id)).toEqual(['mine']);
    expect(await bearer(host, account.token).get('/access/account')).toMatchObject({ status: 200 });
  });
});
