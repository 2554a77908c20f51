import 'reflect-metadata';
import { DataSource } from 'typeorm';
import { anonymousEntities, anonymousMigrations } from './src/index.js';

/** For the TypeORM command line: `DATABASE_URL=… npm run migration:run`. Hosts list the same two in their own DataSource. */
export default new DataSource({
  type: 'postgres',
  url: process.env.DATABASE_URL,
  entities: anonymousEntities(),
  migrations: anonymousMigrations(),
  synchronize: false,
  uuidExtension: 'pgcrypto',
  installExtensions: false,
});
