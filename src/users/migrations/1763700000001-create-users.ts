import type { QueryRunner } from 'typeorm';
import { quote } from '../../common/sql.js';
import { Identity } from '../identity.js';
import { TableMigration } from '../table-migration.js';
import type { Tables } from '../tables.js';
import type { UserTable } from '../user-table.js';
import { prepareHostUsers, releaseHostUsers } from './host-users.js';

export class CreateUsers1763700000001 extends TableMigration {
  readonly name: string = 'CreateUsers1763700000001';

  protected async create(queryRunner: QueryRunner, tables: Tables): Promise<void> {
    const { users } = tables;
    const identities = tables.of(Identity);
    const i = identities.columns;
    await (users.isOwn
      ? this.createUsers(queryRunner, users)
      : prepareHostUsers(queryRunner, tables, this.selection.alterUsers === true));
    await queryRunner.query(`
      CREATE TABLE ${identities.path} (
        ${i.id} uuid CONSTRAINT ${quote(`${identities.name}_pkey`)} PRIMARY KEY,
        ${i.userId} ${tables.userIdType} NOT NULL CONSTRAINT ${quote(`${identities.name}_user_id_fkey`)}
          REFERENCES ${users.path} (${users.columns.id}) ON DELETE CASCADE,
        ${i.provider} text NOT NULL,
        ${i.issuer} text NOT NULL,
        ${i.subject} text NOT NULL,
        ${i.secretHash} text,
        ${i.createdAt} timestamptz NOT NULL DEFAULT now(),
        ${i.updatedAt} timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT ${quote(`${identities.name}_subject_key`)} UNIQUE (${i.issuer}, ${i.subject}, ${i.provider})
      )`);
    await queryRunner.query(
      `CREATE INDEX ${quote(`${identities.name}_user_id_idx`)} ON ${identities.path} (${i.userId})`,
    );
  }

  protected async drop(queryRunner: QueryRunner, tables: Tables): Promise<void> {
    await queryRunner.query(`DROP TABLE ${tables.of(Identity).path}`);
    await (tables.users.isOwn
      ? queryRunner.query(`DROP TABLE ${tables.users.path}`)
      : releaseHostUsers(queryRunner, tables));
  }

  private async createUsers(queryRunner: QueryRunner, users: UserTable): Promise<void> {
    const u = users.columns;
    await queryRunner.query(`
      CREATE TABLE ${users.path} (
        ${u.id} uuid CONSTRAINT ${quote(`${users.name}_pkey`)} PRIMARY KEY,
        ${u.email} text,
        ${u.emailVerified} boolean NOT NULL DEFAULT false,
        ${u.name} text,
        ${u.image} text,
        ${u.isAnonymous} boolean NOT NULL DEFAULT false,
        ${u.epoch} integer NOT NULL DEFAULT 0,
        ${u.lastSeenAt} timestamptz NOT NULL DEFAULT now(),
        ${u.createdAt} timestamptz NOT NULL DEFAULT now(),
        ${u.updatedAt} timestamptz NOT NULL DEFAULT now()
      )`);
    // Over an expression, so that giving a guest its address does not take the lock that blocks the guest's own inserts.
    await queryRunner.query(
      `CREATE UNIQUE INDEX ${quote(`${users.name}_email_key`)} ON ${users.path} (lower(${u.email}))`,
    );
    await queryRunner.query(
      `CREATE INDEX ${quote(`${users.name}_stale_guest_idx`)} ON ${users.path} (${u.lastSeenAt}, ${u.id}) WHERE ${u.isAnonymous}`,
    );
  }
}
