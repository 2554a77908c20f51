import { randomUUID } from 'node:crypto';
import { LinkingService } from '../../src/index.js';
import { expectCleanDatabase } from '../support/checker.js';
import { rowCounts } from '../support/expectations.js';
import {
  giveWallet,
  guestWithNotes,
  ledgerOf,
  NO_RETRY,
  notesOf,
  signIn,
} from '../support/links.js';
import { newAccount, newGuest } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

let host: TestApp;

/** Ways to come by a user, each with a row of its own where it can have one. */
const states: Record<string, () => Promise<string>> = {
  'a guest': async () => (await guestWithNotes(host, 'a')).userId,
  'an account': async () => {
    const { userId } = await newAccount(host);
    await giveWallet(host, userId, 5);
    return userId;
  },
  'a guest that has become an account': async () => {
    const { client, userId } = await guestWithNotes(host, 'b');
    const body = { email: `${randomUUID()}@example.com`, password: 'correct horse battery' };
    expect(await client.post('/auth/anonymous/upgrade', body)).toMatchObject({ status: 200 });
    return userId;
  },
  'a merged guest': async () => {
    const guest = await guestWithNotes(host, 'c');
    await signIn(guest, await newAccount(host));
    return guest.userId;
  },
  'a deleted guest': async () => {
    const guest = await newGuest(host);
    expect(await guest.client.delete('/auth/anonymous')).toMatchObject({ status: 200 });
    return guest.userId;
  },
  nobody: () => Promise.resolve(randomUUID()),
};

const names = Object.keys(states);
const legal = ['an account', 'a guest that has become an account'];
const matrix = names.flatMap((source) =>
  names.map((target) => ({
    source,
    target,
    merges: source === 'a guest' && legal.includes(target),
  })),
);

describe('only a guest that lives is merged, and only into an account', () => {
  beforeAll(async () => {
    host = await createTestApp({ options: { linking: NO_RETRY } });
  });
  afterAll(() => host.close());

  it.each(matrix)('$source into $target: $merges', async ({ source, target, merges }) => {
    const [from, to] = [await states[source]!(), await states[target]!()];
    const before = await rowCounts(host);
    const link = await host.app.get(LinkingService).link(from, to);
    if (merges) {
      expect(link).toMatchObject({ status: 'merged' });
      expect(await notesOf(host, to)).toContain('a');
      expect(await notesOf(host, from)).toEqual([]);
    } else {
      expect(link).toBeNull();
      expect(await rowCounts(host)).toEqual(before);
    }
  });

  it.each(['a guest', 'an account'])('%s into itself: false', async (who) => {
    const id = await states[who]!();
    const before = await rowCounts(host);
    expect(await host.app.get(LinkingService).link(id, id)).toBeNull();
    expect(await rowCounts(host)).toEqual(before);
    expect(await ledgerOf(host, id)).toEqual([]);
  });

  it('leaves a clean database behind', () => expectCleanDatabase(host.databaseUrl));
});
