import {
  ConsoleLogger,
  type INestApplication,
  type ModuleMetadata,
  type Provider,
} from '@nestjs/common';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import {
  DataSource,
  type Logger as TypeOrmLogger,
  type MigrationInterface,
  type NamingStrategyInterface,
  type QueryRunner,
} from 'typeorm';
import {
  AnonymousExceptionFilter,
  AnonymousModule,
  type AnonymousModuleExtras,
  type AnonymousModuleOptions,
  anonymousEntities,
  anonymousMigrations,
  combine,
  owned,
  type TableDeclaration,
} from '../../src/index.js';
import { cheapHashing } from './cheap-hashing.js';
import { checkTables } from './checker/checked-databases.js';
import { tablesOf } from './checker/names.js';
import { createMigratedDatabase } from './migrated-template.js';
import { createTestDatabase, type TestDatabase } from './test-database.js';
import { HttpClient } from './http-client.js';
import { type HostUsers, hostDeclarationsByName, hostTablesFor } from './host-users.js';
import { CreateHostTables1763800000001, hostControllers, hostEntities, Wallet } from './host.js';

export const ORIGIN = 'https://app.example';
export const SECRET = 'a secret for tests that is long enough to sign';

/** What the host says about its own tables. Only the wallet has a unique key that contains the owner. */
const HOST_DECLARATIONS = [owned(Wallet, { onCollision: combine({ credits: 'sum' }) })];

export interface TestAppSettings {
  adapter?: 'express' | 'fastify';
  options?: Partial<AnonymousModuleOptions>;
  extras?: Partial<AnonymousModuleExtras>;
  imports?: ModuleMetadata['imports'];
  /** What the test's own tables do in a merge. */
  tables?: readonly TableDeclaration[];
  /** In place of what the host says about its own tables. */
  hostTables?: readonly TableDeclaration[];
  /** Entities of the test beside the host's. */
  entities?: (new () => object)[];
  /** SQL that makes more tables of the host, after the migrations. */
  schema?: string;
  controllers?: ModuleMetadata['controllers'];
  providers?: Provider[];
  /** Merge handlers and the like that replace or add to the host's. */
  overrides?: { token: unknown; value: unknown }[];
  /** A host with a user table of its own, and its tables made to fit. */
  users?: HostUsers;
  /** Whether the host takes the word of a proxy for where a request comes from. @default false */
  trustsProxy?: boolean;
  /** What the host says about pages of other origins. */
  cors?: Parameters<INestApplication['enableCors']>[0];
  /** Of the host's DataSource: naming, schema and the like. */
  naming?: { namingStrategy?: NamingStrategyInterface; schema?: string; entityPrefix?: string };
  /** An existing database, for a second instance beside the first. */
  databaseUrl?: string;
  poolSize?: number;
  /** Of the driver: its timeouts and the like. */
  driver?: object;
  /** Name of the host's DataSource. Without it, the default one. */
  dataSourceName?: string;
  /** Accounts sign in by means of the host, so that not each has an identity. */
  hostHasLogin?: boolean;
}

