import { Column, Entity, PrimaryColumn } from 'typeorm';
import { combine, owned } from '../../src/index.js';
import { expectCleanDatabase } from '../support/checker.js';
import { handlerOf, ledgerOf, NO_RETRY, reconcile, signIn } from '../support/links.js';
import { insert, link, meet, rowsIn } from '../support/merging.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

/** Nobody follows themselves, which the database says too: only code can tell what becomes of such a row. */
@Entity('follow')
class Follow {
  @PrimaryColumn({ type: 'integer' })
  id!: number;

  @Column({ name: 'follower_id', type: 'uuid' })
  followerId!: string;

  @Column({ name: 'followee_id', type: 'uuid' })
  followeeId!: string;
}

const SCHEMA = `
  CREATE TABLE page (id integer PRIMARY KEY, user_id uuid NOT NULL REFERENCES users (id), slug text, UNIQUE (user_id, slug));
  CREATE TABLE handle (id integer PRIMARY KEY, user_id uuid NOT NULL REFERENCES users (id), handle text UNIQUE);
  CREATE TABLE profile (user_id uuid PRIMARY KEY REFERENCES users (id), city text, bio text);
  CREATE TABLE pet (id integer PRIMARY KEY, user_id uuid NOT NULL REFERENCES users (id), name text);
  CREATE FUNCTION at_most_two() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF (SELECT count(*) FROM pet WHERE user_id = NEW.user_id) > 2 THEN RAISE 'at most two pets'; END IF; RETURN NULL; END $$;
  CREATE TRIGGER quota AFTER INSERT OR UPDATE ON pet FOR EACH ROW EXECUTE FUNCTION at_most_two();
  CREATE TABLE follow (id integer PRIMARY KEY, follower_id uuid REFERENCES users (id), followee_id uuid REFERENCES users (id),
    UNIQUE (follower_id, followee_id), CHECK (follower_id <> followee_id));`;

const follows = handlerOf(Follow, async ({ guest, account, manager }) => {
  const ids = [guest.id, account.id];
  const [rows] = await manager.query<[{ id: number }[], number]>(
    `DELETE FROM follow WHERE $1 IN (follower_id, followee_id) AND $2 IN (follower_id, followee_id) RETURNING id`,
    ids,
  );
  await manager.query('UPDATE follow SET follower_id = $2 WHERE follower_id = $1', ids);
  await manager.query('UPDATE follow SET followee_id = $2 WHERE followee_id = $1', ids);
  return { dropped: rows.map(({ id }) => id) };
});

let host: TestApp;
beforeAll(async () => {
  host = await createTestApp({
    options: { linking: NO_RETRY },
    schema: SCHEMA,
    entities: [Follow],
    providers: [follows],
    tables: [
      owned('page', { onCollision: 'keepAccount' }),
      owned('profile', { onCollision: combine({ city: 'fill', bio: 'fill' }) }),
    ],
  });
});
afterAll(() => host.close());

describe('a guest and an account that both have', () => {
  it('a page of one name end with one of it', async () => {
    const people = await meet(host);
    await insert(host, 'page', people, [
      [1, 'guest', 'home'],
      [2, 'account', 'home'],
      [3, 'guest', 'dogs'],
    ]);
    expect((await link(people)).status).toBe('merged');
    expect(await rowsIn(host, 'page', people)).toEqual([
      [2, 'account', 'home'],
      [3, 'account', 'dogs'],
    ]);
  });

  it('names that nobody else can have end with all of them', async () => {
    const people = await meet(host);
    await insert(host, 'handle', people, [
      [1, 'guest', 'bentley'],
      [2, 'account', 'coco'],
    ]);
    expect((await link(people)).receipt?.tables).toEqual({
      handle: { moved: 1, folded: 0, dropped: 0 },
    });
    expect(await rowsIn(host, 'handle', people)).toEqual([
      [1, 'account', 'bentley'],
      [2, 'account', 'coco'],
    ]);
  });

  it('the one profile that there may be end with one', async () => {
    const people = await meet(host);
    await insert(host, 'profile', people, [
      ['guest', 'Rome', 'woof'],
      ['account', null, 'hers'],
    ]);
    expect((await link(people)).receipt?.tables).toEqual({
      profile: { moved: 0, folded: 1, dropped: 0 },
    });
    expect(await rowsIn(host, 'profile', people)).toEqual([['account', 'Rome', 'hers']]);
  });

  it('more than a quota of the host allows sign in, and are merged once there is room', async () => {
    const people = await meet(host);
    const pets = [
      [1, 'guest', 'Bentley'],
      [2, 'account', 'Coco'],
      [3, 'account', 'Daisy'],
    ];
    await insert(host, 'pet', people, pets);
    const { guest, account } = people;
    expect(await signIn(guest, account)).toMatchObject({
      status: 200,
      body: { link: { status: 'pending', receipt: null } },
    });
    expect(await rowsIn(host, 'pet', people)).toEqual(pets);
    expect((await ledgerOf(host, guest.userId))[0]!.error).toMatch(/at most two pets/);
    await host.sql('DELETE FROM pet WHERE id = 3');
    await reconcile(host);
    expect(await rowsIn(host, 'pet', people)).toEqual([
      [1, 'account', 'Bentley'],
      [2, 'account', 'Coco'],
    ]);
  });
});

describe('a guest that follows the account', () => {
  it('leaves nobody that follows themselves, where a handler says so', async () => {
    const people = await meet(host);
    await insert(host, 'follow', people, [
      [1, 'guest', 'account'],
      [2, 'account', 'guest'],
      [3, 'stranger', 'guest'],
    ]);
    expect((await link(people)).receipt?.tables).toEqual({
      follow: { moved: 1, folded: 0, dropped: 2 },
    });
    expect(await rowsIn(host, 'follow', people)).toEqual([[3, 'stranger', 'account']]);
  });

  it('leaves a clean database behind', () => expectCleanDatabase(host.databaseUrl));
});
