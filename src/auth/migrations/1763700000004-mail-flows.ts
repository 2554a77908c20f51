import type { QueryRunner } from 'typeorm';
import { quote } from '../../common/sql.js';
import { TableMigration } from '../../users/table-migration.js';
import type { Tables } from '../../users/tables.js';
import { AuthFlow } from '../flows/auth-flow.js';

/** What a flow that goes on in somebody's mailbox has to remember. */
export class MailFlows1763700000004 extends TableMigration {
  readonly name: string = 'MailFlows1763700000004';

  protected async create(queryRunner: QueryRunner, tables: Tables): Promise<void> {
    const { path, name, columns: c } = tables.of(AuthFlow);
    await queryRunner.query(
      `ALTER TABLE ${path} ADD ${c.guestEpoch} integer, ADD ${c.userId} ${tables.userIdType},
         ADD ${c.browserHash} bytea, ADD ${c.details} jsonb`,
    );
    await queryRunner.query(
      `CREATE UNIQUE INDEX ${quote(`${name}_email_key`)} ON ${path} (${c.purpose}, ${c.email})
       WHERE ${c.email} IS NOT NULL`,
    );
  }

  protected async drop(queryRunner: QueryRunner, tables: Tables): Promise<void> {
    const { path, name, columns: c } = tables.of(AuthFlow);
    const { schema } = tables.metadata(AuthFlow);
    const index = quote(`${name}_email_key`);
    await queryRunner.query(`DROP INDEX ${schema ? `${quote(schema)}.` : ''}${index}`);
    await queryRunner.query(`DELETE FROM ${path} WHERE ${c.email} IS NOT NULL`);
    await queryRunner.query(
      `ALTER TABLE ${path} DROP ${c.guestEpoch}, DROP ${c.userId}, DROP ${c.browserHash}, DROP ${c.details}`,
    );
  }
}
