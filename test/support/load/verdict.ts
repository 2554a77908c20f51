import { eventually } from '../barrier.js';
import { violationsIn } from '../checker.js';
import { checkTables } from '../checker/checked-databases.js';
import { PAWS_TABLES, type PawsPair } from '../instances/paws-pair.js';
import type { Journal, WrittenTable } from './journal.js';
import { QUANTITY } from './visitor.js';

/** Who owns each row that a load may have written. */
const OWNERS: Readonly<Record<WrittenTable, string>> = {
  pet: 'SELECT name AS key, user_id AS owner FROM pet WHERE name = ANY ($1)',
  photo: 'SELECT url AS key, user_id AS owner FROM photo WHERE url = ANY ($1)',
  basket_item: `SELECT sku AS key, user_id AS owner FROM basket_item JOIN basket ON basket.id = basket_id
    WHERE sku = ANY ($1)`,
};

/** Waits until everything is finished that the load has set going. Nobody helps: instances do it by themselves. */
export async function settled(pair: PawsPair, withinMs: number): Promise<void> {
  let open: object[] = [];
  const isSettled = async () => {
    open = await pair.sql(
      `SELECT id, status, attempts, error FROM account_links WHERE status = 'pending' OR (status = 'merged' AND NOT announced)`,
    );
    return open.length === 0;
  };
  try {
    await eventually('every link is settled', isSettled, withinMs);
  } catch (cause) {
    throw new Error(`links stay open: ${JSON.stringify(open.slice(0, 3))}`, { cause });
  }
  for (const instance of pair.instances) await instance.order('sweep');
}

/** Everything that is not as the clients were told; nothing when all promises were kept. */
export async function brokenPromises(pair: PawsPair, journal: Journal): Promise<string[]> {
  checkTables(pair.databaseUrl, PAWS_TABLES);
  const [wrong, strangers, doubled, links, accounts] = [
    await violationsIn(pair.databaseUrl, { acknowledged: journal.rows() }),
    await ownedByStrangers(pair, journal),
    await pair.sql('SELECT sku FROM basket_item WHERE quantity <> $1', [QUANTITY]),
    await unmerged(pair, journal),
    await noAccounts(pair, journal),
  ];
  const told = (found: readonly unknown[], what: string) =>
    found.length === 0 ? [] : [`${found.length} ${what}: ${JSON.stringify(found.slice(0, 3))}`];
  return [
    ...wrong,
    ...journal.faulty,
    ...told(strangers, 'rows are orphaned, or belong to somebody else'),
    ...told(doubled, 'things in baskets are there more than once'),
    ...told(links, 'links that a sign-in has told of are not merged'),
    ...told(accounts, 'people who have arrived have no account'),
  ];
}

async function ownedByStrangers(pair: PawsPair, journal: Journal): Promise<string[]> {
  const wrong: string[] = [];
  for (const table of Object.keys(OWNERS) as WrittenTable[]) {
    const owners = journal.owners(table);
    const rows = await pair.sql<{ key: string; owner: string }>(OWNERS[table], [
      [...owners.keys()],
    ]);
    for (const { key, owner } of rows) {
      // Whoever got no answer does not know which guest the request was issued.
      if (journal.isAcknowledged(key) && !owners.get(key)!.has(owner))
        wrong.push(`${table} ${key}`);
    }
  }
  return wrong;
}

function unmerged(pair: PawsPair, { arrivals }: Journal): Promise<object[]> {
  const ids = arrivals.flatMap(({ linkId }) => linkId ?? []);
  return pair.sql(
    `SELECT t.id, l.status FROM unnest($1::uuid[]) t (id) LEFT JOIN account_links l USING (id)
     WHERE l.status IS DISTINCT FROM 'merged'`,
    [ids],
  );
}

function noAccounts(pair: PawsPair, { arrivals }: Journal): Promise<object[]> {
  return pair.sql(
    `SELECT t.email FROM unnest($1::text[], $2::uuid[]) t (email, id)
     WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.id = t.id AND u.email = t.email AND NOT u.is_anonymous)`,
    [arrivals.map(({ email }) => email), arrivals.map(({ userId }) => userId)],
  );
}
