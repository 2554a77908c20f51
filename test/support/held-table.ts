import { RawConnection } from './raw-connection.js';

/** Starts all of `work`, stops each where it writes to the table, and lets them go on together once all wait there. */
export async function meetingAt<Answer>(
  table: 'users' | 'identities',
  databaseUrl: string,
  work: () => Promise<Answer>[],
): Promise<Answer[]> {
  const lock = await RawConnection.open(databaseUrl);
  try {
    await lock.query('BEGIN');
    await lock.query(`LOCK TABLE ${table} IN SHARE MODE`);
    const answers = work();
    await lock.blocks(answers.length);
    await lock.query('COMMIT');
    return await Promise.all(answers);
  } finally {
    await lock.close();
  }
}
