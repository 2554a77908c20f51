import { OWNED_TABLES } from '../programs/owned-tables.js';
import type { Contender, Person } from '../run/contender.js';

/** Everything that earlier measurements have left in the owned tables goes. */
export async function emptyOwnedTables({ sql }: Contender): Promise<void> {
  await sql.query(`TRUNCATE ${OWNED_TABLES.join(', ')}`);
}

/** New guests, each with `rows` rows, half of them in each table. */
export async function guestsWithRows(
  contender: Contender,
  guests: number,
  rows: number,
): Promise<Person[]> {
  const owners: Person[] = [];
  while (owners.length < guests) owners.push(await contender.guest());
  const { sql, dialect } = contender;
  for (const table of OWNED_TABLES) {
    await sql.query(
      `INSERT INTO ${table} (user_id, text)
       SELECT owner, 'row ' || n FROM unnest($1::${dialect.idType}[]) owner, generate_series(1, $2::int) n`,
      [owners.map(({ id }) => id), rows / OWNED_TABLES.length],
    );
  }
  // As autovacuum would have it by and by; a checkpoint must not fall into one contender's measurement.
  await sql.query(`${rows < 1000 ? 'ANALYZE' : 'VACUUM ANALYZE'} ${OWNED_TABLES.join(', ')}`);
  if (rows >= 1000) await sql.query('CHECKPOINT');
  return owners;
}

/** @throws Error unless exactly so many rows belong to these people. */
export async function expectRows(
  { name, sql, dialect }: Contender,
  owners: readonly string[],
  expected: number,
): Promise<void> {
  const counts = OWNED_TABLES.map(
    (table) => `(SELECT count(*) FROM ${table} WHERE user_id = ANY ($1::${dialect.idType}[]))`,
  );
  const { rows } = await sql.query<{ n: string }>(`SELECT ${counts.join(' + ')} AS n`, [owners]);
  const found = Number(rows[0]!.n);
  if (found !== expected) throw new Error(`${name}: ${found} rows have arrived, not ${expected}`);
}
