import type { Client } from 'pg';

/** Rows of one table by a key that their client has made up, so that no two writes share it. */
export interface Acknowledged {
  readonly table: string;
  readonly column: string;
  /** Those whose write was answered with success: each is there exactly once. */
  readonly keys: readonly string[];
  /** Those whose write was refused: none is there. */
  readonly refused?: readonly string[];
  /** Those whose write has got no answer: each is there once or not at all. */
  readonly unanswered?: readonly string[];
}

/** What has become of them that must not. */
export async function lostRows(
  client: Client,
  { table, column, keys, refused = [], unanswered = [] }: Acknowledged,
): Promise<string[]> {
  const { rows } = await client.query<{ key: string; times: number }>(
    `SELECT ${column} AS key, count(*)::int AS times FROM ${table} WHERE ${column} = ANY ($1) GROUP BY 1`,
    [[...keys, ...refused, ...unanswered]],
  );
  const times = new Map(rows.map(({ key, times: n }) => [key, n]));
  const of = (key: string) => times.get(key) ?? 0;
  const told = (what: string, found: readonly string[]) =>
    found.length === 0
      ? []
      : [`${found.length} rows of ${table} ${what}: ${found.slice(0, 3).join(', ')}`];
  return [
    ...told(
      'are lost',
      keys.filter((key) => of(key) === 0),
    ),
    ...told(
      'are there more than once',
      [...keys, ...unanswered].filter((key) => of(key) > 1),
    ),
    ...told(
      'were refused and are there',
      refused.filter((key) => of(key) > 0),
    ),
  ];
}
