import { Injectable } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { EVENTS, type GuestReapedEvent, type ReaperOptions } from '../../src/index.js';
import { eventually } from '../support/barrier.js';
import { giveWallet, userExists } from '../support/links.js';
import { closeRawConnections, RawConnection } from '../support/raw-connection.js';
import { closeApps, startApp } from '../support/running-apps.js';
import type { TestApp } from '../support/test-app.js';
import { kept, reap, staleGuest } from './stale.js';

afterEach(async () => {
  await closeRawConnections();
  await closeApps();
});

type Hook = NonNullable<ReaperOptions['onBeforeDelete']>;

describe('onBeforeDelete', () => {
  let asked: string[];
  beforeEach(() => {
    asked = [];
  });

  const start = (hook: Hook): Promise<TestApp> =>
    startApp({
      options: {
        reaper: {
          onBeforeDelete: (guest, context) => {
            asked.push(guest.id);
            return hook(guest, context);
          },
        },
      },
      schema: 'CREATE TABLE farewell (guest_id uuid PRIMARY KEY)',
    });
  const farewells = async (host: TestApp) =>
    (await host.sql<{ guest_id: string }>('SELECT guest_id FROM farewell')).map((r) => r.guest_id);

  it.each(['keep', 'delete'] as const)(
    'sees every guest that is about to go, once, and no other (contributors: %s)',
    async (contributors) => {
      const host = await start(() => undefined);
      const [idle, writer] = [await staleGuest(host), await staleGuest(host)];
      await giveWallet(host, writer.userId, 3);
      await reap(host, { dryRun: true, contributors });
      expect(asked).toEqual([]);
      await reap(host, { contributors });
      const both = [idle.userId, writer.userId];
      expect(asked).toEqual(contributors === 'delete' ? both : [idle.userId]);
    },
  );

  it('keeps those for which it answers false or throws, and what it wrote for them is undone', async () => {
    const [refused, broken, swallowed] = ['refused', 'broken', 'swallowed'];
    const host = await start(async (guest, { manager }) => {
      await manager.query('INSERT INTO farewell VALUES ($1)', [guest.id]);
      if (guest.name === refused) return false;
      if (guest.name === broken) throw new Error('the archive is full');
      if (guest.name === swallowed) await manager.query('SELECT 1 / 0').catch(() => undefined);
      return true;
    });
    const guests = [
      await staleGuest(host),
      await staleGuest(host),
      await staleGuest(host),
      await staleGuest(host),
    ];
    for (const [n, name] of [refused, broken, swallowed].entries()) {
      await host.sql('UPDATE users SET name = $2 WHERE id = $1', [guests[n]!.userId, name]);
    }
    expect(await reap(host)).toMatchObject({
      stale: 4,
      reaped: 1,
      kept: kept({ 'kept-by-host': 1, failed: 2 }),
    });
    expect(await farewells(host)).toEqual([guests[3]!.userId]);
    for (const { userId } of guests.slice(0, 3)) expect(await userExists(host, userId)).toBe(true);
  });

  it.each(['keep', 'delete'] as const)(
    'is asked while nobody else can lock the guest (contributors: %s)',
    async (contributors) => {
      let free: object[] | undefined;
      const host = await start(async ({ id }) => {
        const raw = await RawConnection.open(host.databaseUrl);
        free = await raw.query('SELECT 1 FROM users WHERE id = $1 FOR KEY SHARE SKIP LOCKED', [id]);
      });
      const { userId } = await staleGuest(host);
      if (contributors === 'delete') await giveWallet(host, userId, 3);
      expect(await reap(host, { contributors })).toMatchObject({ reaped: 1 });
      expect(free).toEqual([]);
    },
  );

  it('keeps the guest when it asks for another connection, which could wait for ever', async () => {
    const host = await start(async ({ id }) => {
      await host.dataSource.query('INSERT INTO farewell VALUES ($1)', [id]);
    });
    await staleGuest(host);
    expect(await reap(host)).toMatchObject({ reaped: 0, kept: kept({ failed: 1 }) });
    expect(await farewells(host)).toEqual([]);
  });
});

describe('guest.reaped', () => {
  const heard: GuestReapedEvent[] = [];

  @Injectable()
  class Listener {
    @OnEvent(EVENTS.guestReaped)
    reaped(event: GuestReapedEvent): void {
      heard.push(event);
    }
  }

  it('names the guests of each batch, once they are gone', async () => {
    const host = await startApp({
      providers: [Listener],
      options: { reaper: { batchSize: 2, contributors: 'delete' } },
    });
    const guests = [await staleGuest(host), await staleGuest(host), await staleGuest(host)];
    const [first, second, writer] = guests.map(({ userId }) => userId);
    await giveWallet(host, writer!, 3);
    await reap(host, { dryRun: true });
    expect(heard).toEqual([]);
    await reap(host);
    await eventually('both batches are told', () => heard.length === 2);
    expect(heard).toEqual([{ guestIds: [first, second] }, { guestIds: [writer] }]);
  });
});
