import { DataSource } from 'typeorm';
import { anonymousEntities, anonymousMigrations } from '../../src/index.js';
import { CreateHostTables1763800000001, hostEntities } from './host.js';
import { copyOfTemplate, type TestDatabase } from './test-database.js';

/**
 * A database in which the migrations of an ordinary test app have run already. They run once, in a template that all others
 * are copies of, because running them takes longer than everything else that an app does to start.
 */
export function createMigratedDatabase(): Promise<TestDatabase> {
  return copyOfTemplate('migrated', migrate);
}

async function migrate(url: string): Promise<void> {
  const dataSource = new DataSource({
    type: 'postgres',
    url,
    entities: [...anonymousEntities(), ...hostEntities],
    migrations: [...anonymousMigrations(), CreateHostTables1763800000001],
    uuidExtension: 'pgcrypto',
    installExtensions: false,
  });
  try {
    await dataSource.initialize();
    await dataSource.runMigrations();
  } finally {
    await dataSource.destroy();
  }
}
