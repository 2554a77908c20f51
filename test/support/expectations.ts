import type { HttpAnswer } from './http-client.js';
import type { TestApp } from './test-app.js';

/** What an error of this library looks like, for `toMatchObject`. */
export function refusal(status: number, code: string): object {
  return { status, body: { statusCode: status, code, message: expect.any(String) } };
}

/** Cookies that the answer sets to something, so without those that it clears. */
export function newCookies(answer: HttpAnswer): string[] {
  return answer.headers.getSetCookie().filter((line) => !/;\s*max-age=0(;|$)/i.test(line));
}

/** Names of the cookies that the answer clears. */
export function clearedCookies(answer: HttpAnswer): string[] {
  return answer.headers
    .getSetCookie()
    .filter((line) => /;\s*max-age=0(;|$)/i.test(line))
    .map((line) => line.slice(0, line.indexOf('=')));
}

const countsOf = new WeakMap<TestApp, string>();

/** Rows in every table of the database, by table; but for the figures, which instances write by themselves every now and then. */
export async function rowCounts(host: TestApp): Promise<Record<string, number>> {
  const counts = countsOf.get(host) ?? (await countingSql(host));
  countsOf.set(host, counts);
  const rows = await host.sql<{ name: string; rows: number }>(counts);
  return Object.fromEntries(rows.map(({ name, rows: count }) => [name, count]));
}

async function countingSql(host: TestApp): Promise<string> {
  const tables = await host.sql<{ name: string }>(
    `SELECT quote_ident(table_name) AS name FROM information_schema.tables
     WHERE table_schema = 'public' AND table_name NOT LIKE '%guest_figures' ORDER BY 1`,
  );
  return tables
    .map(({ name }) => `SELECT '${name}' AS name, count(*)::int AS rows FROM ${name}`)
    .join(' UNION ALL ');
}
