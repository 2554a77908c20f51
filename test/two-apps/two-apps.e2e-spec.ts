import { randomUUID } from 'node:crypto';
import { Controller, Get, UseGuards } from '@nestjs/common';
import { AuthGuard, PassportModule } from '@nestjs/passport';
import { CurrentUser, type Principal } from '../../src/index.js';
import { HttpClient } from '../support/http-client.js';
import { NO_RETRY } from '../support/links.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

@Controller('strategies')
class StrategiesController {
  @Get('first')
  @UseGuards(AuthGuard('anonymous-guest'))
  first(@CurrentUser() { userId }: Principal) {
    return { userId };
  }

  @Get('second')
  @UseGuards(AuthGuard('second-anonymous-guest'))
  second(@CurrentUser() { userId }: Principal) {
    return { userId };
  }
}

const password = 'correct horse battery';
const hosts = { imports: [PassportModule], controllers: [StrategiesController] };

/** Nothing of the library is the process's: not a secret, not a strategy, not a DataSource, not a handler. */
describe('two apps in one process with different options', () => {
  let first: TestApp;
  let second: TestApp;
  beforeAll(async () => {
    first = await createTestApp({ ...hosts, options: { linking: NO_RETRY } });
    second = await createTestApp({
      ...hosts,
      adapter: 'fastify',
      dataSourceName: 'people',
      options: {
        secret: 'the secret of the second app, which the first has not',
        baseUrl: 'https://second.example',
        cookie: { name: '__Host-second' },
        linking: { ...NO_RETRY, policy: 'keep' },
        guest: { repeatSignIn: 'reject' },
      },
      extras: { path: 'identity', strategyPrefix: 'second-' },
    });
    open.add(first).add(second);
  });
  const open = new Set<TestApp>();
  afterAll(() => Promise.all([...open].map((host) => host.close())));

  const browserOf = (host: TestApp) =>
    new HttpClient(host.url, {
      origin: host === first ? 'https://app.example' : 'https://second.example',
    });
  const pathOf = (host: TestApp) => (host === first ? '/auth' : '/identity');

  async function guestOf(host: TestApp) {
    const client = browserOf(host);
    const { status, body } = await client.post(`${pathOf(host)}/anonymous`);
    expect(status).toBe(201);
    return { client, userId: body.user.id as string, token: body.token as string };
  }

  /** A guest with a note signs in to an account that is there already. @returns what became of the link. */
  async function link(host: TestApp) {
    const email = `${randomUUID()}@example.com`;
    const account = await browserOf(host).post(`${pathOf(host)}/sign-up/email`, {
      email,
      password,
    });
    expect(account.status).toBe(200);
    const guest = await guestOf(host);
    await guest.client.post('/notes', { text: 'mine' });
    const path = `${pathOf(host)}/sign-in/email`;
    const { status, body } = await guest.client.post(path, { email, password });
    expect(status).toBe(200);
    return body.link.status as string;
  }

  it('know nothing of each other’s guests', async () => {
    const [one, other] = [await guestOf(first), await guestOf(second)];
    for (const [host, own, foreign] of [
      [first, one, other],
      [second, other, one],
    ] as const) {
      expect(await own.client.get('/access/session')).toMatchObject({
        status: 200,
        body: { userId: own.userId },
      });
      const bearer = { authorization: `Bearer ${foreign.token}` };
      const name = host === first ? '__Host-session' : '__Host-second';
      for (const headers of [bearer, { cookie: `${name}=${foreign.token}` }]) {
        const answer = await new HttpClient(host.url, headers).get('/access/session');
        expect(answer.status).toBe(401);
      }
      const rows = await host.sql('SELECT 1 FROM users WHERE id = $1', [foreign.userId]);
      expect(rows).toEqual([]);
    }
  });

  it('have routes, cookies and answers of their own', async () => {
    const [one, other] = [await guestOf(first), await guestOf(second)];
    expect(one.client.cookies.header()).toMatch(/^__Host-session=/);
    expect(other.client.cookies.header()).toMatch(/^__Host-second=/);
    expect((await one.client.post('/identity/anonymous')).status).toBe(404);
    expect((await other.client.post('/auth/anonymous')).status).toBe(404);
    expect((await one.client.post('/auth/anonymous')).status).toBe(200);
    expect((await other.client.post('/identity/anonymous')).status).not.toBe(200);
  });

  it('have Passport strategies of their own, in the one list that Passport has', async () => {
    const [one, other] = [await guestOf(first), await guestOf(second)];
    expect(await one.client.get('/strategies/first')).toMatchObject({
      body: { userId: one.userId },
    });
    expect(await other.client.get('/strategies/second')).toMatchObject({
      body: { userId: other.userId },
    });
    expect((await one.client.get('/strategies/second')).status).toBe(401);
    expect((await other.client.get('/strategies/first')).status).toBe(401);
  });

  it('link each by its own policy', async () => {
    expect(await link(first)).toBe('merged');
    expect(await link(second)).toBe('kept');
  });

  it('go on when the other is closed', async () => {
    open.delete(second);
    await second.close();
    const guest = await guestOf(first);
    expect((await guest.client.get('/strategies/first')).body).toEqual({ userId: guest.userId });
    expect(await link(first)).toBe('merged');
  });
});
