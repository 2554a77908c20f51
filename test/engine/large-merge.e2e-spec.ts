import { Column, Entity, PrimaryColumn } from 'typeorm';
import { combine, type MergeContext, owned } from '../../src/index.js';
import { expectCleanDatabase } from '../support/checker.js';
import {
  guestWithNotes,
  handlerOf,
  ledgerOf,
  linkInState,
  NO_RETRY,
  notesOf,
  signIn,
} from '../support/links.js';
import { insert, link, meet } from '../support/merging.js';
import { newAccount, newGuest } from '../support/people.js';
import { closeApps, startApp } from '../support/running-apps.js';

const BUDGET_MS = 300;
const HANDLERS = 20;
const ROWS_IN_EACH = 5_000;
const ROWS_IN_ONE = 100_000;

afterEach(closeApps);

interface Thing {
  id: number;
  userId: string;
}

function entityOf(table: string): new () => Thing {
  @Entity(table)
  class OwnThing implements Thing {
    @PrimaryColumn({ type: 'integer' })
    id!: number;

    @Column({ name: 'user_id', type: 'uuid' })
    userId!: string;
  }
  return OwnThing;
}

async function moveAll(
  entity: new () => Thing,
  { guest, account, manager }: MergeContext,
): Promise<void> {
  await manager.update(entity, { userId: guest.id }, { userId: account.id });
}

describe('a merge', () => {
  it('takes as many statements for a thousand collisions as for one', async () => {
    const host = await startApp({
      options: { linking: NO_RETRY },
      schema: `CREATE TABLE pet (id serial PRIMARY KEY, user_id uuid NOT NULL REFERENCES users (id), name text, n integer,
          UNIQUE (user_id, name));
        CREATE TABLE photo (id serial PRIMARY KEY, pet_id integer NOT NULL REFERENCES pet (id), place integer, UNIQUE (pet_id, place))`,
      tables: [
        owned('pet', { onCollision: combine({ n: 'sum' }) }),
        owned('photo', { onCollision: 'keepGuest' }),
      ],
    });
    const counts: number[] = [];
    for (const rows of [1, 1_000]) {
      const people = await meet(host);
      for (const { userId } of [people.guest, people.account]) {
        await host.sql(
          `WITH mine AS (INSERT INTO pet (user_id, name, n) SELECT $1::uuid, 'pet ' || n, n FROM generate_series(1, $2::int) n RETURNING id)
           INSERT INTO photo (pet_id, place) SELECT id, 1 FROM mine`,
          [userId, rows],
        );
      }
      await insert(host, 'pet', people, [[-rows, 'guest', 'only mine', 0]]);
      host.statements.length = 0;
      const { receipt } = await link(people);
      counts.push(host.statements.length);
      expect(receipt!.tables).toEqual({
        pet: { moved: 1, folded: rows, dropped: 0 },
        photo: { moved: rows, folded: 0, dropped: rows },
      });
    }
    expect(counts[1]).toBe(counts[0]);
  }, 60_000);

  it('of more rows than the budget allows goes on behind the answer, and holds up nobody else', async () => {
    const names = Array.from({ length: HANDLERS }, (_, n) => `thing_${n}`);
    const entities = names.map(entityOf);
    const host = await startApp({
      options: { linking: { budget: `${BUDGET_MS}ms`, retry: { every: '1h' } } },
      entities,
      providers: entities.map((entity) => handlerOf(entity, (context) => moveAll(entity, context))),
      schema: [...names, 'heap']
        .map(
          (
            name,
          ) => `CREATE TABLE ${name} (id serial PRIMARY KEY, user_id uuid NOT NULL REFERENCES users (id));
            CREATE INDEX ON ${name} (user_id);`,
        )
        .join('\n'),
    });
    const [account, guest] = [await newAccount(host), await newGuest(host)];
    const [other, othersAccount] = [await guestWithNotes(host, 'mine'), await newAccount(host)];
    const fill = (name: string, rows: number) =>
      host.sql(`INSERT INTO ${name} (user_id) SELECT $1 FROM generate_series(1, $2::int)`, [
        guest.userId,
        rows,
      ]);
    for (const name of names) await fill(name, ROWS_IN_EACH);
    await fill('heap', ROWS_IN_ONE);

    const answer = await signIn(guest, account);
    expect(answer).toMatchObject({ status: 200, body: { link: { status: 'pending' } } });

    expect(await signIn(other, othersAccount)).toMatchObject({ status: 200 });
    await linkInState(host, other.userId, 'merged');
    expect(await ledgerOf(host, guest.userId)).toMatchObject([{ status: 'pending' }]);
    expect(await notesOf(host, othersAccount.userId)).toEqual(['mine']);
    const { receipt, attempts } = await linkInState(host, guest.userId, 'merged', 60_000);
    expect(attempts).toBe(1);
    const moved = (rows: number) => ({ moved: rows, folded: 0, dropped: 0 });
    expect(receipt!.tables).toEqual({
      ...Object.fromEntries(names.map((name) => [name, moved(ROWS_IN_EACH)])),
      heap: moved(ROWS_IN_ONE),
    });
    await expectCleanDatabase(host.databaseUrl);
  }, 120_000);
});
