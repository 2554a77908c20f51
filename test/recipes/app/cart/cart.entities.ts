import { User } from '../../../../src/index.js';
import {
  Column,
  Entity,
  JoinColumn,
  ManyToOne,
  OneToOne,
  PrimaryGeneratedColumn,
  Unique,
} from 'typeorm';

@Entity()
export class Cart {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @OneToOne(() => User, { nullable: false }) @JoinColumn({ name: 'user_id' }) user!: User;
}

@Entity('cart_item')
@Unique(['cart', 'sku'])
export class CartItem {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @ManyToOne(() => Cart, { nullable: false }) @JoinColumn({ name: 'cart_id' }) cart!: Cart;
  @Column('text') sku!: string;
  @Column('integer') quantity!: number;
}
