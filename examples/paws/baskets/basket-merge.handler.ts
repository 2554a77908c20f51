import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { type MergeContext, MergeHandler, type MergeReport } from '../../../src/index.js';
import { Basket } from './basket.js';

/**
 * There is one basket for each user, so somebody has to say what becomes of two: the account's adopts what is in the
 * guest's, and of what is in both there is the sum.
 */
@Injectable()
@MergeHandler(Basket)
export class BasketMergeHandler implements MergeHandler {
  async merge({ guest, account, manager }: MergeContext): Promise<MergeReport | void> {
    // In the order of their ids, so that two merges never wait for each other; and before the items, as every writer does.
    const baskets = await manager.find(Basket, {
      where: { userId: In([guest.id, account.id]) },
      order: { id: 'ASC' },
      lock: { mode: 'pessimistic_write' },
    });
    const from = baskets.find(({ userId }) => userId === guest.id);
    const into = baskets.find(({ userId }) => userId === account.id);
    if (!from) return;
    if (!into) {
      await manager.update(Basket, { id: from.id }, { userId: account.id });
      return;
    }
    await manager.query(
      `WITH doubled AS (
         DELETE FROM basket_item theirs USING basket_item mine
         WHERE theirs.basket_id = $1 AND mine.basket_id = $2 AND mine.sku = theirs.sku
         RETURNING mine.id, theirs.quantity)
       UPDATE basket_item mine SET quantity = mine.quantity + doubled.quantity
       FROM doubled WHERE mine.id = doubled.id`,
      [from.id, into.id],
    );
    await manager.query('UPDATE basket_item SET basket_id = $2 WHERE basket_id = $1', [
      from.id,
      into.id,
    ]);
    await manager.delete(Basket, { id: from.id });
    return { folded: [from.id] };
  }
}
