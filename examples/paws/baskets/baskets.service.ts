import { ConflictException, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { AddItemDto } from './add-item.dto.js';
import type { BasketLine } from './basket.view.js';

/** Far from where the column ends, so that merged baskets can be summed without a thought. */
const MOST_OF_ONE_SKU = 9_999;

/** What is in whose basket. Writes lock the basket before its items, in the same order as a merge does. */
@Injectable()
export class BasketsService {
  constructor(private readonly dataSource: DataSource) {}

  /** Nobody's basket is empty. */
  async linesOf(userId: string | undefined): Promise<BasketLine[]> {
    if (userId === undefined) return [];
    return this.dataSource.query(
      `SELECT sku, quantity FROM basket_item JOIN basket ON basket.id = basket_id
       WHERE user_id = $1 ORDER BY sku`,
      [userId],
    );
  }

  /**
   * Makes the basket with its first item.
   * @returns the line as it is then.
   * @throws ConflictException `BASKET_FULL`
   */
  async add(userId: string, { sku, quantity }: AddItemDto): Promise<BasketLine> {
    const [line] = await this.dataSource.query<BasketLine[]>(
      `WITH mine AS (
         INSERT INTO basket (user_id) VALUES ($1)
         ON CONFLICT (user_id) DO UPDATE SET user_id = EXCLUDED.user_id RETURNING id)
       INSERT INTO basket_item AS item (basket_id, sku, quantity) SELECT id, $2, $3 FROM mine
       ON CONFLICT (basket_id, sku) DO UPDATE SET quantity = item.quantity + EXCLUDED.quantity
         WHERE item.quantity + EXCLUDED.quantity <= $4
       RETURNING sku, quantity`,
      [userId, sku, quantity, MOST_OF_ONE_SKU],
    );
    if (line) return line;
    throw new ConflictException({
      statusCode: 409,
      code: 'BASKET_FULL',
      message: `A basket holds ${MOST_OF_ONE_SKU} of one thing at most.`,
    });
  }

  /** Empties the basket. @returns what was in it. */
  checkout(userId: string): Promise<BasketLine[]> {
    return this.dataSource.query(
      `WITH mine AS (SELECT id FROM basket WHERE user_id = $1 FOR UPDATE),
            taken AS (DELETE FROM basket_item USING mine WHERE basket_id = mine.id RETURNING sku, quantity)
       SELECT sku, quantity FROM taken ORDER BY sku`,
      [userId],
    );
  }
}
