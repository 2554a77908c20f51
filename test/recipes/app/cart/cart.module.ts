import { Module } from '@nestjs/common';
import { AnonymousModule, combine, owned } from '../../../../src/index.js';
import { Cart, CartItem } from './cart.entities.js';

@Module({
  imports: [
    AnonymousModule.forFeature([
      owned(Cart, { onCollision: 'keepAccount' }),
      owned(CartItem, { onCollision: combine({ quantity: 'sum' }) }),
    ]),
  ],
})
export class CartModule {}
