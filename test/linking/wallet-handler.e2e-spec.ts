import { Injectable, Module } from '@nestjs/common';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { type MergeContext, MergeHandler, type MergeReport } from '../../src/index.js';
import { expectCleanDatabase } from '../support/checker.js';
import { Note, Wallet } from '../support/host.js';
import {
  creditsOf,
  giveWallet,
  guestWithNotes,
  handlerOf,
  ledgerOf,
  moveNotes,
  NO_RETRY,
  notesOf,
  signIn,
  WalletMergeHandler,
} from '../support/links.js';
import { newAccount, newGuest } from '../support/people.js';
import { closeApps, startApp } from '../support/running-apps.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

const linking = NO_RETRY;

describe('a handler that folds one wallet into another', () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ options: { linking }, providers: [WalletMergeHandler] });
  });
  afterAll(() => host.close());

  it.each([
    { hers: 50, guests: 100, after: [150], receipt: { moved: 0, folded: 1, dropped: 0 } },
    { hers: null, guests: 100, after: [100], receipt: { moved: 1, folded: 0, dropped: 0 } },
    { hers: 50, guests: null, after: [50], receipt: undefined },
    { hers: null, guests: null, after: [], receipt: undefined },
  ])('makes $after of $hers and $guests credits', async ({ hers, guests, after, receipt }) => {
    const [account, guest] = [await newAccount(host), await newGuest(host)];
    if (hers !== null) await giveWallet(host, account.userId, hers);
    if (guests !== null) await giveWallet(host, guest.userId, guests);
    const { status, body } = await signIn(guest, account);
    expect({ status, link: body.link.status }).toEqual({ status: 200, link: 'merged' });
    expect(body.link.receipt.tables.wallet).toEqual(receipt);
    expect(await creditsOf(host, account.userId)).toEqual(after);
    const [link] = await ledgerOf(host, guest.userId);
    expect(link!.receipt).toEqual(body.link.receipt);
  });

  it('adds up the wallets of three guests that come one after the other', async () => {
    const account = await newAccount(host);
    for (const credits of [1, 10, 100]) {
      const guest = await newGuest(host);
      await giveWallet(host, guest.userId, credits);
      expect(await signIn(guest, account)).toMatchObject({ body: { link: { status: 'merged' } } });
    }
    expect(await creditsOf(host, account.userId)).toEqual([111]);
  });

  it('leaves a clean database behind', () => expectCleanDatabase(host.databaseUrl));
});

/** Somebody of the host that knows the exchange rate. */
@Injectable()
class PricingService {
  convert(credits: number): number {
    return credits * 2;
  }
}

@MergeHandler(Wallet)
@Injectable()
class ConvertingHandler implements MergeHandler {
  constructor(private readonly pricing: PricingService) {}

  async merge({ guest, account, manager }: MergeContext): Promise<MergeReport | void> {
    const wallet = await manager.findOneByOrFail(Wallet, { userId: guest.id });
    await manager.delete(Wallet, { id: wallet.id });
    const credits = this.pricing.convert(wallet.credits);
    await manager.increment(Wallet, { userId: account.id }, 'credits', credits);
    return { folded: [wallet.id] };
  }
}

@Module({ providers: [PricingService, ConvertingHandler] })
class ShopModule {}

/** References its owner by nothing that the database knows of. */
@Entity('visit_log')
class VisitLog {
  @PrimaryColumn({ type: 'integer' })
  id!: number;

  @Column({ name: 'actor_id', type: 'uuid' })
  actorId!: string;
}

describe('merge handlers in the host', () => {
  afterEach(closeApps);

  it('are found in any module and get what they inject', async () => {
    const host = await startApp({ options: { linking }, imports: [ShopModule] });
    const [account, guest] = [await newAccount(host), await newGuest(host)];
    await giveWallet(host, account.userId, 1);
    await giveWallet(host, guest.userId, 5);
    expect(await signIn(guest, account)).toMatchObject({ body: { link: { status: 'merged' } } });
    expect(await creditsOf(host, account.userId)).toEqual([11]);
  });

  it('are told which link it is, whose rows they are and of which table', async () => {
    const heard: MergeContext[] = [];
    const handler = handlerOf(Note, (context) => {
      heard.push(context);
      return moveNotes(context);
    });
    const host = await startApp({ options: { linking }, providers: [handler] });
    const [account, guest] = [await newAccount(host), await guestWithNotes(host, 'mine')];
    const { body } = await signIn(guest, account);
    expect(heard).toMatchObject([
      {
        linkId: body.link.id,
        table: 'note',
        guest: { id: guest.userId },
        account: { id: account.userId },
      },
    ]);
    expect(heard[0]!.signal.aborted).toBe(false);
    expect(await notesOf(host, account.userId)).toEqual(['mine']);
  });

  it('run after the tables that they wait for, with a handler or without', async () => {
    const order: string[] = [];
    const seen: unknown[] = [];
    const logs = handlerOf(VisitLog, () => void order.push('visit_log'), { after: [Wallet] });
    const wallets = handlerOf(
      Wallet,
      async ({ guest, account, manager }) => {
        order.push('wallet');
        seen.push(...(await manager.query('SELECT user_id FROM note')));
        await manager.update(Wallet, { userId: guest.id }, { userId: account.id });
      },
      { after: [Note] },
    );
    const host = await startApp({
      options: { linking },
      entities: [VisitLog],
      schema: 'CREATE TABLE visit_log (id integer PRIMARY KEY, actor_id uuid NOT NULL)',
      providers: [logs, wallets],
    });
    const [account, guest] = [await newAccount(host), await guestWithNotes(host, 'mine')];
    await giveWallet(host, guest.userId, 5);
    expect(await signIn(guest, account)).toMatchObject({ body: { link: { status: 'merged' } } });
    expect(order).toEqual(['wallet', 'visit_log']);
    expect(seen).toEqual([{ user_id: account.userId }]);
  });

  it('may move rows of a table that references nobody', async () => {
    const handler = handlerOf(VisitLog, async ({ guest, account, manager }) => {
      await manager.update(VisitLog, { actorId: guest.id }, { actorId: account.id });
    });
    const host = await startApp({
      options: { linking },
      entities: [VisitLog],
      schema: 'CREATE TABLE visit_log (id integer PRIMARY KEY, actor_id uuid NOT NULL)',
      providers: [handler],
    });
    const [account, guest] = [await newAccount(host), await guestWithNotes(host, 'mine')];
    await host.sql('INSERT INTO visit_log (id, actor_id) VALUES (1, $1), (2, $1)', [guest.userId]);
    expect(await signIn(guest, account)).toMatchObject({ body: { link: { status: 'merged' } } });
    expect(await host.sql('SELECT DISTINCT actor_id FROM visit_log')).toEqual([
      { actor_id: account.userId },
    ]);
    expect(await notesOf(host, account.userId)).toEqual(['mine']);
  });
});
