import { Client } from 'pg';
import { eventually } from './barrier.js';
import { brokenIn, setsIn } from './checker/checked-databases.js';
import { type CheckedTables, USUAL_TABLES } from './checker/names.js';
import { ownedRowRules } from './checker/owned-rows.js';
import { rulesOf } from './checker/rules.js';
import { type Acknowledged, lostRows } from './checker/acknowledged.js';

/** Rows that are shown of each rule that does not hold. */
const MOST_SHOWN = 3;

/** Connections that hold something: a transaction, or a lock for the session. */
const HOLDERS = `
  SELECT a.state || ': ' || a.query AS "holder" FROM pg_stat_activity a
  WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.backend_type = 'client backend'
    AND (a.xact_start IS NOT NULL OR EXISTS (SELECT 1 FROM pg_locks l WHERE l.pid = a.pid AND l.locktype = 'advisory'))`;

const HAS_USUAL_TABLES = `
  SELECT to_regclass('account_links') IS NOT NULL AND EXISTS (SELECT 1 FROM pg_attribute
    WHERE attrelid = to_regclass('users') AND attname = 'is_anonymous') AS "has"`;

export interface CheckOptions {
  /** Rows that somebody was told are stored. */
  readonly acknowledged?: readonly Acknowledged[];
  /** How long a transaction may go on that others have not ended yet. */
  readonly patienceMs?: number;
}

/**
 * The global checker: fails with a list of everything that is wrong in a database. Works beside running apps and after
 * them. Every test database is checked before it is dropped.
 */
export async function expectCleanDatabase(
  databaseUrl: string,
  options: CheckOptions = {},
): Promise<void> {
  expect(await violationsIn(databaseUrl, options)).toEqual([]);
}

/** What {@link expectCleanDatabase} finds, as text. */
export async function violationsIn(
  databaseUrl: string,
  { acknowledged = [], patienceMs }: CheckOptions = {},
): Promise<string[]> {
  const client = new Client(databaseUrl);
  await client.connect();
  try {
    await nothingIsHeld(client, patienceMs);
    const wrong: string[] = [];
    for (const tables of await setsOf(client, databaseUrl)) {
      const rules = { ...rulesOf(tables), ...(await ownedRowRules(client, tables)) };
      wrong.push(...(await broken(client, rules)));
    }
    for (const rows of acknowledged) wrong.push(...(await lostRows(client, rows)));
    return unexpected(wrong, brokenIn(databaseUrl));
  } finally {
    await client.end();
  }
}

async function setsOf(client: Client, url: string): Promise<readonly CheckedTables[]> {
  const known = setsIn(url);
  if (known.length > 0) return known;
  const { rows } = await client.query<{ has: boolean }>(HAS_USUAL_TABLES);
  return rows[0]!.has ? [USUAL_TABLES] : [];
}

async function nothingIsHeld(client: Client, patienceMs?: number): Promise<void> {
  const isOver = async () => (await client.query(HOLDERS)).rows.length === 0;
  await eventually('every transaction has ended', isOver, patienceMs);
}

/** All rules in one statement. */
async function broken(client: Client, rules: Readonly<Record<string, string>>): Promise<string[]> {
  const names = Object.keys(rules);
  const union = Object.values(rules).map(
    (sql, n) =>
      `(SELECT ${n} AS "rule", jsonb_agg(f) AS "found" FROM (${sql} LIMIT ${MOST_SHOWN}) f HAVING count(*) > 0)`,
  );
  const { rows } = await client.query<{ rule: number; found: object[] }>(union.join(' UNION ALL '));
  return rows.map(({ rule, found }) => `${names[rule]}: ${JSON.stringify(found)}`);
}

/** Without what a test has said it would leave; with what it has said and not done. */
function unexpected(wrong: readonly string[], left: readonly string[]): string[] {
  const isLeft = (line: string) => left.some((rule) => line.startsWith(rule));
  return [
    ...wrong.filter((line) => !isLeft(line)),
    ...left
      .filter((rule) => !wrong.some((line) => line.startsWith(rule)))
      .map((rule) => `holds, but was said to be left broken: ${rule}`),
  ];
}
