import { ConsoleLogger } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import fc from 'fast-check';
import { Client } from 'pg';
import {
  AnonymousModule,
  anonymousEntities,
  anonymousMigrations,
  combine,
  LinkingService,
  newest,
  owned,
  type TableDeclaration,
} from '../../src/index.js';
import { leaveBroken } from '../support/checker/checked-databases.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { ORIGIN, SECRET } from '../support/test-app.js';
import { columnsOf, type Generated, generated, type Row, type Table } from './generated-schema.js';
import { collidingKeys, combinedColumns, losingTables, mergeInMemory } from './model.js';

const GUEST = '00000000-0000-4000-8000-00000000000a';
const ACCOUNT = '00000000-0000-4000-8000-00000000000b';
const STRANGER = '00000000-0000-4000-8000-00000000000c';
const IDS: Record<string, string> = { guest: GUEST, account: ACCOUNT, stranger: STRANGER };
const RUNS = Number(process.env.ENGINE_RUNS ?? 50);

let database: TestDatabase;
let client: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  client = new Client(database.url);
  await client.connect();
}, 60_000);

afterAll(async () => {
  await client.end();
  leaveBroken(database.url, 'an account has no identity', 'a merge asks nobody how it signs in');
  await database.drop();
});

it(
  `merges ${RUNS} random schemas as the plain model does, and a second time changes nothing`,
  async () => {
    const property = fc.asyncProperty(generated, async (example) => {
      await migrate();
      await create(example);
      const link = await merge(example);
      expect(link).toMatchObject({ status: 'merged' });
      const expected = sorted(mergeInMemory(example));
      expect(await stored(example)).toEqual(expected);
      expect(await merge(example)).toMatchObject({ id: link!.id, status: 'merged' });
      expect(await stored(example)).toEqual(expected);
    });
    const seed = Number(process.env.ENGINE_SEED ?? Date.now() % 2 ** 31);
    const path = process.env.ENGINE_PATH;
    console.info(`ENGINE_SEED=${seed}`);
    await fc.assert(property, { numRuns: RUNS, seed, path, endOnFailure: false });
  },
  Math.max(120_000, RUNS * 2_000),
);

/** The library's tables once; the generated ones anew each time. */
async function migrate(): Promise<void> {
  await client.query('DROP SCHEMA IF EXISTS host CASCADE; CREATE SCHEMA host');
  const { rows } = await client.query(`SELECT to_regclass('users') IS NOT NULL AS done`);
  if (!rows[0].done) await withApp([], () => Promise.resolve());
  await client.query('DELETE FROM account_links; DELETE FROM users');
  await client.query(
    `INSERT INTO users (id, is_anonymous) SELECT id::uuid, id = $1 FROM unnest($2::text[]) AS id`,
    [GUEST, [GUEST, ACCOUNT, STRANGER]],
  );
}

async function create({ tables, rows }: Generated): Promise<void> {
  for (const table of tables) await client.query(ddlOf(table, tables));
  for (const row of rows) {
    const { name } = tables[row.table]!;
    const columns = Object.keys(row.values);
    const values = columns.map((c) => IDS[String(row.values[c])] ?? row.values[c]);
    const places = columns.map((_, n) => `$${n + 2}`);
    await client.query(
      `INSERT INTO host.${name} (id, ${columns.join(', ')}) VALUES ($1, ${places.join(', ')})`,
      [row.id, ...values],
    );
  }
}

function ddlOf({ name, id, owners, parents, keys }: Table, tables: readonly Table[]): string {
  const columns = [
    `id ${id} PRIMARY KEY`,
    ...owners.map(
      (column, n) => `${column} uuid ${n === 0 ? 'NOT NULL' : ''} REFERENCES public.users`,
    ),
    ...parents.map(
      ({ column, table }) => `${column} ${tables[table]!.id} REFERENCES host.t${table}`,
    ),
    'label text NOT NULL',
    'n integer',
    'flag boolean NOT NULL',
  ];
  const indexes = keys.map(
    (key, n) =>
      `CREATE UNIQUE INDEX ${name}_key${n} ON host.${name} (${key.columns.join(', ')})
       ${key.nullsNotDistinct ? 'NULLS NOT DISTINCT' : ''} ${key.partial === null ? '' : `WHERE ${key.partial}`}`,
  );
  return [`CREATE TABLE host.${name} (${columns.join(', ')})`, ...indexes].join(';\n');
}

function declarationsOf({ tables }: Generated): TableDeclaration[] {
  const losing = losingTables(tables);
  return tables
    .filter((table) => collidingKeys(table, losing).length > 0)
    .map((table) => {
      const { n, flag } = combinedColumns(table);
      const strategies = {
        keepAccount: 'keepAccount',
        keepGuest: 'keepGuest',
        newest: newest('n'),
        combine: combine({ ...(n && { n: 'sum' as const }), ...(flag && { flag: 'or' as const }) }),
      } as const;
      return owned(`host.${table.name}`, { onCollision: strategies[table.strategy] });
    });
}

function merge(example: Generated) {
  return withApp(declarationsOf(example), (linking) => linking.link(GUEST, ACCOUNT));
}

async function withApp<Result>(
  declarations: TableDeclaration[],
  work: (linking: LinkingService) => Promise<Result>,
): Promise<Result> {
  const module = await Test.createTestingModule({
    imports: [
      TypeOrmModule.forRoot({
        type: 'postgres',
        url: database.url,
        entities: anonymousEntities(),
        migrations: anonymousMigrations(),
        migrationsRun: true,
        installExtensions: false,
        retryAttempts: 0,
        logging: process.env.ENGINE_DEBUG ? ['error'] : false,
      }),
      AnonymousModule.forRoot({
        secret: SECRET,
        baseUrl: ORIGIN,
        linking: { budget: '20s', retry: { every: '1h' } },
      }),
      AnonymousModule.forFeature(declarations),
    ],
  })
    .setLogger(new ConsoleLogger({ logLevels: ['warn', 'error', 'fatal'] }))
    .compile();
  const app = await module.init();
  try {
    return await work(app.get(LinkingService));
  } finally {
    await app.close();
  }
}

/** Every generated row that is stored, with names for the users, in one order. */
async function stored({ tables }: Generated): Promise<Row[]> {
  const names = Object.fromEntries(Object.entries(IDS).map(([who, id]) => [id, who]));
  const rows: Row[] = [];
  for (const [index, table] of tables.entries()) {
    const columns = columnsOf(table);
    const found = await client.query(`SELECT id, ${columns.join(', ')} FROM host.${table.name}`);
    for (const { id, ...values } of found.rows) {
      const named = Object.entries(values).map(([c, v]) => [
        c,
        table.owners.includes(c)
          ? (names[String(v)] ?? v)
          : v !== null && c.endsWith('_id')
            ? `${v as string | number}`
            : v,
      ]);
      rows.push({ table: index, id: String(id), values: Object.fromEntries(named) });
    }
  }
  return sorted(rows);
}

function sorted(rows: readonly Row[]): Row[] {
  return [...rows].sort((a, b) => a.table - b.table || (a.id < b.id ? -1 : 1));
}
