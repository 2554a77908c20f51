import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { startEmbeddedPostgres } from '../scripts/embedded-postgres.mjs';
import {
  AnonymousModule,
  anonymousEntities,
  anonymousMigrations,
  LinkingService,
  owned,
} from '../src/index.js';

/** What a merge of many rows costs, against the same two UPDATEs without a library, in one interleaved run. */
const ROWS_IN_EACH = Number(process.env.BENCH_ROWS ?? 100_000) / 2;
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 11);
const LIMIT = 1.15;

const TABLES = ['entry', 'mark'];
const OWNER = 'user_id uuid NOT NULL REFERENCES users (id)';
const SCHEMA = `
  CREATE TABLE entry (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, ${OWNER}, text text NOT NULL);
  CREATE INDEX ON entry (user_id);
  CREATE TABLE mark (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, ${OWNER}, text text NOT NULL);
  CREATE INDEX ON mark (user_id);`;
const KEYS = `CREATE UNIQUE INDEX entry_key ON entry (user_id, text); CREATE UNIQUE INDEX mark_key ON mark (user_id, text)`;

type Work = (guestId: string, accountId: string) => Promise<void>;

async function withApp(
  url: string,
  keys: boolean,
  work: (dataSource: DataSource, linking: LinkingService) => Promise<void>,
): Promise<void> {
  @Module({
    imports: [
      TypeOrmModule.forRoot({
        type: 'postgres',
        url,
        entities: anonymousEntities(),
        migrations: anonymousMigrations(),
        migrationsRun: true,
        installExtensions: false,
      }),
      AnonymousModule.forRoot({
        secret: 'a secret for benchmarks that is long enough',
        baseUrl: 'https://app.example',
        linking: { budget: '60s', retry: { every: '1h' } },
      }),
      AnonymousModule.forFeature(
        keys ? TABLES.map((table) => owned(table, { onCollision: 'keepAccount' })) : [],
      ),
    ],
  })
  class BenchModule {}
  const app = await NestFactory.createApplicationContext(BenchModule, { logger: ['error'] });
  try {
    await work(app.get(DataSource), app.get(LinkingService));
  } finally {
    await app.close();
  }
}

/** The same rows in tables without dead ones, for every measurement. */
async function prepare(dataSource: DataSource, guestId: string, accountId: string): Promise<void> {
  await dataSource.query('TRUNCATE entry, mark, account_links, sessions, identities, users');
  await dataSource.query('INSERT INTO users (id, is_anonymous) VALUES ($1, true), ($2, false)', [
    guestId,
    accountId,
  ]);
  for (const table of TABLES) {
    await dataSource.query(
      `INSERT INTO ${table} (user_id, text) SELECT $1, 'row ' || n FROM generate_series(1, $2::int) n`,
      [guestId, ROWS_IN_EACH],
    );
    await dataSource.query(
      `INSERT INTO ${table} (user_id, text) SELECT $1, 'mine ' || n FROM generate_series(1, 1000) n`,
      [accountId],
    );
    await dataSource.query(`VACUUM ANALYZE ${table}`);
  }
  await dataSource.query('VACUUM ANALYZE users');
  await dataSource.query('CHECKPOINT');
}

async function measure(dataSource: DataSource, work: Work): Promise<number> {
  const [guestId, accountId] = [uuidv7(), uuidv7()];
  await prepare(dataSource, guestId, accountId);
  const start = performance.now();
  await work(guestId, accountId);
  const ms = performance.now() - start;
  for (const table of TABLES) {
    const [{ n }] = await dataSource.query<[{ n: number }]>(
      `SELECT count(*)::int AS n FROM ${table} WHERE user_id = $1`,
      [accountId],
    );
    if (n !== ROWS_IN_EACH + 1000) throw new Error(`${n} rows of ${table} arrived`);
  }
  return ms;
}

async function compare(dataSource: DataSource, linking: LinkingService): Promise<number> {
  const bare: Work = (guestId, accountId) =>
    dataSource.transaction(async (manager) => {
      for (const table of TABLES) {
        await manager.query(`UPDATE ${table} SET user_id = $2 WHERE user_id = $1`, [
          guestId,
          accountId,
        ]);
      }
    });
  const merge: Work = async (guestId, accountId) => {
    const link = await linking.link(guestId, accountId);
    if (link?.status !== 'merged') throw new Error(`the link is ${link?.status}`);
  };
  const times = { bare: [] as number[], merge: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    // Whoever comes second finds a warmer machine, so they take turns.
    const order = round % 2 === 0 ? (['bare', 'merge'] as const) : (['merge', 'bare'] as const);
    for (const kind of order) {
      times[kind].push(await measure(dataSource, kind === 'bare' ? bare : merge));
    }
  }
  const ratios = times.merge.map((ms, n) => ms / times.bare[n]!);
  const ratio = median(ratios);
  console.info(
    `  two UPDATEs ${median(times.bare).toFixed(0)} ms, merge ${median(times.merge).toFixed(0)} ms, ratio ${ratio.toFixed(3)} (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`,
  );
  // On a busy machine the fastest of each says more than the middle.
  const fastest = Math.min(...times.merge) / Math.min(...times.bare);
  console.info(
    `  fastest of each: ${Math.min(...times.bare).toFixed(0)} ms, ${Math.min(...times.merge).toFixed(0)} ms, ratio ${fastest.toFixed(3)}`,
  );
  return ratio;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

const server = process.env.BENCH_DATABASE_URL ? undefined : await startEmbeddedPostgres();
const url = process.env.BENCH_DATABASE_URL ?? server!.url();
try {
  console.info(`${ROWS_IN_EACH * 2} rows of two tables, ${ROUNDS} rounds`);
  await withApp(url, false, (dataSource) => dataSource.query(SCHEMA));
  let ratio = 0;
  console.info('tables that cannot collide');
  await withApp(url, false, async (...services) => {
    ratio = await compare(...services);
  });
  console.info('tables with a unique key of the owner and no collision');
  await withApp(url, false, (dataSource) => dataSource.query(KEYS));
  await withApp(url, true, async (...services) => {
    await compare(...services);
  });
  if (ratio > LIMIT) {
    console.error(`The ratio is above ${LIMIT}.`);
    process.exitCode = 1;
  }
} finally {
  await server?.stop();
}
