import { type MiddlewareConsumer, Module, type NestModule } from '@nestjs/common';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DataSource } from 'typeorm';
import {
  anonymousEntities,
  anonymousMigrations,
  AuthenticationService,
  combine,
  ignored,
  owned,
} from '../../src/index.js';
import type { HttpClient } from '../support/http-client.js';
import { programOf } from '../support/program.js';
import { expectShown, shownFiles, sqlBlocksOf } from '../support/shown-code.js';
import { createTestApp, ORIGIN, type TestApp } from '../support/test-app.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { GuestCookies } from './app/guest-cookies.middleware.js';
import { passwordHashing } from './app/password-hashing.js';
import { User } from './app/user.entity.js';
import type { OldPeople, OldPerson } from './old-people.js';

const OLD_SECRET = 'what better-auth has signed its cookies with';
const OLD_COOKIE = '__Secure-better-auth.session_token';
const password = 'pässword of the öld days';
const PAGE = 'docs/from-better-auth.md';
const code = join(import.meta.dirname, 'app');

@Module({})
class OldCookiesModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(GuestCookies).forRoutes('*path');
  }
}

/** The app as it was, with people in it. */
async function useBetterAuth(databaseUrl: string): Promise<OldPeople> {
  const program = join(import.meta.dirname, 'better-auth.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [
    programOf(program),
    databaseUrl,
    ORIGIN,
    OLD_SECRET,
    password,
  ]);
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as OldPeople;
}

/** What the page says to do. */
async function migrate(url: string): Promise<void> {
  const dataSource = new DataSource({
    type: 'postgres',
    url,
    entities: anonymousEntities({ userEntity: User }),
    migrations: anonymousMigrations({ userEntity: User, alterUsers: true }),
  });
  await dataSource.initialize();
  try {
    await dataSource.runMigrations();
    for (const sql of sqlBlocksOf(PAGE)) await dataSource.query(sql);
  } finally {
    await dataSource.destroy();
  }
}

