import { ConsoleLogger } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource, type DataSourceOptions } from 'typeorm';
import {
  AnonymousModule,
  type AnonymousModuleOptions,
  anonymousEntities,
  anonymousMigrations,
  ConfigurationError,
} from '../../src/index.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const secret = 'a secret for tests that is long enough to sign';
const short = 'kzqxjwv kzqxjwv kzqxjwv kzqxjwv';
const origin = /https:\/\/app\.example/;
const unit = /'30s'|'30d'/;

type Mistake = [
  name: string,
  options: Record<string, unknown>,
  /** What the message has to name, and what it has to tell to write. */
  option: RegExp,
  remedy: RegExp,
];

const mistakes: Mistake[] = [
  ['no secret', { secret: undefined }, /"secret"/, /32 bytes.*AUTH_SECRET/],
  ['an empty secret', { secret: '' }, /"secret"/, /32 bytes.*AUTH_SECRET/],
  ['a secret of 31 bytes', { secret: short }, /"secret"/, /32 bytes.*AUTH_SECRET/],
  ['a secret that is no text', { secret: Buffer.alloc(32) }, /"secret"/, /32 bytes/],
  ['a secret and secrets', { secrets: [secret] }, /"secret".*"secrets"/, /either|one of/],
  ['no secret in secrets', { secret: undefined, secrets: [] }, /"secrets"/, /at least one/],
  [
    'a short one in secrets',
    { secret: undefined, secrets: [secret, short] },
    /"secrets/,
    /32 bytes/,
  ],
  ['no baseUrl', { baseUrl: undefined }, /"baseUrl"/, origin],
  ['an empty baseUrl', { baseUrl: '' }, /"baseUrl"/, origin],
  ['a baseUrl with a path', { baseUrl: 'https://app.example/api' }, /"baseUrl"/, origin],
  ['a baseUrl with a query', { baseUrl: 'https://app.example/?a=b' }, /"baseUrl"/, origin],
  ['a baseUrl with a password', { baseUrl: 'https://a:b@app.example' }, /"baseUrl"/, origin],
  ['a baseUrl without a scheme', { baseUrl: 'app.example' }, /"baseUrl"/, origin],
  ['a baseUrl of another scheme', { baseUrl: 'ftp://app.example' }, /"baseUrl"/, origin],
  ['every origin trusted', { trustedOrigins: ['*'] }, /"trustedOrigins"/, origin],
  ['the origin null trusted', { trustedOrigins: ['null'] }, /"trustedOrigins"/, origin],
  [
    'a trusted origin with a path',
    { trustedOrigins: ['https://a.example/b'] },
    /"trustedOrigins"/,
    origin,
  ],
  ['a bare number for a guest', { guest: { expiresIn: 604_800 } }, /"guest\.expiresIn"/, unit],
  ['a number as text', { guest: { expiresIn: '604800' } }, /"guest\.expiresIn"/, unit],
  ['an unknown unit', { guest: { expiresIn: '1w' } }, /"guest\.expiresIn"/, unit],
  ['a negative duration', { guest: { expiresIn: '-7d' } }, /"guest\.expiresIn"/, unit],
  ['an empty duration', { guest: { expiresIn: '' } }, /"guest\.expiresIn"/, unit],
  ['a bare number for a session', { session: { expiresIn: 60 } }, /"session\.expiresIn"/, unit],
  ['a bare number for the cache', { session: { cacheFor: 60 } }, /"session\.cacheFor"/, unit],
  ['a bare number for the budget', { linking: { budget: 2000 } }, /"linking\.budget"/, unit],
  [
    'passwords of 4 characters',
    { password: { minLength: 4 } },
    /"password\.minLength"/,
    /8 to 256/,
  ],
  [
    'passwords of 7 characters',
    { password: { minLength: 7 } },
    /"password\.minLength"/,
    /8 to 256/,
  ],
  [
    'passwords of 257 characters',
    { password: { minLength: 257 } },
    /"password\.minLength"/,
    /8 to 256/,
  ],
  ['half a character', { password: { minLength: 8.5 } }, /"password\.minLength"/, /8 to 256/],
  [
    'a minimum that is text',
    { password: { minLength: '10' } },
    /"password\.minLength"/,
    /8 to 256/,
  ],
  [
    'an unknown repeatSignIn',
    { guest: { repeatSignIn: 'never' } },
    /"guest\.repeatSignIn"/,
    /'same-guest' or 'reject'/,
  ],
  [
    'a cookie name with a blank',
    { cookie: { name: 'my session' } },
    /"cookie\.name"/,
    /cookie name/,
  ],
  [
    'a __Host- cookie over http',
    { baseUrl: 'http://localhost:3000', cookie: { name: '__Host-session' } },
    /"cookie\.name"/,
    /https/,
  ],
];

