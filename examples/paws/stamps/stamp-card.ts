import { Column, Entity, ForeignKey, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { User } from '../../../src/index.js';

/** One for each user. As many stamps as a card has room for are a treat, and the card starts again. */
@Entity('stamp_card')
@Unique('stamp_card_user_id_key', ['userId'])
export class StampCard {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'stamp_card_pkey' })
  id!: string;

  @Column({ name: 'user_id', type: 'uuid' })
  @ForeignKey(() => User, { name: 'stamp_card_user_id_fkey' })
  userId!: string;

  /** Fewer than a card has room for. */
  @Column({ type: 'integer' })
  stamps!: number;

  @Column({ type: 'integer' })
  treats!: number;
}
