import { rowCounts } from '../support/expectations.js';
import { ledgerOf } from '../support/links.js';
import type { HttpClient } from '../support/http-client.js';
import type { TestApp } from '../support/test-app.js';
import { closePaws, startPaws } from './paws-app.js';
import { merge, rowsIn, twoSides } from './two-sides.js';
import { haveEverything, placesOf, signIn } from './visitors.js';

/** Every table with an owner: what it shows of a row, and where its owner stands. */
const OWNED = [
  ['pet', 'name', 'user_id'],
  ['photo', 'url', 'user_id'],
  ['favourite', '(SELECT name FROM venue WHERE id = venue_id)', 'user_id'],
  ['profile', 'display_name, city', 'user_id'],
  ['basket JOIN basket_item ON basket_id = basket.id', 'sku, quantity', 'user_id'],
  ['visit_log', '(SELECT name FROM venue WHERE id = venue_id)', 'actor_id'],
  ['stamp_card', 'stamps, treats', 'user_id'],
] as const;

describe.each(['express', 'fastify'] as const)('a guest of the example on %s', (adapter) => {
  let host: TestApp;
  let places: string[];
  beforeEach(async () => {
    host = await startPaws({ adapter });
    places = await placesOf(host.browser());
  });
  afterEach(closePaws);

  const fill = (client: HttpClient) => haveEverything(client, places[0]!);

  it('with something in every table brings all of it along, and touches nobody else', async () => {
    await fill(host.browser());
    const sides = await twoSides(host, { home: fill, away: fill });
    const everything = () =>
      Promise.all(OWNED.map(([from, columns, owner]) => rowsIn(host, from, columns, sides, owner)));
    const before = await everything();
    for (const rows of before) expect(startingWith('guest', rows)).not.toEqual([]);

    const receipt = await merge(sides);

    expect(receipt).toEqual({
      pet: { moved: 1, folded: 0, dropped: 1 },
      photo: expect.objectContaining({ folded: 0, dropped: 0 }),
      favourite: { moved: 0, folded: 0, dropped: 1 },
      profile: { moved: 0, folded: 1, dropped: 0 },
      basket: { moved: 0, folded: 0, dropped: 1 },
      basket_item: expect.objectContaining({ folded: 1, dropped: 0 }),
      visit_log: { moved: 6, folded: 0, dropped: 0 },
      stamp_card: { moved: 0, folded: 1, dropped: 0 },
    });
    const after = await everything();
    for (const [n, rows] of after.entries()) {
      expect(startingWith('guest', rows)).toEqual([]);
      expect(startingWith('somebody', rows)).toEqual(startingWith('somebody', before[n]!));
    }
    expect([...new Set(startingWith('account', after.flat()))]).toEqual([
      'account: Rex',
      'account: /rex.jpg',
      'account: Canal Books',
      'account: Ada, Lyon',
      'account: ball, 4',
      'account: 2, 1',
    ]);
    expect((await ledgerOf(host, sides.guest))[0]).toMatchObject({
      status: 'merged',
      receipt: { tables: receipt },
    });
  });

  it('takes everything away when it deletes itself', async () => {
    const before = await rowCounts(host);
    const client = host.browser();
    await fill(client);
    expect(await client.delete('/auth/anonymous')).toMatchObject({ status: 200 });
    expect(await rowCounts(host)).toEqual(before);
  });

  it('moves into an account that has nothing of all that', async () => {
    const sides = await twoSides(host, { away: fill });
    expect(await merge(sides)).toEqual({
      pet: { moved: 1, folded: 0, dropped: 0 },
      photo: { moved: 1, folded: 0, dropped: 0 },
      favourite: { moved: 1, folded: 0, dropped: 0 },
      profile: { moved: 1, folded: 0, dropped: 0 },
      basket: { moved: 1, folded: 0, dropped: 0 },
      visit_log: { moved: 6, folded: 0, dropped: 0 },
      stamp_card: { moved: 0, folded: 1, dropped: 0 },
    });
    expect((await signIn(host.browser())).body.link).toBeNull();
  });
});

function startingWith(owner: string, rows: readonly string[]): string[] {
  return rows.filter((row) => row.startsWith(owner));
}
