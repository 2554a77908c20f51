import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, Repository } from 'typeorm';
import { StampCard } from './stamp-card.js';
import type { StampCardView } from './stamp-card.view.js';

const STAMPS_FOR_A_TREAT = 10;

@Injectable()
export class StampCardsService {
  constructor(@InjectRepository(StampCard) private readonly cards: Repository<StampCard>) {}

  async of(userId: string | undefined): Promise<StampCardView> {
    const card = userId === undefined ? null : await this.cards.findOneBy({ userId });
    return { stamps: card?.stamps ?? 0, treats: card?.treats ?? 0 };
  }

  /** Adds to the user's card, or makes one. A card that is full becomes a treat. */
  async add(
    manager: EntityManager,
    userId: string,
    { stamps, treats }: StampCardView,
  ): Promise<void> {
    await manager.query(
      `INSERT INTO stamp_card AS card (user_id, stamps, treats) VALUES ($1, $2, $3)
       ON CONFLICT (user_id) DO UPDATE SET
         stamps = (card.stamps + EXCLUDED.stamps) % $4,
         treats = card.treats + EXCLUDED.treats + (card.stamps + EXCLUDED.stamps) / $4`,
      [userId, stamps, treats, STAMPS_FOR_A_TREAT],
    );
  }
}
