import { DataSource, type DataSourceOptions } from 'typeorm';
import { anonymousEntities, anonymousMigrations } from '../../../src/index.js';
import { BasketItem } from '../baskets/basket-item.js';
import { Basket } from '../baskets/basket.js';
import { Favourite } from '../favourites/favourite.js';
import { Pet } from '../pets/pet.js';
import { Photo } from '../photos/photo.js';
import { Profile } from '../profiles/profile.js';
import { StampCard } from '../stamps/stamp-card.js';
import { Venue } from '../venues/venue.js';
import { VisitLog } from '../visits/visit-log.js';
import { ImpatientClient } from './impatient-client.js';
import { CreatePaws1763900000001 } from './migrations/1763900000001-create-paws.js';
import { SeedVenues1763900000002 } from './migrations/1763900000002-seed-venues.js';

/** Any number, as long as every instance takes the same: the lock that lets one of them migrate at a time. */
const MIGRATION_LOCK = 1_763_900_000;

const entities = [Venue, Pet, Photo, Favourite, Profile, Basket, BasketItem, VisitLog, StampCard];

export function dataSourceOptions(url: string): DataSourceOptions {
  return {
    type: 'postgres',
    url,
    entities: [...anonymousEntities(), ...entities],
    migrations: [...anonymousMigrations(), CreatePaws1763900000001, SeedVenues1763900000002],
    // gen_random_uuid() is part of PostgreSQL, so there is no extension to install.
    uuidExtension: 'pgcrypto',
    installExtensions: false,
    connectTimeoutMS: 3_000,
    extra: { query_timeout: 5_000, Client: ImpatientClient },
  };
}

/** Brings the schema up to date and connects. Instances that start together take turns: the second finds it done. */
export async function openDataSource(options?: DataSourceOptions): Promise<DataSource> {
  await migrate(options!);
  return new DataSource(options!).initialize();
}

/** Without impatience: a migration takes its time, and so does waiting for that of another instance. */
async function migrate(options: DataSourceOptions): Promise<void> {
  const dataSource = await new DataSource({
    ...options,
    extra: {},
  } as DataSourceOptions).initialize();
  const runner = dataSource.createQueryRunner();
  try {
    await runner.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await dataSource.runMigrations({ transaction: 'all' });
    await runner.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]);
  } finally {
    await runner.release();
    await dataSource.destroy();
  }
}
