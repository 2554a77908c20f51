import { Column, Entity, ForeignKey, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { User } from '../../../src/index.js';

/** One for each user. Whoever writes to its items locks it first. */
@Entity('basket')
@Unique('basket_user_id_key', ['userId'])
export class Basket {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'basket_pkey' })
  id!: string;

  @Column({ name: 'user_id', type: 'uuid' })
  @ForeignKey(() => User, { name: 'basket_user_id_fkey' })
  userId!: string;
}
