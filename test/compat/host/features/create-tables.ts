import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateTables1900000000001 implements MigrationInterface {
  readonly name = 'CreateTables1900000000001';

  async up(queryRunner: QueryRunner): Promise<void> {
    const owned =
      'id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid NOT NULL REFERENCES users (id)';
    await queryRunner.query(`CREATE TABLE note (${owned}, text text NOT NULL)`);
    await queryRunner.query('CREATE INDEX ON note (user_id)');
    await queryRunner.query(`CREATE TABLE wallet (${owned} UNIQUE, credits integer NOT NULL)`);
    await queryRunner.query(`CREATE TABLE tag (${owned}, name text NOT NULL,
      CONSTRAINT tag_user_id_name_key UNIQUE (user_id, name))`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE tag, wallet, note');
  }
}
