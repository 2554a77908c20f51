import type { QueryRunner } from 'typeorm';
import { quote } from '../../common/sql.js';
import { TableMigration } from '../../users/table-migration.js';
import type { Tables } from '../../users/tables.js';
import { AuthFlow } from '../flows/auth-flow.js';
import { Session } from '../sessions/session.js';

export class CreateSessions1763700000002 extends TableMigration {
  readonly name: string = 'CreateSessions1763700000002';

  protected async create(queryRunner: QueryRunner, tables: Tables): Promise<void> {
    const { users, userIdType } = tables;
    const sessions = tables.of(Session);
    const flows = tables.of(AuthFlow);
    const s = sessions.columns;
    const f = flows.columns;
    await queryRunner.query(`
      CREATE TABLE ${sessions.path} (
        ${s.id} uuid CONSTRAINT ${quote(`${sessions.name}_pkey`)} PRIMARY KEY,
        ${s.userId} ${userIdType} NOT NULL CONSTRAINT ${quote(`${sessions.name}_user_id_fkey`)}
          REFERENCES ${users.path} (${users.columns.id}) ON DELETE CASCADE,
        ${s.epoch} integer NOT NULL,
        ${s.expiresAt} timestamptz NOT NULL,
        ${s.ipAddress} text,
        ${s.userAgent} text,
        ${s.createdAt} timestamptz NOT NULL DEFAULT now(),
        ${s.updatedAt} timestamptz NOT NULL DEFAULT now()
      )`);
    await queryRunner.query(
      `CREATE INDEX ${quote(`${sessions.name}_user_id_idx`)} ON ${sessions.path} (${s.userId})`,
    );
    await queryRunner.query(
      `CREATE INDEX ${quote(`${sessions.name}_expires_at_idx`)} ON ${sessions.path} (${s.expiresAt})`,
    );
    await queryRunner.query(`
      CREATE TABLE ${flows.path} (
        ${f.id} uuid CONSTRAINT ${quote(`${flows.name}_pkey`)} PRIMARY KEY,
        ${f.purpose} text NOT NULL,
        ${f.tokenHash} bytea NOT NULL,
        ${f.email} text,
        ${f.guestId} ${userIdType},
        ${f.epoch} integer,
        ${f.attempts} integer NOT NULL DEFAULT 0,
        ${f.consumedAt} timestamptz,
        ${f.expiresAt} timestamptz NOT NULL,
        ${f.createdAt} timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT ${quote(`${flows.name}_token_key`)} UNIQUE (${f.purpose}, ${f.tokenHash})
      )`);
    await queryRunner.query(
      `CREATE INDEX ${quote(`${flows.name}_expires_at_idx`)} ON ${flows.path} (${f.expiresAt})`,
    );
  }

  protected async drop(queryRunner: QueryRunner, tables: Tables): Promise<void> {
    await queryRunner.query(`DROP TABLE ${tables.of(AuthFlow).path}`);
    await queryRunner.query(`DROP TABLE ${tables.of(Session).path}`);
  }
}