describe('the start', () => {
  let database: TestDatabase;
  let empty: TestDatabase;
  const opened: DataSource[] = [];
  beforeAll(async () => {
    [database, empty] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  });
  afterAll(async () => {
    for (const source of opened) if (source.isInitialized) await source.destroy();
    await Promise.all([database.drop(), empty.drop()]);
  });

  async function open(url: string, options: Partial<DataSourceOptions>): Promise<DataSource> {
    const source = new DataSource({ type: 'postgres', url, ...options } as DataSourceOptions);
    opened.push(source);
    return source.initialize();
  }

  let migrated: DataSource | undefined;
  const migratedSource = async () =>
    (migrated ??= await open(database.url, {
      entities: anonymousEntities(),
      migrations: anonymousMigrations(),
      migrationsRun: true,
    }));

  /** The error that keeps the app from starting; `undefined` when it starts. */
  async function failureOf(source: DataSource, options: Record<string, unknown>): Promise<unknown> {
    const all = { secret, baseUrl: 'https://app.example', ...options } as AnonymousModuleOptions;
    try {
      const module = await Test.createTestingModule({
        imports: [
          TypeOrmModule.forRootAsync({
            useFactory: () => ({ type: 'postgres' }),
            dataSourceFactory: async () => source,
          }),
          AnonymousModule.forRoot(all),
        ],
      })
        .setLogger(new ConsoleLogger({ logLevels: [] }))
        .compile();
      await module.init();
      await module.close();
      return undefined;
    } catch (error) {
      return error;
    }
  }

  it.each(mistakes)(
    'is refused with %s, in words that help',
    async (_, options, option, remedy) => {
      const error = await failureOf(await migratedSource(), options);
      expect(error).toBeInstanceOf(ConfigurationError);
      const { message } = error as ConfigurationError;
      expect(message).toMatch(option);
      expect(message).toMatch(remedy);
      expect(message).not.toContain(short);
      expect(message).not.toContain(secret);
    },
  );

  it('is refused when the DataSource does not know the entities', async () => {
    const error = await failureOf(await open(empty.url, { entities: [] }), {});
    expect(error).toBeInstanceOf(ConfigurationError);
    expect((error as Error).message).toMatch(/entities: \[\.\.\.anonymousEntities\(\)/);
  });

  it('is refused when the DataSource knows only some of the entities', async () => {
    const [users] = anonymousEntities();
    const error = await failureOf(await open(empty.url, { entities: [users!] }), {});
    expect(error).toBeInstanceOf(ConfigurationError);
    expect((error as Error).message).toMatch(/entities: \[\.\.\.anonymousEntities\(\)/);
  });

  it('is refused when the migrations have not run', async () => {
    const source = await open(empty.url, { entities: anonymousEntities() });
    const error = await failureOf(source, {});
    expect(error).toBeInstanceOf(ConfigurationError);
    expect((error as Error).message).toMatch(/anonymousMigrations\(\).*migrationsRun: true/);
  });

  it('is refused when a newer migration has not run', async () => {
    const [first] = anonymousMigrations();
    const half = { migrations: [first!], migrationsRun: true };
    const source = await open(empty.url, { entities: anonymousEntities(), ...half });
    const error = await failureOf(source, {});
    expect(error).toBeInstanceOf(ConfigurationError);
    expect((error as Error).message).toMatch(/anonymousMigrations\(\).*migrationsRun: true/);
  });

  it.each([
    ['the least that is needed', {}],
    ['a slash at the end of the origin', { baseUrl: 'https://app.example/' }],
    ['several secrets', { secret: undefined, secrets: [secret, `${secret}!`] }],
    [
      'every duration in its own unit',
      { guest: { expiresIn: '12h' }, session: { cacheFor: '500ms' } },
    ],
  ])('succeeds with %s', async (_, options) => {
    const url = database.url;
    const source = await open(url, {
      entities: anonymousEntities(),
      migrations: anonymousMigrations(),
      migrationsRun: true,
    });
    expect(await failureOf(source, options)).toBeUndefined();
  });
});
