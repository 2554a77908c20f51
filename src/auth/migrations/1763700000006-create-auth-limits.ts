import type { QueryRunner } from 'typeorm';
import { quote } from '../../common/sql.js';
import { TableMigration } from '../../users/table-migration.js';
import type { Tables } from '../../users/tables.js';
import { AuthLimit } from '../limits/auth-limit.js';

/** How often something has been tried with one address. */
export class CreateAuthLimits1763700000006 extends TableMigration {
  readonly name: string = 'CreateAuthLimits1763700000006';

  protected async create(queryRunner: QueryRunner, tables: Tables): Promise<void> {
    const { path, name, columns: c } = tables.of(AuthLimit);
    await queryRunner.query(`
      CREATE TABLE ${path} (
        ${c.id} bytea CONSTRAINT ${quote(`${name}_pkey`)} PRIMARY KEY,
        ${c.hits} timestamptz[] NOT NULL,
        ${c.places} integer NOT NULL,
        ${c.holder} uuid NOT NULL,
        ${c.expiresAt} timestamptz NOT NULL
      )`);
    await queryRunner.query(
      `CREATE INDEX ${quote(`${name}_expires_at_idx`)} ON ${path} (${c.expiresAt})`,
    );
  }

  protected async drop(queryRunner: QueryRunner, tables: Tables): Promise<void> {
    await queryRunner.query(`DROP TABLE ${tables.of(AuthLimit).path}`);
  }
}
