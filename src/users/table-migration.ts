import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dataSourceOf } from './data-source-of.js';
import { type TableSelection, Tables } from './tables.js';

/** Which tables, and whether a user table of the host's is to be altered. */
export interface MigrationSelection extends TableSelection {
  readonly alterUsers?: boolean;
}

/** A migration of tables whose names and types come from the entities of the DataSource that it runs on. */
export abstract class TableMigration implements MigrationInterface {
  /** Ends in the timestamp by which TypeORM sorts. */
  abstract readonly name: string;
  protected readonly selection: MigrationSelection = {};

  up(queryRunner: QueryRunner): Promise<void> {
    return this.create(queryRunner, this.tables(queryRunner));
  }

  down(queryRunner: QueryRunner): Promise<void> {
    return this.drop(queryRunner, this.tables(queryRunner));
  }

  protected abstract create(queryRunner: QueryRunner, tables: Tables): Promise<void>;
  protected abstract drop(queryRunner: QueryRunner, tables: Tables): Promise<void>;

  private tables({ manager }: QueryRunner): Tables {
    return new Tables(dataSourceOf(manager), this.selection);
  }
}

/** The same migration for one set of tables, under a name of its own. */
export function migrationFor(
  Migration: new () => TableMigration,
  selection: MigrationSelection,
  timestamp: number | undefined,
): new () => TableMigration {
  const [, words = '', digits = ''] = /^(.*?)(\d{13})$/.exec(new Migration().name) ?? [];
  const name = `${selection.tablePrefix ?? ''}${words}${timestamp ?? digits}`;
  return class {
    constructor() {
      return Object.assign(new Migration(), { name, selection });
    }
  } as new () => TableMigration;
}
