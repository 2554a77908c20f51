import { Column, Entity, ForeignKey, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { Basket } from './basket.js';

@Entity('basket_item')
@Unique('basket_item_sku_key', ['basketId', 'sku'])
export class BasketItem {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'basket_item_pkey' })
  id!: string;

  @Column({ name: 'basket_id', type: 'uuid' })
  @ForeignKey(() => Basket, { name: 'basket_item_basket_id_fkey' })
  basketId!: string;

  /** Names the good. */
  @Column({ type: 'text' })
  sku!: string;

  @Column({ type: 'integer' })
  quantity!: number;
}
