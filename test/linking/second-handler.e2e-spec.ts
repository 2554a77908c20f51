import type { LinkingOptions } from '../../src/index.js';
import { eventually } from '../support/barrier.js';
import { expectCleanDatabase } from '../support/checker.js';
import { Note, Wallet } from '../support/host.js';
import {
  creditsOf,
  handlerOf,
  ledgerOf,
  moveNotes,
  NO_RETRY,
  notesOf,
  reconcile,
  signIn,
  userExists,
  WalletMergeHandler,
} from '../support/links.js';
import { guestWithAWallet, type Merge, misbehaviours } from '../support/misbehaviours.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

describe('the second of two handlers', () => {
  let host: TestApp;
  let calls: number;
  let merge: Merge;
  const wallets = new WalletMergeHandler();
  const first = handlerOf(Wallet, (context) => {
    calls += 1;
    return wallets.merge(context);
  });
  const second = handlerOf(Note, (context) => merge(context, host), { after: [Wallet] });

  describe.each<[string, LinkingOptions, Readonly<Record<string, Merge>>]>([
    ['all the time it needs', NO_RETRY, misbehaviours],
    [
      'a second',
      { ...NO_RETRY, budget: '100ms', timeout: '1s' },
      { 'never ends': () => new Promise(() => undefined) },
    ],
  ])('with %s', (_time, linking, mistakes) => {
    beforeAll(async () => {
      host = await createTestApp({ options: { linking }, providers: [first, second] });
    });
    beforeEach(() => {
      calls = 0;
    });
    afterAll(() => host.close());

    it.each(Object.keys(mistakes))('that %s undoes the first', async (mistake) => {
      const { account, guest } = await guestWithAWallet(host);
      merge = mistakes[mistake]!;
      const { status, body } = await signIn(guest, account);
      expect({ status, link: body.link }).toMatchObject({
        status: 200,
        link: { status: 'pending', receipt: null },
      });
      const [link] = await eventually('the attempt is over', async () => {
        const links = await ledgerOf(host, guest.userId);
        return links[0]!.attempts > 0 && links;
      });
      expect(link).toMatchObject({ status: 'pending', error: expect.stringMatching(/./) });
      expect(calls).toBeGreaterThan(0);
      expect(await creditsOf(host, guest.userId)).toEqual([100]);
      expect(await notesOf(host, guest.userId)).toEqual(['one', 'two']);
      expect(await creditsOf(host, account.userId)).toEqual([]);
      expect(await notesOf(host, account.userId)).toEqual(['hers']);
      merge = moveNotes;
      await reconcile(host);
      expect(await ledgerOf(host, guest.userId)).toMatchObject([
        { id: body.link.id, status: 'merged', error: null },
      ]);
      expect(await creditsOf(host, account.userId)).toEqual([100]);
      expect(await notesOf(host, account.userId)).toEqual(['hers', 'one', 'two']);
      expect(await userExists(host, guest.userId)).toBe(false);
    });

    it('leaves a clean database behind', () => expectCleanDatabase(host.databaseUrl));
  });
});
