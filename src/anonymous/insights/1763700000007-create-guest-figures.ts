import type { QueryRunner } from 'typeorm';
import { quote } from '../../common/sql.js';
import { AccountLink } from '../../linking/ledger/account-link.js';
import { GuestFigure } from '../../users/figures/guest-figure.js';
import { TableMigration } from '../../users/table-migration.js';
import type { Tables } from '../../users/tables.js';

/** What operators look at: figures by day, and the merges that were given up, among any number that were not. */
export class CreateGuestFigures1763700000007 extends TableMigration {
  readonly name: string = 'CreateGuestFigures1763700000007';

  protected async create(queryRunner: QueryRunner, tables: Tables): Promise<void> {
    const { path, name, columns: c } = tables.of(GuestFigure);
    await queryRunner.query(`
      CREATE TABLE ${path} (
        ${c.day} date NOT NULL,
        ${c.figure} text NOT NULL,
        ${c.count} bigint NOT NULL,
        CONSTRAINT ${quote(`${name}_pkey`)} PRIMARY KEY (${c.day}, ${c.figure})
      )`);
    const links = tables.of(AccountLink);
    await queryRunner.query(
      `CREATE INDEX ${quote(failedIndex(tables))} ON ${links.path} (${links.columns.createdAt})
       WHERE ${links.columns.status} = 'failed'`,
    );
  }

  protected async drop(queryRunner: QueryRunner, tables: Tables): Promise<void> {
    const { schema } = tables.metadata(AccountLink);
    const index = quote(failedIndex(tables));
    await queryRunner.query(`DROP INDEX ${schema ? `${quote(schema)}.` : ''}${index}`);
    await queryRunner.query(`DROP TABLE ${tables.of(GuestFigure).path}`);
  }
}

function failedIndex(tables: Tables): string {
  return `${tables.of(AccountLink).name}_failed_idx`;
}
