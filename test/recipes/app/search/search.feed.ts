import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { DataSource } from 'typeorm';

/** Your client of the index. */
@Injectable()
export abstract class SearchIndex {
  abstract put(documents: readonly object[]): Promise<void>;
  abstract remove(ids: readonly string[]): Promise<void>;
}

@Injectable()
export class SearchFeed {
  constructor(
    private readonly dataSource: DataSource,
    private readonly index: SearchIndex,
  ) {}

  @Interval(1000)
  async feed(): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      const noted = await manager.query<{ id: string; pet_id: string }[]>(
        'SELECT id, pet_id FROM search_outbox ORDER BY id LIMIT 500 FOR UPDATE SKIP LOCKED',
      );
      if (noted.length === 0) return;
      const ids = [...new Set(noted.map(({ pet_id }) => pet_id))];
      const pets = await manager.query<{ id: string }[]>(
        'SELECT id, user_id, name FROM pet WHERE id = ANY($1)',
        [ids],
      );
      const there = new Set(pets.map(({ id }) => id));
      await this.index.put(pets);
      await this.index.remove(ids.filter((id) => !there.has(id)));
      await manager.query('DELETE FROM search_outbox WHERE id = ANY($1)', [
        noted.map(({ id }) => id),
      ]);
    });
  }
}
