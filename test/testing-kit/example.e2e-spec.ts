import { checkMerges } from '../../src/testing/index.js';
import { closePaws, startPaws } from '../example/paws-app.js';

describe('the test kit on the example', () => {
  afterEach(closePaws);

  it('finds every table of it right, and leaves nothing behind', async () => {
    const host = await startPaws();
    const rows = async () => {
      const counts = await host.sql<{ count: number }>(`
        SELECT count(*)::int AS count FROM (
          SELECT id::text FROM users UNION ALL SELECT id::text FROM account_links UNION ALL SELECT id::text FROM venue
          UNION ALL SELECT id::text FROM pet UNION ALL SELECT id::text FROM photo) AS rows`);
      return counts[0]!.count;
    };
    const before = await rows();
    expect(await checkMerges(host.app)).toEqual({
      basket: { moved: 0, folded: 0, dropped: 1 },
      basket_item: { moved: 2, folded: 1, dropped: 0 },
      favourite: { moved: 2, folded: 0, dropped: 1 },
      pet: { moved: 2, folded: 0, dropped: 1 },
      photo: { moved: 2, folded: 0, dropped: 0 },
      profile: { moved: 0, folded: 1, dropped: 0 },
      stamp_card: { moved: 0, folded: 1, dropped: 0 },
      visit_log: { moved: 2, folded: 0, dropped: 0 },
    });
    expect(await rows()).toBe(before);
  });
});
