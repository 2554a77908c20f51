import type { QueryRunner } from 'typeorm';
import { TableMigration } from '../../users/table-migration.js';
import type { Tables } from '../../users/tables.js';
import { AccountLink } from '../ledger/account-link.js';

/** Who has agreed to a link that both sides confirm. Instances that do not know these columns write links all the same. */
export class BothSides1763700000005 extends TableMigration {
  readonly name: string = 'BothSides1763700000005';

  protected async create(queryRunner: QueryRunner, tables: Tables): Promise<void> {
    const { path, columns: c } = tables.of(AccountLink);
    await queryRunner.query(
      `ALTER TABLE ${path} ADD ${c.guestAgreedAt} timestamptz, ADD ${c.accountAgreedAt} timestamptz,
         ADD ${c.wrongCodes} integer NOT NULL DEFAULT 0`,
    );
  }

  protected async drop(queryRunner: QueryRunner, tables: Tables): Promise<void> {
    const { path, columns: c } = tables.of(AccountLink);
    await queryRunner.query(
      `ALTER TABLE ${path} DROP ${c.guestAgreedAt}, DROP ${c.accountAgreedAt}, DROP ${c.wrongCodes}`,
    );
  }
}
