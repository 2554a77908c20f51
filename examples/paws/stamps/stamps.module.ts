import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { StampCard } from './stamp-card.js';
import { StampCardMergeHandler } from './stamp-card-merge.handler.js';
import { StampCardsService } from './stamp-cards.service.js';
import { StampsController } from './stamps.controller.js';

@Module({
  imports: [TypeOrmModule.forFeature([StampCard])],
  controllers: [StampsController],
  providers: [StampCardsService, StampCardMergeHandler],
  exports: [StampCardsService],
})
export class StampsModule {}
