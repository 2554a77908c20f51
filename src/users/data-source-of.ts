import type { DataSource, EntityManager } from 'typeorm';

/** The DataSource that a manager belongs to: `connection` in TypeORM 0.3, where 1.x says `dataSource`. */
export function dataSourceOf(manager: EntityManager): DataSource {
  const { dataSource, connection } = manager as unknown as {
    readonly dataSource?: DataSource;
    readonly connection: DataSource;
  };
  return dataSource ?? connection;
}
