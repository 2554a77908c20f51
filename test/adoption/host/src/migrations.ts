import { MigrationInterface, QueryRunner } from 'typeorm';

class CreateUsersAndBooks1690000000001 implements MigrationInterface {
  name = 'CreateUsersAndBooks1690000000001';

  async up(runner: QueryRunner) {
    await runner.query(`CREATE TABLE "user" ("id" serial PRIMARY KEY,
      "email" varchar UNIQUE, "passwordHash" varchar)`);
    await runner.query(`CREATE TABLE "book" ("id" serial PRIMARY KEY,
      "userId" integer NOT NULL REFERENCES "user" ("id"), "isbn" varchar NOT NULL,
      "page" integer NOT NULL DEFAULT 0, UNIQUE ("userId", "isbn"))`);
  }

  async down(runner: QueryRunner) {
    await runner.query('DROP TABLE "book", "user"');
  }
}

export const migrations = [CreateUsersAndBooks1690000000001];
