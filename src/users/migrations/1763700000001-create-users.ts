import type { MigrationInterface, QueryRunner } from 'typeorm';
import { quote, tableOf } from '../../common/sql.js';
import { dataSourceOf } from '../data-source-of.js';
import { Identity } from '../identity.js';
import { User } from '../user.js';

export class CreateUsers1763700000001 implements MigrationInterface {
  readonly name = 'CreateUsers1763700000001';

  async up(queryRunner: QueryRunner): Promise<void> {
    const users = tableOf(dataSourceOf(queryRunner.manager), User);
    const identities = tableOf(dataSourceOf(queryRunner.manager), Identity);
    const u = users.columns;
    const i = identities.columns;
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
      `CREATE INDEX ${quote(`${users.name}_stale_guest_idx`)} ON ${users.path} (${u.lastSeenAt}) WHERE ${u.isAnonymous}`,
    );
    await queryRunner.query(`
      CREATE TABLE ${identities.path} (
        ${i.id} uuid CONSTRAINT ${quote(`${identities.name}_pkey`)} PRIMARY KEY,
        ${i.userId} uuid NOT NULL CONSTRAINT ${quote(`${identities.name}_user_id_fkey`)}
          REFERENCES ${users.path} (${u.id}) ON DELETE CASCADE,
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

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `DROP TABLE ${tableOf(dataSourceOf(queryRunner.manager), Identity).path}`,
    );
    await queryRunner.query(`DROP TABLE ${tableOf(dataSourceOf(queryRunner.manager), User).path}`);
  }
}
