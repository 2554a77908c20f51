import { Injectable, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { join } from 'node:path';
import { owned } from '../../src/index.js';
import { eventually } from '../support/barrier.js';
import { NO_RETRY } from '../support/links.js';
import { insert, link, meet, type Meeting } from '../support/merging.js';
import { expectShown, shownFiles, sqlBlocksOf } from '../support/shown-code.js';
import { createTestApp, type TestApp } from '../support/test-app.js';
import { Cart, CartItem } from './app/cart/cart.entities.js';
import { CartModule } from './app/cart/cart.module.js';
import { ObjectStore, StoredFile } from './app/files/file.entity.js';
import { FileKeys } from './app/files/file-keys.listener.js';
import { FileMergeHandler } from './app/files/file.merge-handler.js';
import { Page, PageMergeHandler } from './app/pages/page.merge-handler.js';
import { Billing, PaymentWebhooks } from './app/payments/payment.webhooks.js';
import { SearchFeed, SearchIndex } from './app/search/search.feed.js';

const PAGE = 'docs/recipes.md';
const code = join(import.meta.dirname, 'app');

const SCHEMA = `
  CREATE TABLE cart (id uuid PRIMARY KEY, user_id uuid NOT NULL UNIQUE REFERENCES users);
  CREATE TABLE cart_item (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), cart_id uuid NOT NULL REFERENCES cart,
    sku text NOT NULL, quantity integer NOT NULL, UNIQUE (cart_id, sku));
  CREATE TABLE page (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid NOT NULL REFERENCES users,
    slug text NOT NULL, UNIQUE (user_id, slug));
  CREATE TABLE file (id uuid PRIMARY KEY, user_id uuid NOT NULL REFERENCES users, key text NOT NULL);
  CREATE TABLE file_to_remove (key text NOT NULL);
  CREATE TABLE pet (id uuid PRIMARY KEY, user_id uuid NOT NULL REFERENCES users, name text NOT NULL,
    UNIQUE (user_id, name));
  ${sqlBlocksOf(PAGE).join('\n')}`;

/** A bucket in memory. */
@Injectable()
class Bucket extends ObjectStore {
  readonly keys = new Set<string>();

  copy(from: string, to: string): Promise<void> {
    if (!this.keys.has(from)) return Promise.reject(new Error(`there is no ${from}`));
    this.keys.add(to);
    return Promise.resolve();
  }

  remove(key: string): Promise<void> {
    this.keys.delete(key);
    return Promise.resolve();
  }
}

@Injectable()
class Documents extends SearchIndex {
  readonly owners = new Map<string, string>();

  put(documents: readonly { id: string; user_id: string }[]): Promise<void> {
    for (const { id, user_id: owner } of documents) this.owners.set(id, owner);
    return Promise.resolve();
  }

  remove(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.owners.delete(id);
    return Promise.resolve();
  }
}

@Injectable()
class Ledger extends Billing {
  readonly credits: string[][] = [];
  readonly moves: string[][] = [];

  verified(body: unknown): Promise<{ eventId: string; userId: string }> {
    return Promise.resolve(body as { eventId: string; userId: string });
  }

  credit(...credit: string[]): Promise<void> {
    this.credits.push(credit);
    return Promise.resolve();
  }

  reassignCustomers(...move: string[]): Promise<void> {
    this.moves.push(move);
    return Promise.resolve();
  }
}

@Module({
  imports: [TypeOrmModule.forFeature([StoredFile])],
  controllers: [PaymentWebhooks],
  providers: [
    FileKeys,
    FileMergeHandler,
    PageMergeHandler,
    SearchFeed,
    { provide: ObjectStore, useClass: Bucket },
    { provide: SearchIndex, useClass: Documents },
    { provide: Billing, useClass: Ledger },
  ],
})
class RecipesModule {}

const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

describe('docs/recipes.md', () => {
  let host: TestApp;
  let people: Meeting;

  beforeAll(async () => {
    host = await createTestApp({
      entities: [Cart, CartItem, Page, StoredFile],
      schema: SCHEMA,
      imports: [CartModule, RecipesModule],
      tables: [owned('pet', { onCollision: 'keepAccount' })],
      options: { linking: NO_RETRY },
    });
  });
  afterAll(() => host.close());
  beforeEach(async () => {
    people = await meet(host);
  });

  const query = (sql: string) => host.sql(sql, [people.account.userId]);

  it.each(shownFiles(code))('shows %s as it is tested here', (name) => {
    expectShown(PAGE, code, name);
  });

  it('adds up what is in both carts', async () => {
    await insert(host, 'cart', people, [
      [id(1), 'guest'],
      [id(2), 'account'],
    ]);
    await host.sql(
      `INSERT INTO cart_item (cart_id, sku, quantity)
       VALUES ($1, 'bone', 2), ($1, 'leash', 1), ($2, 'bone', 3)`,
      [id(1), id(2)],
    );
    expect(await link(people)).toMatchObject({ status: 'merged' });
    const items = await query(
      `SELECT sku, quantity FROM cart_item JOIN cart ON cart.id = cart_id WHERE user_id = $1 ORDER BY sku`,
    );
    expect(items).toEqual([
      { sku: 'bone', quantity: 5 },
      { sku: 'leash', quantity: 1 },
    ]);
  });

  it('gives a page whose slug is taken another one', async () => {
    const { guest, account } = people;
    await host.sql(
      `INSERT INTO page (user_id, slug) VALUES ($1, 'about'), ($1, 'home'), ($2, 'about')`,
      [guest.userId, account.userId],
    );
    expect((await link(people)).receipt?.tables.page).toEqual({ moved: 2, folded: 0, dropped: 0 });
    const slugs = await query('SELECT slug FROM page WHERE user_id = $1 ORDER BY slug');
    expect(slugs).toEqual([
      { slug: 'about' },
      { slug: expect.stringMatching(/^about-[0-9a-f]{12}$/) },
      { slug: 'home' },
    ]);
  });

  describe('files', () => {
    const bucket = () => host.app.get<Bucket>(ObjectStore);

    async function upload(owner: string, n: number): Promise<string> {
      const key = `${owner}/${id(n)}`;
      bucket().keys.add(key);
      await host.sql('INSERT INTO file VALUES ($1, $2, $3)', [id(n), owner, key]);
      return key;
    }

    it('get the account’s keys after the merge, however often it is told', async () => {
      const { guest, account } = people;
      const old = await upload(guest.userId, 1);
      const { id: linkId, receipt } = await link(people);
      await eventually('the object is renamed', () => !bucket().keys.has(old));
      const event = { linkId, guestId: guest.userId, accountId: account.userId, receipt: receipt! };
      await host.app.get(FileKeys).rename(event);
      const key = `${account.userId}/${id(1)}`;
      expect(await query('SELECT key FROM file WHERE user_id = $1')).toEqual([{ key }]);
      expect([...bucket().keys]).toEqual([key]);
    });

    it('are noted for removal with a guest that goes', async () => {
      const { guest } = people;
      const key = await upload(guest.userId, 2);
      expect((await guest.client.delete('/auth/anonymous')).status).toBe(200);
      expect(await host.sql('SELECT key FROM file_to_remove')).toEqual([{ key }]);
      expect(await host.sql('SELECT 1 FROM file WHERE id = $1', [id(2)])).toEqual([]);
    });
  });

  it('credits the account for what was paid as a guest', async () => {
    const { guest, account } = people;
    const ledger = host.app.get<Ledger>(Billing);
    const { id: linkId } = await link(people);
    const move = [guest.userId, account.userId, linkId];
    await eventually('the customer is moved', () => ledger.moves.some((m) => m.includes(linkId)));
    expect(ledger.moves).toContainEqual(move);
    for (const userId of [guest.userId, id(404)]) {
      const body = { eventId: 'evt_1', userId };
      expect((await host.browser().post('/webhooks/payments', body)).status).toBe(200);
    }
    expect(ledger.credits).toEqual([[account.userId, 'evt_1']]);
  });

  it('feeds a search index with every row that a merge has touched', async () => {
    const { owners } = host.app.get<Documents>(SearchIndex);
    const feed = host.app.get(SearchFeed);
    await insert(host, 'pet', people, [
      [id(1), 'guest', 'Rex'],
      [id(2), 'guest', 'Bella'],
      [id(3), 'account', 'Rex'],
    ]);
    await feed.feed();
    expect(owners.get(id(2))).toBe(people.guest.userId);
    expect(owners.size).toBe(3);
    expect((await link(people)).receipt?.tables.pet).toEqual({ moved: 1, folded: 0, dropped: 1 });
    await feed.feed();
    const { userId } = people.account;
    expect(Object.fromEntries(owners)).toEqual({ [id(2)]: userId, [id(3)]: userId });
    expect(await host.sql('SELECT 1 FROM search_outbox')).toEqual([]);
  });
});
