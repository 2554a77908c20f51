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

/** Rows in every table of the database, by table. */
export async function rowCounts(host: TestApp): Promise<Record<string, number>> {
  const tables = await host.sql<{ name: string }>(
    `SELECT quote_ident(table_name) AS name FROM information_schema.tables
     WHERE table_schema = 'public' ORDER BY 1`,
  );
  const counts = tables.map(
    ({ name }) => `SELECT '${name}' AS name, count(*)::int AS rows FROM ${name}`,
  );
  const rows = await host.sql<{ name: string; rows: number }>(counts.join(' UNION ALL '));
  return Object.fromEntries(rows.map(({ name, rows: count }) => [name, count]));
}
