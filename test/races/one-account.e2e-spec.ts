import { Barrier, eventually } from '../support/barrier.js';
import { expectCleanDatabase } from '../support/checker.js';
import { Wallet } from '../support/host.js';
import {
  creditsOf,
  giveWallet,
  handlerOf,
  linkInState,
  NO_RETRY,
  signIn,
} from '../support/links.js';
import { newAccount, newGuest } from '../support/people.js';
import { waitingStatements } from '../support/raw-connection.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

describe('two guests that are merged into one account at once', () => {
  let host: TestApp;
  const counting = new Barrier();
  let counted = 0;
  /** Reads, thinks, and writes what it has thought. */
  const handler = handlerOf(Wallet, async ({ guest, account, manager }) => {
    const mine = await manager.findOneByOrFail(Wallet, { userId: guest.id });
    const hers = await manager.findOneByOrFail(Wallet, { userId: account.id });
    counted += 1;
    await counting.pass();
    await manager.update(Wallet, { id: hers.id }, { credits: hers.credits + mine.credits });
    await manager.delete(Wallet, { id: mine.id });
    return { folded: [mine.id] };
  });
  beforeAll(async () => {
    host = await createTestApp({ options: { linking: NO_RETRY }, providers: [handler] });
  });
  afterAll(() => host.close());

  it('come one after the other, so that a handler counts both', async () => {
    const account = await newAccount(host);
    await giveWallet(host, account.userId, 1);
    const guests = [await newGuest(host), await newGuest(host)];
    for (const [n, { userId }] of guests.entries()) await giveWallet(host, userId, 10 * 10 ** n);
    const signingIn = guests.map((guest) => signIn(guest, account));
    await counting.reached();
    await eventually('the second has come as well, or waits for the first', async () => {
      return counted === 2 || (await waitingStatements(host.databaseUrl)).length > 0;
    });
    counting.open();
    for (const { status } of await Promise.all(signingIn)) expect(status).toBe(200);
    for (const { userId } of guests) await linkInState(host, userId, 'merged');
    expect(await creditsOf(host, account.userId)).toEqual([111]);
  });

  it('leave a clean database behind', () => expectCleanDatabase(host.databaseUrl));
});
