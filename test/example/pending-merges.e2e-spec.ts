import { eventually } from '../support/barrier.js';
import { refusal, rowCounts } from '../support/expectations.js';
import { ledgerOf } from '../support/links.js';
import { bearer } from '../support/people.js';
import type { TestApp } from '../support/test-app.js';
import { closePaws, startPaws } from './paws-app.js';
import { addDog, basketOf, dogsOf, put, signIn, signUp, userOf } from './visitors.js';

/** Where a merge breaks, and what it does there. */
const BREAKS = [
  ['the dogs', 'pet', 'UPDATE'],
  ['what is in the baskets', 'basket_item', 'DELETE OR UPDATE'],
  ['the guest itself', 'users', 'DELETE'],
] as const;

describe('a merge of the example that breaks in the middle', () => {
  let host: TestApp;
  beforeEach(async () => {
    host = await startPaws();
    await host.sql(`CREATE FUNCTION break() RETURNS trigger LANGUAGE plpgsql
      AS $$ BEGIN RAISE EXCEPTION 'broken on purpose'; END $$`);
  });
  afterEach(closePaws);

  it.each(BREAKS)('at %s lets the sign-in through and ends by itself', async (_, table, event) => {
    const home = host.browser();
    await addDog(home, 'Rex');
    await put(home, 'ball', 2);
    await signUp(home);
    const away = host.browser();
    await addDog(away, 'Luna');
    await put(away, 'ball', 3);
    const guest = await userOf(away);
    const { body: issued } = await away.post('/auth/anonymous');
    const owned = await rowsOf(guest!.id);
    const before = await rowCounts(host);

    await host.sql(
      `CREATE TRIGGER break BEFORE ${event} ON ${table} FOR EACH ROW EXECUTE FUNCTION break()`,
    );
    expect(await signIn(away)).toMatchObject({
      status: 200,
      body: { user: { isAnonymous: false }, link: { status: 'pending', receipt: null } },
    });
    const { attempts } = (await ledgerOf(host, guest!.id))[0]!;
    await eventually('another attempt has failed', async () => {
      const [link] = await ledgerOf(host, guest!.id);
      return link!.attempts > attempts;
    });
    expect(await rowsOf(guest!.id)).toEqual(owned);
    const { account_links: _links, sessions: _sessions, ...after } = await rowCounts(host);
    expect(before).toMatchObject(after);
    expect(await dogsOf(away)).toEqual(['Rex']);
    expect(await bearer(host, issued.token).delete('/auth/anonymous')).toMatchObject(
      refusal(401, 'UNAUTHORIZED'),
    );

    await host.sql(`DROP TRIGGER break ON ${table}`);
    const merged = await eventually('the link is merged', async () =>
      (await ledgerOf(host, guest!.id)).find(({ status }) => status === 'merged'),
    );
    expect(merged.receipt?.tables).toMatchObject({ pet: { moved: 1 }, basket: { dropped: 1 } });
    expect(await dogsOf(away)).toEqual(['Luna', 'Rex']);
    expect(await basketOf(away)).toEqual({ ball: 5 });
    expect(await rowsOf(guest!.id)).toEqual([]);
  });

  function rowsOf(userId: string): Promise<object[]> {
    return host.sql(
      `SELECT 'dog' AS what, name AS which, 1 AS quantity FROM pet WHERE user_id = $1
       UNION ALL SELECT 'item', sku, quantity FROM basket_item JOIN basket ON basket.id = basket_id WHERE user_id = $1
       UNION ALL SELECT 'user', id::text, 1 FROM users WHERE id = $1 ORDER BY 1`,
      [userId],
    );
  }
});