export interface TestApp {
  readonly app: INestApplication;
  readonly dataSource: DataSource;
  readonly databaseUrl: string;
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  /** Statements that requests sent to the database, without BEGIN, COMMIT, SET and SAVEPOINT. Empty it before counting. */
  readonly statements: string[];
  /** A browser: it keeps cookies and sends the `Origin` of our own pages. */
  browser(): HttpClient;
  sql<Row = Record<string, unknown>>(text: string, parameters?: unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

/** A host app with pets, photos and baskets (see host.ts) on a fresh database, listening on a free port. */
export async function createTestApp(settings: TestAppSettings = {}): Promise<TestApp> {
  const database = await databaseFor(settings);
  const statements: string[] = [];
  let opened: INestApplication | undefined;
  try {
    const module = Test.createTestingModule({
      imports: [
        TypeOrmModule.forRoot({
          type: 'postgres',
          name: settings.dataSourceName,
          url: database.url,
          ...settings.naming,
          entities: [
            ...anonymousEntities(settings.users),
            ...(settings.users ? [] : hostEntities),
            ...(settings.entities ?? []),
          ],
          migrations: [
            ...(settings.users?.migrations ?? []),
            ...anonymousMigrations(settings.users),
            settings.users ? hostTablesFor(settings.users) : CreateHostTables1763800000001,
            ...(settings.schema ? [schemaMigration(settings.schema)] : []),
          ],
          migrationsRun: true,
          uuidExtension: 'pgcrypto',
          installExtensions: false,
          logger: new StatementLog(statements),
          poolSize: settings.poolSize ?? 10,
          extra: settings.driver,
          retryAttempts: 0,
        }),
        EventEmitterModule.forRoot(),
        AnonymousModule.forRoot({
          secret: SECRET,
          baseUrl: ORIGIN,
          // Every client of a test has one address. Tests of limits say so.
          throttle: false,
          password: { hash: cheapHashing },
          dataSource: settings.dataSourceName,
          ...settings.options,
          guest: { ...settings.users?.guest, ...settings.options?.guest },
          ...settings.extras,
        }),
        AnonymousModule.forFeature([
          ...(settings.hostTables ?? (settings.users ? hostDeclarationsByName : HOST_DECLARATIONS)),
          ...(settings.tables ?? []),
        ]),
        ...(settings.imports ?? []),
      ],
      controllers: [...hostControllers, ...(settings.controllers ?? [])],
      providers: [...hostDataSource(settings.dataSourceName), ...(settings.providers ?? [])],
    });
    for (const { token, value } of settings.overrides ?? []) {
      module.overrideProvider(token).useValue(value);
    }
    const compiled = await module.setLogger(new SilentLogger()).compile();
    const app = compiled.createNestApplication(adapterOf(settings));
    opened = app;
    app.useGlobalFilters(new AnonymousExceptionFilter(app.getHttpAdapter()));
    if (settings.cors) app.enableCors(settings.cors);
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();
    const dataSource = app.get(DataSource);
    checkTables(database.url, tablesOf(app, settings.hostHasLogin ?? false));
    return {
      app,
      dataSource,
      databaseUrl: database.url,
      url,
      statements,
      browser: () => new HttpClient(url, { origin: ORIGIN }),
      sql: (text, parameters) => dataSource.query(text, parameters),
      close: async () => {
        await app.close();
        await database.drop();
      },
    };
  } catch (error) {
    await opened?.close().catch(() => undefined);
    await database.drop();
    throw error;
  }
}

function databaseFor({ databaseUrl, users, naming }: TestAppSettings): Promise<TestDatabase> {
  if (databaseUrl) return Promise.resolve({ url: databaseUrl, drop: () => Promise.resolve() });
  return users || naming ? createTestDatabase() : createMigratedDatabase();
}

function adapterOf({ adapter, trustsProxy = false }: TestAppSettings) {
  if (adapter === 'fastify') return new FastifyAdapter({ trustProxy: trustsProxy });
  const express = new ExpressAdapter();
  express.set('trust proxy', trustsProxy);
  return express;
}

/** The host's controllers ask for a DataSource by its class, which only the default one has. */
function hostDataSource(name: string | undefined): Provider[] {
  if (name === undefined) return [];
  return [{ provide: DataSource, useExisting: getDataSourceToken(name) as string }];
}

function schemaMigration(sql: string): new () => MigrationInterface {
  return class TestSchema1763900000001 implements MigrationInterface {
    readonly name = 'TestSchema1763900000001';

    async up(queryRunner: QueryRunner): Promise<void> {
      await queryRunner.query(sql);
    }

    async down(): Promise<void> {}
  };
}

/** Errors that a test provokes are not the test's output. */
class SilentLogger extends ConsoleLogger {
  override log(): void {}
  override warn(): void {}
  override error(message: unknown, ...rest: unknown[]): void {
    if (process.env.TEST_LOG) super.error(message, ...rest);
  }
}

class StatementLog implements TypeOrmLogger {
  constructor(private readonly statements: string[]) {}

  logQuery(query: string): void {
    // What instances do by themselves every now and then is nobody's statement.
    const isBackground = /LIMIT 1 FOR UPDATE SKIP LOCKED|SET "status" = 'kept'/.test(query);
    const isFrame = /^\s*(BEGIN|START|COMMIT|ROLLBACK|SET|SAVEPOINT|RELEASE)\b/i.test(query);
    if (!isFrame && !isBackground) this.statements.push(query);
  }

  logQueryError(): void {}
  logQuerySlow(): void {}
  logSchemaBuild(): void {}
  logMigration(): void {}
  log(): void {}
}
