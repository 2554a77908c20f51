import { Injectable } from '@nestjs/common';
import { type MergeContext, MergeHandler, type MergeReport } from '../../../src/index.js';
import { StampCard } from './stamp-card.js';
import { StampCardsService } from './stamp-cards.service.js';

/**
 * Code, because no strategy fits: the stamps of two cards add up, but ten of them are a treat, so one column carries over
 * into another.
 */
@Injectable()
@MergeHandler(StampCard)
export class StampCardMergeHandler implements MergeHandler {
  constructor(private readonly cards: StampCardsService) {}

  async merge({ guest, account, manager }: MergeContext): Promise<MergeReport | void> {
    const [[card]] = await manager.query<[StampCard[], number]>(
      'DELETE FROM stamp_card WHERE user_id = $1 RETURNING id, stamps, treats',
      [guest.id],
    );
    if (!card) return;
    await this.cards.add(manager, account.id, card);
    return { folded: [card.id] };
  }
}
