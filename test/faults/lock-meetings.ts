import type { LinkingOptions } from '../../src/index.js';
import { eventually } from '../support/barrier.js';
import {
  addNotes,
  creditsOf,
  giveWallet,
  guestWithNotes,
  ledgerOf,
  linkInState,
  notesOf,
  signIn,
} from '../support/links.js';
import { type AccountHolder, newAccount, type Person } from '../support/people.js';
import type { TestApp } from '../support/test-app.js';

const BUDGET_MS = 1_000;
/** The lock is held for as long as it takes to get an answer, so any answer shows that nobody waited for it. */
const LATEST_MS = 10_000;

/** A budget in which one attempt can give way to a lock, and retries that a test can wait for. */
export const linking: LinkingOptions = {
  budget: `${BUDGET_MS}ms`,
  retry: { every: '50ms', firstDelay: '200ms', maxDelay: '200ms' },
};

/** A guest with something in each table, and the account that it is about to sign in to. */
export interface Meeting {
  readonly guest: Person;
  readonly account: AccountHolder;
}

export async function meeting(host: TestApp): Promise<Meeting> {
  const account = await newAccount(host);
  await addNotes(account.client, 'hers');
  const guest = await guestWithNotes(host, 'mine');
  await giveWallet(host, guest.userId, 5);
  return { account, guest };
}

/** The status of the link that a sign-in tells without waiting for what the link waits for. */
export async function signInInTime({ guest, account }: Meeting): Promise<string> {
  const before = performance.now();
  const { status, body } = await signIn(guest, account);
  expect(performance.now() - before).toBeLessThan(LATEST_MS);
  expect(status).toBe(200);
  return body.link.status as string;
}

/** By itself, as a whole, once. */
export async function expectMerged(host: TestApp, { guest, account }: Meeting): Promise<void> {
  await linkInState(host, guest.userId, 'merged');
  expect(await ledgerOf(host, guest.userId)).toHaveLength(1);
  expect(await notesOf(host, account.userId)).toEqual(['hers', 'mine']);
  expect(await creditsOf(host, account.userId)).toEqual([5]);
}

export async function expectWhole(host: TestApp, { guest, account }: Meeting): Promise<void> {
  expect(await notesOf(host, guest.userId)).toEqual(['mine']);
  expect(await creditsOf(host, guest.userId)).toEqual([5]);
  expect(await notesOf(host, account.userId)).toEqual(['hers']);
}

/** Why the latest attempt has failed, once one has. */
export function failedAttempt(host: TestApp, { guest }: Meeting): Promise<string> {
  return eventually('an attempt has failed', async () => {
    const [link] = await ledgerOf(host, guest.userId);
    return link!.attempts > 0 && link!.error;
  });
}
