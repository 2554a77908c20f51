import { Client } from 'pg';
import { eventually } from './barrier.js';

/**
 * What must hold in every database after every test, whatever raced with what. Each statement finds what is wrong;
 * `reference` ones run for every foreign key to the users.
 */
const RULES: Readonly<Record<string, string>> = {
  // A tombstone's credentials are dead: a merge that keeps the row raises its epoch.
  'a guest that was merged lives on': `SELECT u.id FROM users u JOIN account_links l ON l.guest_id = u.id
    WHERE l.status = 'merged' AND u.epoch = 0`,
  'a guest was merged twice': `SELECT guest_id FROM account_links WHERE status = 'merged' GROUP BY 1 HAVING count(*) > 1`,
  'a guest has two open links': `SELECT guest_id FROM account_links
    WHERE status IN ('pending', 'awaiting-consent', 'merged', 'failed') GROUP BY 1 HAVING count(*) > 1`,
  'a merged link has no receipt, or one that is not merged has': `SELECT id FROM account_links
    WHERE (status = 'merged') <> (receipt IS NOT NULL)`,
  'an open link has lost its guest': `SELECT l.id FROM account_links l LEFT JOIN users u ON u.id = l.guest_id
    WHERE l.status IN ('pending', 'awaiting-consent', 'failed') AND u.is_anonymous IS NOT TRUE`,
  'a link leads to somebody who is no account': `SELECT l.id FROM account_links l JOIN users u ON u.id = l.account_id
    WHERE u.is_anonymous`,
  'a session is older than the epoch of its user': `SELECT s.id FROM sessions s JOIN users u ON u.id = s.user_id
    WHERE s.epoch <> u.epoch`,
  'a guest has a session row': `SELECT s.id FROM sessions s JOIN users u ON u.id = s.user_id WHERE u.is_anonymous`,
  'a session has no user': `SELECT s.id FROM sessions s LEFT JOIN users u ON u.id = s.user_id WHERE u.id IS NULL`,
  'two users have one address': `SELECT lower(email) FROM users WHERE email IS NOT NULL GROUP BY 1 HAVING count(*) > 1`,
  'two identities have one subject': `SELECT issuer, subject FROM identities
    GROUP BY issuer, subject, provider HAVING count(*) > 1`,
  'a guest has an identity': `SELECT u.id FROM users u
    WHERE u.is_anonymous AND EXISTS (SELECT 1 FROM identities i WHERE i.user_id = u.id)`,
};

/** Does not hold where the host has a login of its own: its accounts have no identity that we know. */
const OWN_ACCOUNTS_RULES: typeof RULES = {
  'an account has no identity': `SELECT u.id FROM users u
    WHERE NOT u.is_anonymous AND NOT EXISTS (SELECT 1 FROM identities i WHERE i.user_id = u.id)`,
};

const REFERENCES = `
  SELECT con.conrelid::regclass::text AS "table", quote_ident(a.attname) AS "column"
  FROM pg_constraint con JOIN pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = con.conkey[1]
  WHERE con.contype = 'f' AND con.confrelid = 'users'::regclass`;

const OPEN_TRANSACTIONS = `
  SELECT state || ': ' || query AS "transaction" FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
    AND backend_type = 'client backend'`;

/** The global checker: fails with a list of everything that is wrong. Works beside running apps and after them. */
export async function expectCleanDatabase(
  databaseUrl: string,
  { hostHasLogin = false } = {},
): Promise<void> {
  const client = new Client(databaseUrl);
  await client.connect();
  try {
    await noOpenTransaction(client);
    const wrong: string[] = [];
    const rules = hostHasLogin ? RULES : { ...RULES, ...OWN_ACCOUNTS_RULES };
    for (const [rule, sql] of Object.entries(rules)) {
      const { rows } = await client.query(sql);
      if (rows.length > 0) wrong.push(`${rule}: ${JSON.stringify(rows)}`);
    }
    expect([...wrong, ...(await ownerless(client))]).toEqual([]);
  } finally {
    await client.end();
  }
}

async function noOpenTransaction(client: Client): Promise<void> {
  await eventually('every transaction has ended', async () => {
    const { rows } = await client.query(OPEN_TRANSACTIONS);
    return rows.length === 0;
  });
}

/** A foreign key can be switched off or not be valid, so it is no proof. */
async function ownerless(client: Client): Promise<string[]> {
  const wrong: string[] = [];
  const { rows: references } = await client.query<{ table: string; column: string }>(REFERENCES);
  for (const { table, column } of references) {
    const { rowCount } = await client.query(
      `SELECT 1 FROM ${table} o LEFT JOIN users u ON u.id = o.${column} WHERE o.${column} IS NOT NULL AND u.id IS NULL`,
    );
    if (rowCount) wrong.push(`${rowCount} rows of ${table} have no owner in ${column}`);
  }
  return wrong;
}
