import { owned } from '../../src/index.js';
import { expectCleanDatabase, violationsIn } from '../support/checker.js';
import { guestWithNotes } from '../support/links.js';
import { newAccount } from '../support/people.js';
import { RawConnection } from '../support/raw-connection.js';
import { closeApps, startApp } from '../support/running-apps.js';
import type { TestApp } from '../support/test-app.js';

/** A guest, an account and nobody are `$1`, `$2` and `$3` of each statement. */
const NOBODY = '00000000-0000-7000-8000-000000000000';

const link = (status: string, guest = '$1', account = '$2', receipt = 'NULL') =>
  `INSERT INTO account_links (id, guest_id, account_id, status, policy, receipt)
   VALUES (gen_random_uuid(), ${guest}, ${account}, '${status}', 'merge', ${receipt})`;
const merged = (guest = '$1') => link('merged', guest, '$2', `'{}'`);
const identityOf = (user: string, subject: string) =>
  `INSERT INTO identities (id, user_id, provider, issuer, subject)
   VALUES (gen_random_uuid(), ${user}, 'sso', 'https://sso.example', '${subject}')`;

/** What is done to a whole database, and what the checker has to say about it. */
const BREAKS: readonly [rule: string, ...statements: string[]][] = [
  ['note (user_id) names nobody', 'UPDATE note SET user_id = $3'],
  [
    '"public"."diary" ("actor_id") names a guest that was merged',
    merged('$3'),
    'INSERT INTO diary VALUES ($3)',
  ],
  ['note (user_id) names a guest that was merged', merged()],
  ['a guest that was merged lives on', merged()],
  ['a guest was merged twice', merged('$3'), merged('$3')],
  ['a guest has two open links', link('pending'), link('awaiting-consent')],
  ['a merged link has no receipt, or one that is not merged has', link('merged', '$3')],
  ['an open link has lost its guest', link('pending', '$3')],
  ['an open link has lost its guest', link('failed', '$2')],
  ['a link leads to somebody who is no account', link('kept', '$3', '$1')],
  ['a session is older than the epoch of its user', 'UPDATE users SET epoch = epoch + 1'],
  ['a guest has a session row', 'UPDATE sessions SET user_id = $1'],
  ['a session has no user', 'UPDATE sessions SET user_id = $3'],
  [
    'two users have one address',
    `UPDATE users SET email = 'ada@example.com' WHERE id = $1`,
    `UPDATE users SET email = 'Ada@example.com' WHERE id = $2`,
  ],
  ['two identities have one subject', identityOf('$2', 'ada'), identityOf('$2', 'ada')],
  ['a guest has an identity', identityOf('$1', 'ada')],
  ['an account has no identity', 'DELETE FROM identities'],
];

let host: TestApp;
let raw: RawConnection;

beforeAll(async () => {
  host = await startApp({
    schema: 'CREATE TABLE diary (actor_id uuid)',
    tables: [owned('diary', { column: 'actor_id' })],
  });
  raw = await RawConnection.open(host.databaseUrl);
  // Nothing that Postgres itself would refuse stays hidden behind it.
  await raw.query(`SET session_replication_role = replica;
    DROP INDEX account_links_guest_key, users_email_key;
    ALTER TABLE account_links DROP CONSTRAINT account_links_pair_key;
    ALTER TABLE identities DROP CONSTRAINT identities_subject_key`);
});
afterEach(() =>
  raw.query('TRUNCATE users, identities, sessions, account_links, note, wallet, diary'),
);
afterAll(async () => {
  await raw.close();
  await closeApps();
});

/** Runs a statement with those of the three people that it names. */
async function run(statement: string, ids: readonly string[]): Promise<void> {
  const used = [...new Set(statement.match(/\$\d/g))].toSorted();
  const sql = statement.replaceAll(/\$\d/g, (name) => `$${used.indexOf(name) + 1}`);
  await raw.query(
    sql,
    used.map((name) => ids[Number(name[1]) - 1]),
  );
}

describe('the checker', () => {
  it.each(BREAKS)('says that %s', async (rule, ...statements) => {
    const [guest, account] = [await guestWithNotes(host, 'mine'), await newAccount(host)];
    await expectCleanDatabase(host.databaseUrl);
    for (const statement of statements)
      await run(statement, [guest.userId, account.userId, NOBODY]);
    expect(await violationsIn(host.databaseUrl)).toEqual(
      expect.arrayContaining([expect.stringContaining(`${rule}: `)]),
    );
  });

  it('says which rows are lost, doubled, or there although they were refused', async () => {
    await guestWithNotes(host, 'kept', 'doubled', 'doubled', 'refused');
    const rows = { table: 'note', column: 'text', keys: ['kept', 'lost', 'doubled'] };
    const acknowledged = [{ ...rows, refused: ['refused'], unanswered: ['neither', 'kept'] }];
    expect(await violationsIn(host.databaseUrl, { acknowledged })).toEqual([
      '1 rows of note are lost: lost',
      '1 rows of note are there more than once: doubled',
      '1 rows of note were refused and are there: refused',
    ]);
  });

  it('says that a transaction, or a lock, was left open', async () => {
    await raw.query('BEGIN; SELECT 1 FROM users');
    await expect(violationsIn(host.databaseUrl, { patienceMs: 50 })).rejects.toThrow(
      'every transaction has ended',
    );
    await raw.query('COMMIT');
    expect(await violationsIn(host.databaseUrl)).toEqual([]);
  });
});
