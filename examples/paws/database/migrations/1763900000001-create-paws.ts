import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Owner columns are NOT NULL and keep their user from being deleted, and each has an index. */
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
        created_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX pet_user_id_idx ON pet (user_id);
      CREATE TABLE photo (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        user_id uuid NOT NULL REFERENCES users (id),
        pet_id uuid NOT NULL REFERENCES pet (id),
        url text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX photo_user_id_idx ON photo (user_id);
      CREATE INDEX photo_pet_id_idx ON photo (pet_id);
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
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE basket_item, basket, photo, pet, venue');
  }
}
