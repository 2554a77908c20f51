import { ignored } from '../../src/index.js';
import { rowCounts } from '../support/expectations.js';
import { userExists } from '../support/links.js';
import { createTestApp, type TestApp } from '../support/test-app.js';
import { kept, reap, staleGuest } from './stale.js';

let host: TestApp;
afterEach(() => host.close());

/** Refers to guests by something else than their id, which no map of owners knows. */
const NICKNAMES = (deferred: string) => `ALTER TABLE users ADD COLUMN nickname text UNIQUE;
  CREATE TABLE greeting (id serial PRIMARY KEY, nickname text REFERENCES users (nickname) ${deferred})`;

const GUARD = (answer: string) => `ALTER TABLE users ADD COLUMN nickname text UNIQUE;
  CREATE FUNCTION guard() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN IF OLD.nickname = 'ada' THEN ${answer}; END IF; RETURN OLD; END $$;
  CREATE TRIGGER guard BEFORE DELETE ON users FOR EACH ROW EXECUTE FUNCTION guard()`;

describe('a batch with a guest that the database does not let go', () => {
  it.each([
    ['a reference that the map does not know', NICKNAMES(''), 'has-dependents'],
    [
      'one that is checked at the commit',
      NICKNAMES('DEFERRABLE INITIALLY DEFERRED'),
      'has-dependents',
    ],
    ['a trigger that raises', GUARD(`RAISE 'ada stays'`), 'failed'],
    ['a trigger that skips the row', GUARD('RETURN NULL'), 'failed'],
  ] as const)('loses the others, and keeps that one by %s', async (_case, schema, reason) => {
    const tables = schema.includes('greeting') ? [ignored('greeting', 'names nobody by id')] : [];
    host = await createTestApp({ schema, tables });
    const guests = [await staleGuest(host), await staleGuest(host), await staleGuest(host)];
    const [, ada] = guests;
    await host.sql(`UPDATE users SET nickname = 'ada' WHERE id = $1`, [ada!.userId]);
    if (schema.includes('greeting'))
      await host.sql(`INSERT INTO greeting (nickname) VALUES ('ada')`);
    expect(await reap(host)).toMatchObject({ stale: 3, reaped: 2, kept: kept({ [reason]: 1 }) });
    expect(await userExists(host, ada!.userId)).toBe(true);
  });
});

describe('a table that a newer deploy has brought', () => {
  it.each([false, true])(
    'stops the run before anything goes with its guest (dry run: %s)',
    async (dryRun) => {
      host = await createTestApp();
      const { userId } = await staleGuest(host);
      await host.sql(`CREATE TABLE sketch (user_id uuid REFERENCES users (id) ON DELETE CASCADE)`);
      await host.sql('INSERT INTO sketch VALUES ($1)', [userId]);
      const before = await rowCounts(host);
      for (const contributors of ['keep', 'delete'] as const) {
        await expect(reap(host, { dryRun, contributors })).rejects.toThrow(
          /foreign keys to users have changed since this instance started/,
        );
      }
      expect(await rowCounts(host)).toEqual(before);
    },
  );
});
