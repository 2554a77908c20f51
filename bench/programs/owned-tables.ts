/** The two tables that guests of every contender own rows of. */
export const OWNED_TABLES = ['entry', 'mark'] as const;

/** SQL that makes them over a contender's user table. */
export function ownedTables(users: string, idType: string): string {
  return OWNED_TABLES.map(
    (table) => `
      CREATE TABLE ${table} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        user_id ${idType} NOT NULL REFERENCES ${users} (id), text text NOT NULL);
      CREATE INDEX ON ${table} (user_id);`,
  ).join('');
}
