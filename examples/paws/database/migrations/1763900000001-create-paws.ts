import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Owner columns are NOT NULL and keep their user from being deleted, and each has an index: its own, or as the first column
 * of a unique key.
 */
export class CreatePaws1763900000001 implements MigrationInterface {
  readonly name = 'CreatePaws1763900000001';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE venue (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        name text NOT NULL,
        city text NOT NULL,
        kind text NOT NULL,
        description text NOT NULL
      );
      CREATE TABLE pet (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        user_id uuid NOT NULL REFERENCES users (id),
        name text NOT NULL,
        breed text,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pet_user_id_name_key UNIQUE (user_id, name)
      );
      CREATE TABLE photo (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        user_id uuid NOT NULL REFERENCES users (id),
        pet_id uuid NOT NULL REFERENCES pet (id),
        url text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX photo_user_id_idx ON photo (user_id);
      CREATE INDEX photo_pet_id_idx ON photo (pet_id);
      CREATE TABLE favourite (
        user_id uuid NOT NULL REFERENCES users (id),
        venue_id uuid NOT NULL REFERENCES venue (id),
        PRIMARY KEY (user_id, venue_id)
      );
      CREATE INDEX favourite_venue_id_idx ON favourite (venue_id);
      CREATE TABLE profile (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        user_id uuid NOT NULL REFERENCES users (id),
        display_name text,
        city text,
        bio text,
        CONSTRAINT profile_user_id_key UNIQUE (user_id)
      );
      CREATE TABLE basket (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        user_id uuid NOT NULL REFERENCES users (id),
        CONSTRAINT basket_user_id_key UNIQUE (user_id)
      );
      CREATE TABLE basket_item (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        basket_id uuid NOT NULL REFERENCES basket (id),
        sku text NOT NULL,
        quantity integer NOT NULL,
        CONSTRAINT basket_item_sku_key UNIQUE (basket_id, sku)
      );
      CREATE TABLE visit_log (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        actor_id uuid NOT NULL,
        venue_id uuid NOT NULL REFERENCES venue (id),
        visited_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX visit_log_actor_id_idx ON visit_log (actor_id);
      CREATE INDEX visit_log_venue_id_idx ON visit_log (venue_id);
      CREATE TABLE stamp_card (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        user_id uuid NOT NULL REFERENCES users (id),
        stamps integer NOT NULL,
        treats integer NOT NULL,
        CONSTRAINT stamp_card_user_id_key UNIQUE (user_id)
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      'DROP TABLE stamp_card, visit_log, basket_item, basket, profile, favourite, photo, pet, venue',
    );
  }
}
