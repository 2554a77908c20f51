import { LateRowsService, owned } from '../../src/index.js';
import { createAccount, createGuest, expectNoOrphans, signInAs } from '../../src/testing/index.js';
import { leaveBroken } from '../support/checker/checked-databases.js';
import { NO_RETRY } from '../support/links.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

const SCHEMA = `
  CREATE TABLE audit (id integer PRIMARY KEY, actor text, what text);
  CREATE TABLE note_line (note_id uuid NOT NULL REFERENCES note (id), line integer, PRIMARY KEY (note_id, line))`;
const NOBODY = '00000000-0000-4000-8000-000000000000';
const BROKEN = 'what the kit finds, the checker finds too';

describe('expectNoOrphans', () => {
  let host: TestApp;
  beforeEach(async () => {
    const tables = [owned('audit', { column: 'actor' })];
    host = await createTestApp({ schema: SCHEMA, tables, options: { linking: NO_RETRY } });
  });
  afterEach(() => host.close());

  const problems = async (most?: number): Promise<string> => {
    const error = await expectNoOrphans(host.app, { most }).catch((thrown: unknown) => thrown);
    return error instanceof Error ? error.message : '';
  };

  /** As rows come to be that no key would let in: by hand, by a restore, by a key that was added without validation. */
  const withoutKeys = async (sql: string, parameters: unknown[] = []) => {
    await host.dataSource.transaction(async (manager) => {
      await manager.query(`SET LOCAL session_replication_role = 'replica'`);
      await manager.query(sql, parameters);
    });
  };

  it('passes while every row has its user', async () => {
    const { userId } = await createGuest(host.app);
    await createAccount(host.app);
    await host.sql(`INSERT INTO audit VALUES (1, $1), (2, NULL)`, [userId]);
    expect(await problems()).toBe('');
  });

  it('finds a column without a foreign key that names nobody', async () => {
    await host.sql(`INSERT INTO audit VALUES (7, $1), (8, 'system')`, [NOBODY]);
    expect(await problems()).toBe(
      `nestjs-anonymous/testing: rows have lost their user:
- audit, column actor: 2 rows that name users that do not exist
  ["7"] names ["${NOBODY}"]
  ["8"] names ["system"]`,
    );
  });

  it('finds a row that came for a guest after its merge, until it is swept', async () => {
    const [account, guest] = [await createAccount(host.app), await createGuest(host.app)];
    await signInAs(host.app, account, { guest });
    await host.sql('INSERT INTO audit VALUES (7, $1)', [guest.userId]);
    expect(await problems()).toContain(
      `audit, column actor: 1 row that name guests that have been merged\n  ["7"] names ["${guest.userId}"]`,
    );
    await host.app.get(LateRowsService).run();
    expect(await problems()).toBe('');
  });

  it('finds rows that a foreign key should have kept, and rows of those', async () => {
    const id = '00000000-0000-4000-8000-00000000000a';
    await withoutKeys('INSERT INTO note (id, user_id, text) VALUES ($1, $2, $3)', [id, NOBODY, '']);
    await withoutKeys('INSERT INTO note_line VALUES ($1, 1), ($2, 1)', [id, NOBODY]);
    const message = await problems();
    expect(message).toContain(`- note, column user_id: 1 row that name users that do not exist`);
    expect(message).toContain(
      `- note_line, column note_id: 1 row that refer to rows of note that do not exist\n  ["${NOBODY}","1"] names`,
    );
    leaveBroken(host.databaseUrl, 'note (user_id) names nobody', BROKEN);
  });

  it('finds a session of somebody who is no account', async () => {
    const [account, guest] = [await createAccount(host.app), await createGuest(host.app)];
    await host.sql('UPDATE sessions SET user_id = $2 WHERE user_id = $1', [
      account.userId,
      guest.userId,
    ]);
    expect(await problems()).toContain(
      '- sessions, column user_id: 1 row that are sessions of users that are no accounts',
    );
    leaveBroken(host.databaseUrl, 'a guest has a session row', BROKEN);
  });

  it('names some of many', async () => {
    await host.sql(`INSERT INTO audit SELECT n, 'gone' FROM generate_series(1, 9) n`);
    expect(await problems(2)).toContain(
      `9 rows that name users that do not exist\n  ["1"] names ["gone"]\n  ["2"] names ["gone"]\n  … and 7 more`,
    );
  });
});
