import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The columns that the library needs. Whoever is there already is a member, thanks to the defaults. */
export class AddGuests1763600000001 implements MigrationInterface {
  readonly name = 'AddGuests1763600000001';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE members
        ADD is_guest boolean NOT NULL DEFAULT false,
        ADD epoch integer NOT NULL DEFAULT 0,
        ADD last_seen_at timestamptz NOT NULL DEFAULT now()`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE members DROP is_guest, DROP epoch, DROP last_seen_at');
  }
}
