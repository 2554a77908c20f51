import { refusal } from '../support/expectations.js';
import type { TestApp } from '../support/test-app.js';
import { closePaws, startPaws } from './paws-app.js';
import { addDog, basketOf, put, signIn, signUp } from './visitors.js';

describe('a basket of the example', () => {
  let host: TestApp;
  beforeEach(async () => {
    host = await startPaws();
  });
  afterEach(closePaws);

  it('adds up what is put in twice, also at the same time', async () => {
    const client = host.browser();
    await put(client, 'rope', 1);
    await Promise.all([1, 2, 3, 4].map((quantity) => put(client, 'ball', quantity)));
    expect(await basketOf(client)).toEqual({ ball: 10, rope: 1 });
  });

  it('holds as much of one thing as it says, and says so', async () => {
    const client = host.browser();
    for (let full = 0; full < 9_990; full += 999) await put(client, 'ball', 999);
    expect(await client.post('/basket/items', { sku: 'ball', quantity: 10 })).toMatchObject(
      refusal(409, 'BASKET_FULL'),
    );
    await put(client, 'ball', 9);
    expect(await basketOf(client)).toEqual({ ball: 9_999 });
  });

  it('empties into the basket of the account: the sum of what is in both', async () => {
    const home = host.browser();
    await put(home, 'ball', 2);
    await put(home, 'rope', 1);
    await signUp(home);
    const away = host.browser();
    await put(away, 'ball', 3);
    await put(away, 'towel', 4);

    expect((await signIn(away)).body.link).toMatchObject({
      status: 'merged',
      receipt: {
        tables: {
          basket: { moved: 0, folded: 0, dropped: 1 },
          basket_item: { moved: 1, folded: 1, dropped: 0 },
        },
      },
    });
    expect(await basketOf(home)).toEqual({ ball: 5, rope: 1, towel: 4 });
    expect(await host.sql('SELECT count(*)::int AS baskets FROM basket')).toEqual([{ baskets: 1 }]);
  });

  it('moves as it is to an account that has none', async () => {
    await signUp(host.browser());
    const away = host.browser();
    await put(away, 'ball', 3);
    expect((await signIn(away)).body.link).toMatchObject({
      status: 'merged',
      receipt: { tables: { basket: { moved: 1, folded: 0, dropped: 0 } } },
    });
    expect(await basketOf(away)).toEqual({ ball: 3 });
  });

  it('stays what it was when the guest has none', async () => {
    const home = host.browser();
    await put(home, 'ball', 2);
    await signUp(home);
    const away = host.browser();
    await addDog(away, 'Luna');
    expect((await signIn(away)).body.link.status).toBe('merged');
    expect(await basketOf(home)).toEqual({ ball: 2 });
  });

  it('is ordered by an account only', async () => {
    const client = host.browser();
    expect(await client.post('/checkout')).toMatchObject(refusal(401, 'UNAUTHORIZED'));
    await put(client, 'ball', 2);
    expect(await client.post('/checkout')).toMatchObject(refusal(403, 'UPGRADE_REQUIRED'));
    await signUp(client);
    expect(await client.post('/checkout')).toMatchObject({
      status: 200,
      body: { ordered: [{ sku: 'ball', quantity: 2 }] },
    });
    expect((await client.post('/checkout')).body).toEqual({ ordered: [] });
    expect(await basketOf(client)).toEqual({});
  });
});
