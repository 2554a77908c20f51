import { type OpenLinksQuery, ReconcilerService } from '../../src/index.js';
import { eventually } from '../support/barrier.js';
import { Wallet } from '../support/host.js';
import { giveWallet, guestWithNotes, handlerOf, linkInState, signIn } from '../support/links.js';
import { newAccount } from '../support/people.js';
import { closeApps, startApp } from '../support/running-apps.js';
import type { TestApp } from '../support/test-app.js';
import { insightsOf } from './figures.js';

afterEach(closeApps);

let isStubborn = true;
const stubborn = handlerOf(Wallet, async ({ guest, account, manager }) => {
  if (isStubborn) throw new Error('this wallet stays where it is');
  await manager.update(Wallet, { userId: guest.id }, { userId: account.id });
});
beforeEach(() => {
  isStubborn = true;
});

/** An app in which a guest with a wallet fails to be merged after two attempts. */
const start = () =>
  startApp({
    hostTables: [],
    providers: [stubborn],
    options: {
      linking: { retry: { every: '1h', firstDelay: '1ms', maxDelay: '1ms', attempts: 2 } },
    },
  });

async function meet(host: TestApp) {
  const account = await newAccount(host);
  const guest = await guestWithNotes(host, 'mine');
  await giveWallet(host, guest.userId, 7);
  const { link } = (await signIn(guest, account)).body;
  expect(link.status).toBe('pending');
  return { id: link.id as string, guestId: guest.userId, accountId: account.userId };
}

async function fail(host: TestApp) {
  const link = await meet(host);
  await eventually('the link has failed', async () => {
    await host.app.get(ReconcilerService).run();
    return (await insightsOf(host).links({ status: 'failed' })).length > 0;
  });
  return link;
}

describe('the links of InsightsService', () => {
  it('are those that are not merged, with the reason', async () => {
    const host = await start();
    const link = await meet(host);
    const [found, ...others] = await insightsOf(host).links();
    expect(others).toEqual([]);
    expect(found).toEqual({
      ...link,
      status: 'pending',
      attempts: 1,
      error: 'this wallet stays where it is',
      nextAttemptAt: expect.any(Date),
      createdAt: expect.any(Date),
      ageMs: expect.any(Number),
    });
    expect(found!.ageMs).toBeLessThan(60_000);
  });

  it('are tried again, all attempts before them', async () => {
    const host = await start();
    const { id, guestId } = await fail(host);
    const insights = insightsOf(host);
    expect(await insights.links({ status: 'failed' })).toMatchObject([
      { id, status: 'failed', attempts: 2, nextAttemptAt: null },
    ]);
    isStubborn = false;
    expect(await insights.retry(id)).toBe(true);
    expect(await insights.links()).toMatchObject([{ id, status: 'pending', attempts: 0 }]);
    await host.app.get(ReconcilerService).run();
    await linkInState(host, guestId, 'merged');
    expect(await insights.links()).toEqual([]);
    expect(await insights.retry(id)).toBe(false);
  });

  it('are as many as are asked for, those that have waited longest first', async () => {
    const host = await start();
    const ids = [];
    for (let n = 0; n < 3; n += 1) ids.push((await meet(host)).id);
    const found = await insightsOf(host).links({ limit: 2 });
    expect(found.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    expect(await insightsOf(host).links({ status: 'awaiting-consent' })).toEqual([]);
  });

  it('answer nothing for an id that is none', async () => {
    const host = await start();
    expect(await insightsOf(host).retry('none')).toBe(false);
    expect(await insightsOf(host).retry(crypto.randomUUID())).toBe(false);
  });

  it.each([
    [{ status: `x' OR 1 = 1 --` }, '"status" is'],
    [{ status: 'merged' }, '"status" is'],
    [{ limit: 0 }, '"limit" is 0'],
    [{ limit: 1001 }, '"limit" is 1001'],
  ])('are not asked for with %j', async (query, message) => {
    const host = await start();
    await expect(insightsOf(host).links(query as OpenLinksQuery)).rejects.toThrow(message);
  });
});
