import { Module } from '@nestjs/common';
import { BasketMergeHandler } from './basket-merge.handler.js';
import { BasketsController } from './baskets.controller.js';
import { BasketsService } from './baskets.service.js';

@Module({ controllers: [BasketsController], providers: [BasketsService, BasketMergeHandler] })
export class BasketsModule {}
