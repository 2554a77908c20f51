import pg from 'pg';

export default async function globalTeardown() {
  if (globalThis.embeddedPostgres) await globalThis.embeddedPostgres.stop();
  else await dropTemplates();
}

/** On a server of the user's nothing is left behind. */
async function dropTemplates() {
  const client = new pg.Client(process.env.TEST_DATABASE_URL);
  await client.connect();
  try {
    const { rows } = await client.query(
      'SELECT datname FROM pg_database WHERE starts_with(datname, $1)',
      [`t_${process.env.TEST_RUN_ID}_`],
    );
    for (const { datname } of rows) {
      await client.query(`ALTER DATABASE "${datname}" IS_TEMPLATE false`);
      await client.query(`DROP DATABASE "${datname}" WITH (FORCE)`);
    }
  } finally {
    await client.end();
  }
}
