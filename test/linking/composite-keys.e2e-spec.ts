import { Entity, PrimaryColumn } from 'typeorm';
import type { MergeContext, MergeReport } from '../../src/index.js';
import { expectCleanDatabase } from '../support/checker.js';
import { handlerOf, ledgerOf, NO_RETRY, reconcile, signIn } from '../support/links.js';
import { newAccount, newGuest } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

/** The owner is part of the key, so a guest and an account can have the same favourite. */
@Entity('favourite')
class Favourite {
  @PrimaryColumn({ name: 'user_id', type: 'uuid' })
  userId!: string;

  @PrimaryColumn({ type: 'integer' })
  list!: number;

  @PrimaryColumn({ type: 'integer' })
  venue!: number;
}

const SCHEMA = `CREATE TABLE favourite (user_id uuid REFERENCES users (id) ON DELETE CASCADE, list integer, venue integer,
  PRIMARY KEY (user_id, list, venue))`;

const collide = `AND (list, venue) IN (SELECT list, venue FROM favourite WHERE user_id = $2)`;

async function dropCollisions({ guest, account, manager }: MergeContext): Promise<MergeReport> {
  const ids = [guest.id, account.id];
  const [rows] = await manager.query<[{ list: number; venue: number }[], number]>(
    `DELETE FROM favourite WHERE user_id = $1 ${collide} RETURNING list, venue`,
    ids,
  );
  await manager.query('UPDATE favourite SET user_id = $2 WHERE user_id = $1', ids);
  return { dropped: rows.map(({ list, venue }) => [list, venue]) };
}

describe('a handler for a table whose key contains the owner', () => {
  let host: TestApp;
  let merge: (context: MergeContext) => Promise<MergeReport | void>;
  beforeAll(async () => {
    host = await createTestApp({
      options: { linking: NO_RETRY },
      entities: [Favourite],
      schema: SCHEMA,
      providers: [handlerOf(Favourite, (context) => merge(context))],
    });
  });
  afterAll(() => host.close());

  /** The guest has (1, 1) and (1, 2), the account (1, 2) and (2, 2). */
  async function meeting() {
    const [account, guest] = [await newAccount(host), await newGuest(host)];
    await host.sql('INSERT INTO favourite VALUES ($1, 1, 1), ($1, 1, 2), ($2, 1, 2), ($2, 2, 2)', [
      guest.userId,
      account.userId,
    ]);
    return { account, guest };
  }

  const favouritesOf = async (userId: string) =>
    (
      await host.sql<{ key: string }>(
        `SELECT list || ',' || venue AS key FROM favourite WHERE user_id = $1 ORDER BY 1`,
        [userId],
      )
    ).map(({ key }) => key);

  it('reports the rows that gave way by the rest of the key', async () => {
    const { account, guest } = await meeting();
    merge = dropCollisions;
    const { body } = await signIn(guest, account);
    expect(body.link).toMatchObject({
      status: 'merged',
      receipt: { tables: { favourite: { moved: 1, folded: 0, dropped: 1 } } },
    });
    expect(await favouritesOf(account.userId)).toEqual(['1,1', '1,2', '2,2']);
  });

  it.each<[string, (context: MergeContext) => Promise<MergeReport | void>]>([
    ['does nothing', async () => {}],
    [
      'collides and fails',
      async ({ guest, account, manager }) => {
        await manager.query('UPDATE favourite SET user_id = $2 WHERE user_id = $1', [
          guest.id,
          account.id,
        ]);
      },
    ],
    [
      'collides, fails and says nothing',
      async ({ guest, account, manager }) => {
        await manager
          .query('UPDATE favourite SET user_id = $2 WHERE user_id = $1', [guest.id, account.id])
          .catch(() => undefined);
      },
    ],
    [
      'drops a row without saying so, which the account has too',
      async (context) => {
        await dropCollisions(context);
      },
    ],
    [
      'counts a row twice',
      async (context) => {
        const { dropped } = await dropCollisions(context);
        return { dropped, folded: dropped };
      },
    ],
    [
      'reports a row that it has moved',
      async (context) => {
        const { dropped } = await dropCollisions(context);
        return { dropped: [...dropped!, [1, 1]] };
      },
    ],
  ])('is not merged when it %s', async (_kind, misbehave) => {
    const { account, guest } = await meeting();
    merge = misbehave;
    expect(await signIn(guest, account)).toMatchObject({
      status: 200,
      body: { link: { status: 'pending', receipt: null } },
    });
    expect(await favouritesOf(guest.userId)).toEqual(['1,1', '1,2']);
    expect(await favouritesOf(account.userId)).toEqual(['1,2', '2,2']);
    merge = dropCollisions;
    await reconcile(host);
    expect(await ledgerOf(host, guest.userId)).toMatchObject([{ status: 'merged' }]);
    expect(await favouritesOf(account.userId)).toEqual(['1,1', '1,2', '2,2']);
  });

  it('leaves a clean database behind', () => expectCleanDatabase(host.databaseUrl));
});
