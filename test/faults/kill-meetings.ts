import { join } from 'node:path';
import { eventually } from '../support/barrier.js';
import {
  addNotes,
  creditsOf,
  giveWallet,
  guestWithNotes,
  ledgerOf,
  notesOf,
  signIn,
  userExists,
} from '../support/links.js';
import { type AccountHolder, newAccount, type Person } from '../support/people.js';
import { RaceProcess } from '../support/race-process.js';
import type { TestApp } from '../support/test-app.js';
import type { Point } from './kill-points.js';

/** What Postgres knows the connections of the process by. */
const VICTIM = 'killed';

/** A guest who signs in to an account. */
export interface Meeting {
  readonly guest: Person;
  readonly account: AccountHolder;
}

export const startVictim = ({ databaseUrl }: TestApp) =>
  RaceProcess.start(join(import.meta.dirname, 'kill-host.ts'), {
    DATABASE_URL: databaseUrl,
    PGAPPNAME: VICTIM,
  });

export async function meeting(host: TestApp, point?: Point): Promise<Meeting> {
  const account = await newAccount(host);
  await addNotes(account.client, 'hers');
  await giveWallet(host, account.userId, 10);
  const guest = await guestWithNotes(host, 'mine', 'mine too');
  await giveWallet(host, guest.userId, 5);
  if (point) await host.sql('INSERT INTO hold VALUES ($1, $2)', [guest.userId, point]);
  return { account, guest };
}

/** The same browser at another instance. */
export function at(url: { browser(): Person['client'] }, { guest, account }: Meeting) {
  const client = url.browser();
  guest.client.cookies.copyTo(client.cookies);
  return signIn({ client }, account);
}

export async function stateOf(host: TestApp, { guest, account }: Meeting) {
  const ledger = await ledgerOf(host, guest.userId);
  return {
    guest: {
      exists: await userExists(host, guest.userId),
      notes: await notesOf(host, guest.userId),
      credits: await creditsOf(host, guest.userId),
    },
    account: {
      notes: await notesOf(host, account.userId),
      credits: await creditsOf(host, account.userId),
    },
    links: ledger.map(({ status, announced }) => ({ status, announced })),
  };
}

export const WHOLE = {
  guest: { exists: true, notes: ['mine', 'mine too'], credits: [5] },
  account: { notes: ['hers'], credits: [10] },
  links: [{ status: 'pending', announced: false }],
};
export const MERGED = {
  guest: { exists: false, notes: [], credits: [] },
  account: { notes: ['hers', 'mine', 'mine too'], credits: [15] },
  links: [{ status: 'merged', announced: false }],
};
const ANNOUNCED = { ...MERGED, links: [{ status: 'merged', announced: true }] };

/** What the dead process still holds locks with. */
export async function statementsWithLocks(host: TestApp): Promise<string[]> {
  const rows = await host.sql<{ query: string }>(
    `SELECT DISTINCT a.query FROM pg_locks l JOIN pg_stat_activity a USING (pid)
     WHERE a.application_name = $1`,
    [VICTIM],
  );
  return rows.map(({ query }) => query);
}

/** The lease of the dead process is over. */
export const becomeDue = (host: TestApp, { guest }: Meeting) =>
  host.sql('UPDATE account_links SET next_attempt_at = now() WHERE guest_id = $1', [guest.userId]);

export async function expectAnnounced(host: TestApp, meeting: Meeting): Promise<void> {
  const { guest } = meeting;
  const link = await eventually('the link is announced', async () => {
    const [known] = await ledgerOf(host, guest.userId);
    return known?.announced && known;
  });
  const heard = await host.sql('SELECT 1 FROM heard WHERE link = $1', [link.id]);
  expect(heard.length).toBeGreaterThanOrEqual(1);
  expect(await stateOf(host, meeting)).toEqual(ANNOUNCED);
}
