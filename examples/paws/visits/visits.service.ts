import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { StampCardsService } from '../stamps/stamp-cards.service.js';
import { venueNotFound } from '../venues/venue-not-found.js';
import { Venue } from '../venues/venue.js';
import { VisitLog } from './visit-log.js';

/** As many as a page shows. */
const MOST_VISITS = 200;

@Injectable()
export class VisitsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly cards: StampCardsService,
  ) {}

  /** The latest first. Nobody was nowhere. */
  async of(userId: string | undefined): Promise<VisitLog[]> {
    if (userId === undefined) return [];
    return this.dataSource.manager.find(VisitLog, {
      where: { actorId: userId },
      order: { visitedAt: 'DESC', id: 'DESC' },
      take: MOST_VISITS,
    });
  }

  /**
   * A line in the log and a stamp on the card. The card first: it holds its owner by a foreign key, which the log lacks, so
   * nothing is written for a guest who is being merged away.
   * @throws NotFoundException `VENUE_NOT_FOUND`
   */
  add(userId: string, venueId: string): Promise<VisitLog> {
    return this.dataSource.transaction('READ COMMITTED', async (manager) => {
      if (!(await manager.existsBy(Venue, { id: venueId }))) throw venueNotFound();
      await this.cards.add(manager, userId, { stamps: 1, treats: 0 });
      return manager.save(VisitLog, { actorId: userId, venueId });
    });
  }
}
