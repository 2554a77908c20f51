import type { QueryRunner } from 'typeorm';
import { ConfigurationError } from '../../common/errors.js';
import { quote, rowsOf } from '../../common/sql.js';
import { staleGuestIndex } from '../host-user-entity.js';
import type { Tables } from '../tables.js';
import type { UserTable } from '../user-table.js';

/**
 * Makes a user table of the host's ready for guests.
 * @param isAltered whether it gets the columns that it lacks.
 * @throws ConfigurationError when it does not exist, for TypeORM may sort the host's own migration behind this one, or when
 * columns are missing that nobody has asked for.
 */
export async function prepareHostUsers(
  queryRunner: QueryRunner,
  { users, prefix }: Tables,
  isAltered: boolean,
): Promise<void> {
  const { path, columns: c } = users;
  const [table] = await rowsOf<{ oid: string | null }>(
    queryRunner,
    'SELECT to_regclass($1)::oid AS "oid"',
    [path],
  );
  if (table?.oid === null) {
    throw new ConfigurationError(
      `table ${path} does not exist yet. Migrations run in the order of their timestamps: write a number behind that of the one which makes it, \`anonymousMigrations({ userEntity, timestamp: 1790000000000 })\`.`,
    );
  }
  if (isAltered) {
    await queryRunner.query(
      `ALTER TABLE ${path} ADD COLUMN IF NOT EXISTS ${c.isAnonymous} boolean NOT NULL DEFAULT false,
         ADD COLUMN IF NOT EXISTS ${c.epoch} integer NOT NULL DEFAULT 0,
         ADD COLUMN IF NOT EXISTS ${c.lastSeenAt} timestamptz NOT NULL DEFAULT now()`,
    );
  }
  await checkColumns(queryRunner, users);
  await queryRunner.query(
    `CREATE INDEX IF NOT EXISTS ${quote(staleGuestIndex(prefix))} ON ${path} (${c.lastSeenAt}, ${c.id}) WHERE ${c.isAnonymous}`,
  );
}

/** @throws ConfigurationError when the table lacks a column that the entity has for us. */
async function checkColumns(queryRunner: QueryRunner, users: UserTable): Promise<void> {
  const needed = ['email', 'isAnonymous', 'epoch', 'lastSeenAt'].map(
    (property) => users.metadata.findColumnWithPropertyPath(property)!.databaseName,
  );
  const missing = await rowsOf<{ name: string }>(
    queryRunner,
    `SELECT name AS "name" FROM unnest($2::text[]) AS name WHERE NOT EXISTS (
       SELECT 1 FROM pg_attribute a WHERE a.attrelid = to_regclass($1) AND a.attname = name AND NOT a.attisdropped)`,
    [users.path, needed],
  );
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => quote(name)).join(', ');
  throw new ConfigurationError(
    `table ${users.path} has no column ${names}. Add it in a migration that runs before this one; \`anonymousMigrations({ userEntity, alterUsers: true })\` adds all but the address.`,
  );
}

/** Leaves the columns: nothing says whether they were there before. */
export async function releaseHostUsers(
  queryRunner: QueryRunner,
  { users, prefix }: Tables,
): Promise<void> {
  const { schema } = users.metadata;
  const name = quote(staleGuestIndex(prefix));
  await queryRunner.query(`DROP INDEX IF EXISTS ${schema ? `${quote(schema)}.` : ''}${name}`);
}
