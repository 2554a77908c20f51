import type { QueryRunner } from 'typeorm';
import { quote } from '../../common/sql.js';
import { TableMigration } from '../../users/table-migration.js';
import type { Tables } from '../../users/tables.js';
import { AccountLink } from '../ledger/account-link.js';

export class CreateAccountLinks1763700000003 extends TableMigration {
  readonly name: string = 'CreateAccountLinks1763700000003';

  protected async create(queryRunner: QueryRunner, tables: Tables): Promise<void> {
    const { users, userIdType } = tables;
    const { path, name, columns: c } = tables.of(AccountLink);
    await queryRunner.query(`
      CREATE TABLE ${path} (
        ${c.id} uuid CONSTRAINT ${quote(`${name}_pkey`)} PRIMARY KEY,
        ${c.guestId} ${userIdType} NOT NULL,
        ${c.accountId} ${userIdType} CONSTRAINT ${quote(`${name}_account_id_fkey`)}
          REFERENCES ${users.path} (${users.columns.id}) ON DELETE SET NULL,
        ${c.status} text NOT NULL,
        ${c.policy} text NOT NULL,
        ${c.receipt} jsonb,
        ${c.attempts} integer NOT NULL DEFAULT 0,
        ${c.nextAttemptAt} timestamptz,
        ${c.error} text,
        ${c.announced} boolean NOT NULL DEFAULT false,
        ${c.createdAt} timestamptz NOT NULL DEFAULT now(),
        ${c.updatedAt} timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT ${quote(`${name}_pair_key`)} UNIQUE (${c.guestId}, ${c.accountId})
      )`);
    await queryRunner.query(
      `CREATE UNIQUE INDEX ${quote(`${name}_guest_key`)} ON ${path} (${c.guestId})
       WHERE ${c.status} IN ('pending', 'awaiting-consent', 'merged', 'failed')`,
    );
    await queryRunner.query(
      `CREATE INDEX ${quote(`${name}_due_idx`)} ON ${path} (${c.nextAttemptAt})
       WHERE ${c.status} IN ('pending', 'awaiting-consent')`,
    );
    await queryRunner.query(
      `CREATE INDEX ${quote(`${name}_unannounced_idx`)} ON ${path} (${c.nextAttemptAt})
       WHERE ${c.status} = 'merged' AND NOT ${c.announced}`,
    );
    await queryRunner.query(
      `CREATE INDEX ${quote(`${name}_merged_idx`)} ON ${path} (${c.updatedAt}) WHERE ${c.status} = 'merged'`,
    );
    await queryRunner.query(
      `CREATE INDEX ${quote(`${name}_account_id_idx`)} ON ${path} (${c.accountId})`,
    );
  }

  protected async drop(queryRunner: QueryRunner, tables: Tables): Promise<void> {
    await queryRunner.query(`DROP TABLE ${tables.of(AccountLink).path}`);
  }
}
