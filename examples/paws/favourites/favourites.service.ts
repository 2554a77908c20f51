import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { venueNotFound } from '../venues/venue-not-found.js';
import type { FavouriteView } from './favourite.view.js';

@Injectable()
export class FavouritesService {
  constructor(private readonly dataSource: DataSource) {}

  /** By the name of the place. Nobody likes nothing. */
  async of(userId: string | undefined): Promise<FavouriteView[]> {
    if (userId === undefined) return [];
    return this.dataSource.query(
      `SELECT venue_id AS "venueId" FROM favourite JOIN venue ON venue.id = venue_id
       WHERE user_id = $1 ORDER BY name, venue_id`,
      [userId],
    );
  }

  /**
   * Also when it is one already.
   * @throws NotFoundException `VENUE_NOT_FOUND`
   */
  add(userId: string, venueId: string): Promise<FavouriteView> {
    return this.change(
      `INSERT INTO favourite (user_id, venue_id) SELECT $1::uuid, id FROM place
       ON CONFLICT (user_id, venue_id) DO NOTHING`,
      [userId, venueId],
    );
  }

  /**
   * Also when it is none.
   * @throws NotFoundException `VENUE_NOT_FOUND`
   */
  remove(userId: string, venueId: string): Promise<FavouriteView> {
    return this.change(
      'DELETE FROM favourite USING place WHERE user_id = $1 AND venue_id = place.id',
      [userId, venueId],
    );
  }

  private async change(change: string, ids: [user: string, venue: string]): Promise<FavouriteView> {
    const [place] = await this.dataSource.query<FavouriteView[]>(
      `WITH place AS (SELECT id FROM venue WHERE id = $2), changed AS (${change})
       SELECT id AS "venueId" FROM place`,
      ids,
    );
    if (place) return place;
    throw venueNotFound();
  }
}
