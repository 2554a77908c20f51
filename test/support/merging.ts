import type { LinkView } from '../../src/index.js';
import { signIn } from './links.js';
import { type AccountHolder, newAccount, newGuest, type Person } from './people.js';
import type { TestApp } from './test-app.js';

export type Cell = string | number | boolean | null;

export interface Meeting {
  readonly guest: Person;
  readonly account: AccountHolder;
  readonly stranger: AccountHolder;
}

export async function meet(host: TestApp): Promise<Meeting> {
  const [account, stranger] = [await newAccount(host), await newAccount(host)];
  return { account, stranger, guest: await newGuest(host) };
}

/** Signs the guest in to the account. */
export async function link({ guest, account }: Meeting): Promise<LinkView> {
  const { status, body } = await signIn(guest, account);
  expect(status).toBe(200);
  return body.link;
}

/** Writes rows in which the words guest, account and stranger stand for their ids. */
export async function insert(
  host: TestApp,
  table: string,
  people: Meeting,
  rows: readonly (readonly Cell[])[],
): Promise<void> {
  for (const row of rows) {
    const values = row.map((cell) => idOf(cell, people));
    const places = values.map((_, n) => `$${n + 1}`).join(', ');
    await host.sql(`INSERT INTO ${table} VALUES (${places})`, values);
  }
}

/** The rows of a table in the order of their first column, with those words for the ids. */
export async function rowsIn(host: TestApp, table: string, people: Meeting): Promise<Cell[][]> {
  const rows = await host.sql<Record<string, Cell>>(`SELECT * FROM ${table} t ORDER BY t`);
  return rows.map((row) => Object.values(row).map((cell) => wordOf(cell, people)));
}

function idOf(cell: Cell, people: Meeting): Cell {
  return isWord(cell) ? people[cell].userId : cell;
}

function wordOf(cell: Cell, people: Meeting): Cell {
  return (['guest', 'account', 'stranger'] as const).find((w) => people[w].userId === cell) ?? cell;
}

function isWord(cell: Cell): cell is keyof Meeting {
  return cell === 'guest' || cell === 'account' || cell === 'stranger';
}
