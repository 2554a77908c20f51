import type { HttpClient } from '../support/http-client.js';
import type { TestApp } from '../support/test-app.js';
import { signIn, signUp, userOf } from './visitors.js';

/** Somebody with an account at home, who is a guest in another browser. */
export interface TwoSides {
  readonly home: HttpClient;
  readonly away: HttpClient;
  readonly account: string;
  readonly guest: string;
}

type Fill = (client: HttpClient) => Promise<unknown>;

/** Both browsers have something of their own before the sign-in. */
export async function twoSides(
  host: TestApp,
  { home: fillHome, away: fillAway }: { readonly home?: Fill; readonly away: Fill },
): Promise<TwoSides> {
  const [home, away] = [host.browser(), host.browser()];
  await fillHome?.(home);
  await signUp(home);
  await fillAway(away);
  const [account, guest] = [await userOf(home), await userOf(away)];
  expect([account?.isAnonymous, guest?.isAnonymous]).toEqual([false, true]);
  return { home, away, account: account!.id, guest: guest!.id };
}

/** Signs the guest in. @returns what the receipt counts, by table. */
export async function merge({ away }: TwoSides): Promise<Record<string, object>> {
  const { body } = await signIn(away);
  expect(body.link).toMatchObject({ status: 'merged' });
  return body.link.receipt.tables;
}

/** The rows of a table, each as "owner: its columns". */
export async function rowsIn(
  host: TestApp,
  table: string,
  columns: string,
  { guest, account }: TwoSides,
  owner = 'user_id',
): Promise<string[]> {
  const rows = await host.sql<{ line: string }>(
    `SELECT concat(CASE ${owner} WHEN $1 THEN 'guest' WHEN $2 THEN 'account' ELSE 'somebody else' END,
       ': ', concat_ws(', ', ${columns})) AS line FROM ${table} ORDER BY line`,
    [guest, account],
  );
  return rows.map(({ line }) => line);
}
