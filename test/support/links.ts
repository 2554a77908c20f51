import type { Type } from '@nestjs/common';
import type { EntityTarget, ObjectLiteral } from 'typeorm';
import {
  type LinkingOptions,
  type MergeContext,
  MergeHandler,
  type MergeHandlerOptions,
  type MergeReport,
  ReconcilerService,
} from '../../src/index.js';
import { eventually } from './barrier.js';
import { Wallet } from './host.js';
import type { HttpAnswer, HttpClient } from './http-client.js';
import { type AccountHolder, newGuest, type Person } from './people.js';
import type { TestApp } from './test-app.js';

/** Nothing is retried unless the test asks for it; then at once. No merge is late because the machine is busy. */
export const NO_RETRY: LinkingOptions = {
  budget: '8s',
  retry: { every: '1h', firstDelay: '1ms' },
};

/** Answers soon, retries soon. */
export const FAST_RETRY: LinkingOptions = {
  budget: '300ms',
  retry: { every: '50ms', firstDelay: '50ms', maxDelay: '200ms' },
};

export interface LedgerRow {
  readonly id: string;
  readonly account_id: string | null;
  readonly status: string;
  readonly receipt: { tables: Record<string, object>; mergedAt: string } | null;
  readonly attempts: number;
  readonly error: string | null;
  readonly announced: boolean;
}

export async function guestWithNotes(host: TestApp, ...texts: string[]): Promise<Person> {
  const guest = await newGuest(host);
  await addNotes(guest.client, ...texts);
  return guest;
}

export async function addNotes(client: HttpClient, ...texts: string[]): Promise<void> {
  for (const text of texts) {
    expect(await client.post('/notes', { text })).toMatchObject({ status: 201, body: { text } });
  }
}

export function signIn(
  { client }: { readonly client: HttpClient },
  { email, password }: Pick<AccountHolder, 'email' | 'password'>,
): Promise<HttpAnswer> {
  return client.post('/auth/sign-in/email', { email, password });
}

/** Texts of a user's notes, in order. */
export async function notesOf(host: TestApp, userId: string): Promise<string[]> {
  const rows = await host.sql<{ text: string }>(
    'SELECT text FROM note WHERE user_id = $1 ORDER BY text',
    [userId],
  );
  return rows.map(({ text }) => text);
}

export async function userExists(host: TestApp, userId: string): Promise<boolean> {
  return (await host.sql('SELECT 1 FROM users WHERE id = $1', [userId])).length === 1;
}

/** What the ledger has about a guest, oldest first. */
export function ledgerOf(host: TestApp, guestId: string): Promise<LedgerRow[]> {
  return host.sql<LedgerRow>(
    `SELECT id, account_id, status, receipt, attempts, error, announced
     FROM account_links WHERE guest_id = $1 ORDER BY id`,
    [guestId],
  );
}

export async function linkInState(
  host: TestApp,
  guestId: string,
  status: string,
  withinMs?: number,
): Promise<LedgerRow> {
  const ask = async () => (await ledgerOf(host, guestId)).find((row) => row.status === status);
  return eventually(`link of ${guestId} is ${status}`, ask, withinMs);
}

/** Takes up the links that are due, as the timer would; waits until there is one. */
export async function reconcile(host: TestApp): Promise<void> {
  await eventually('a link is due', () => host.app.get(ReconcilerService).run());
}

/** A merge handler whose work is the test's function. */
export function handlerOf(
  entity: EntityTarget<ObjectLiteral>,
  work: (context: MergeContext) => Promise<MergeReport | void> | void,
  options?: MergeHandlerOptions,
): Type<MergeHandler> {
  @MergeHandler(entity, options)
  class ScriptedMergeHandler implements MergeHandler {
    merge(context: MergeContext): Promise<MergeReport | void> {
      // As it is, so that a handler may also throw at once or answer no promise.
      return work(context) as Promise<MergeReport | void>;
    }
  }
  return ScriptedMergeHandler;
}

/** What a host writes for notes, if it wants to do itself what happens anyway. */
export async function moveNotes({ guest, account, manager }: MergeContext): Promise<void> {
  await manager.query('UPDATE note SET user_id = $2 WHERE user_id = $1', [guest.id, account.id]);
}

/** One wallet for each user: the credits add up, and the guest's wallet folds into the account's. */
@MergeHandler(Wallet)
export class WalletMergeHandler implements MergeHandler {
  async merge({ guest, account, manager }: MergeContext): Promise<MergeReport | void> {
    const wallet = await manager.findOneBy(Wallet, { userId: guest.id });
    if (!wallet) return;
    const { affected } = await manager.increment(
      Wallet,
      { userId: account.id },
      'credits',
      wallet.credits,
    );
    if (affected === 0) {
      await manager.update(Wallet, { id: wallet.id }, { userId: account.id });
      return;
    }
    await manager.delete(Wallet, { id: wallet.id });
    return { folded: [wallet.id] };
  }
}

export async function giveWallet(host: TestApp, userId: string, credits: number): Promise<void> {
  await host.sql('INSERT INTO wallet (user_id, credits) VALUES ($1, $2)', [userId, credits]);
}

export async function creditsOf(host: TestApp, userId: string): Promise<number[]> {
  const rows = await host.sql<{ credits: number }>(
    'SELECT credits FROM wallet WHERE user_id = $1',
    [userId],
  );
  return rows.map(({ credits }) => credits);
}