describe('an app that comes from better-auth', () => {
  let database: TestDatabase;
  let host: TestApp;
  let people: OldPeople;

  beforeAll(async () => {
    process.env.BETTER_AUTH_SECRET = OLD_SECRET;
    database = await createTestDatabase();
    people = await useBetterAuth(database.url);
    await migrate(database.url);
    host = await createTestApp({
      databaseUrl: database.url,
      users: {
        userEntity: User,
        table: '"user"',
        idType: 'text',
        flag: '"isAnonymous"',
        migrations: [],
      },
      options: { password: { hash: passwordHashing } },
      tables: [
        owned('cart_item', { onCollision: combine({ quantity: 'sum' }) }),
        ignored('session', 'of better-auth; it goes with its user'),
        ignored('account', 'of better-auth; copied to the identities'),
      ],
      imports: [OldCookiesModule],
    });
  }, 60_000);
  afterAll(async () => {
    delete process.env.BETTER_AUTH_SECRET;
    await host.close();
    await database.drop();
  });

  /** Their browser, as it was when the app changed. */
  function browserOf({ cookies }: OldPerson): HttpClient {
    const browser = host.browser();
    for (const pair of cookies.split('; ')) {
      browser.cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    }
    expect(browser.cookies.get(OLD_COOKIE)).toBeDefined();
    return browser;
  }

  const cartOf = (id: string) =>
    host.sql('SELECT sku, quantity FROM cart_item WHERE user_id = $1 ORDER BY sku', [id]);
  const signIn = (browser: HttpClient, { email }: OldPerson, secret = password) =>
    browser.post('/auth/sign-in/email', { email, password: secret });

  it.each(shownFiles(code))('has %s as the page shows it', (name) => {
    expectShown(PAGE, code, name);
  });

  it('keeps a guest, its id and its rows', async () => {
    const { returning } = people;
    const browser = browserOf(returning);
    const user = { id: returning.id, isAnonymous: true, email: null, name: null };
    expect((await browser.get('/auth/get-session')).body.user).toMatchObject(user);
    expect(browser.cookies.get(OLD_COOKIE)).toBeUndefined();
    expect((await browser.get('/auth/get-session')).body.user).toMatchObject(user);
    expect((await browser.post('/notes', { text: 'still here' })).status).toBe(201);
    expect(await cartOf(returning.id)).toEqual([{ sku: 'bone', quantity: 1 }]);
  });

  it('makes an account of such a guest in place', async () => {
    const browser = browserOf(people.signingUp);
    const account = { email: 'new@example.com', password };
    const { status, body } = await browser.post('/auth/sign-up/email', account);
    expect({ status, id: body.user?.id }).toEqual({ status: 200, id: people.signingUp.id });
    expect(await cartOf(people.signingUp.id)).toEqual([{ sku: 'ball', quantity: 1 }]);
    const old = await browserOf(people.signingUp).get('/auth/get-session');
    expect(old.body).toBeNull();
  });

  it('merges such a guest into an account that signs in with its old password', async () => {
    const { signingIn, verified } = people;
    const { status, body } = await signIn(browserOf(signingIn), verified);
    expect({ status, link: body.link?.status, id: body.user?.id }).toEqual({
      status: 200,
      link: 'merged',
      id: verified.id,
    });
    expect(body.link.receipt.tables.cart_item).toEqual({ moved: 0, folded: 1, dropped: 0 });
    expect(await cartOf(verified.id)).toEqual([{ sku: 'leash', quantity: 3 }]);
    expect(await cartOf(signingIn.id)).toEqual([]);
    expect((await browserOf(signingIn).get('/auth/get-session')).body).toBeNull();
  });

  it('lets accounts in with their old passwords, and with no other', async () => {
    const { verified, unverified } = people;
    for (const [person, emailVerified] of [
      [verified, true],
      [unverified, false],
    ] as const) {
      const right = await signIn(host.browser(), person);
      expect(right).toMatchObject({
        status: 200,
        body: { user: { id: person.id, emailVerified } },
      });
      const wrong = await signIn(host.browser(), person, `${password}.`);
      expect(wrong).toMatchObject({ status: 401, body: { code: 'INVALID_EMAIL_OR_PASSWORD' } });
    }
  });

  it('knows every way in of an account', async () => {
    const rows = await host.sql<{ id: string; provider: string }>(
      'SELECT user_id AS id, provider FROM identities ORDER BY provider',
    );
    const waysOf = ({ id }: OldPerson) =>
      rows.filter((row) => row.id === id).map(({ provider }) => provider);
    expect(waysOf(people.verified)).toEqual(['email', 'password']);
    expect(waysOf(people.unverified)).toEqual(['password']);
    expect(waysOf(people.social)).toEqual(['google', 'password']);
    expect(waysOf(people.attached)).toEqual(['google']);
    expect(waysOf(people.returning)).toEqual([]);
  });

  it('gives a password that is changed the new hash', async () => {
    const browser = host.browser();
    await signIn(browser, people.social);
    const change = { currentPassword: password, newPassword: 'another one for the new days' };
    expect((await browser.post('/auth/change-password', change)).status).toBe(200);
    const [stored] = await host.sql<{ hash: string }>(
      `SELECT secret_hash AS hash FROM identities WHERE user_id = $1 AND provider = 'password'`,
      [people.social.id],
    );
    expect(stored!.hash).toMatch(/^\$argon2id\$/);
    expect((await signIn(host.browser(), people.social)).status).toBe(401);
    expect((await signIn(host.browser(), people.social, change.newPassword)).status).toBe(200);
  });

  it.each(['social', 'attached'] as const)('knows the provider’s person of %s', async (who) => {
    const { user } = await host.app.get(AuthenticationService).complete(
      {
        kind: 'external',
        identity: {
          provider: 'google',
          issuer: 'https://accounts.google.com',
          subject: who === 'social' ? 'google-sol' : 'google-attached',
        },
        email: null,
        name: null,
        image: null,
        start: { guest: undefined, isSameBrowser: true },
      },
      { caller: undefined, client: { ipAddress: null, userAgent: null } },
    );
    const { id, email } = people[who];
    expect(user).toMatchObject({ id, email, isAnonymous: false });
  });

  it('signs accounts out, and guests that have left for good', async () => {
    expect((await browserOf(people.unverified).get('/auth/get-session')).body).toBeNull();
    const browser = browserOf(people.leaving);
    expect((await browser.post('/auth/sign-out')).status).toBe(200);
    expect((await browserOf(people.leaving).get('/auth/get-session')).body).toBeNull();
  });

  it('takes no cookie that better-auth has not signed', async () => {
    const browser = browserOf(people.returning);
    const [token] = browser.cookies.get(OLD_COOKIE)!.split('.');
    for (const value of [
      token!,
      `${token}.`,
      `${token}.${'A'.repeat(43)}%3D`,
      '%',
      `${token}.%E0`,
    ]) {
      browser.cookies.clear();
      browser.cookies.set(OLD_COOKIE, value);
      expect(await browser.get('/auth/get-session')).toMatchObject({ status: 200, body: null });
    }
  });
});
