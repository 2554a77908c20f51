import { ignored, owned } from '../../src/index.js';
import { ledgerOf, NO_RETRY, reconcile, userExists } from '../support/links.js';
import { insert, link, meet, type Meeting, rowsIn } from '../support/merging.js';
import { refusalOf } from '../support/refused-start.js';
import { closeApps, startApp, startBeside } from '../support/running-apps.js';

const linking = NO_RETRY;
const table = (action: string, more = '') =>
  `CREATE TABLE album (id integer PRIMARY KEY, user_id uuid REFERENCES users (id) ON DELETE ${action}, title text ${more})`;

const ALBUMS = [
  [1, 'guest', 'Bentley'],
  [2, 'guest', 'Coco'],
  [3, 'account', 'Daisy'],
];

afterEach(closeApps);

describe('a table that references users and that nobody has mentioned', () => {
  it.each(['CASCADE', 'NO ACTION', 'RESTRICT', 'SET NULL', 'SET DEFAULT'])(
    'with ON DELETE %s changes hands whole',
    async (action) => {
      const host = await startApp({ options: { linking }, schema: table(action) });
      const people = await meet(host);
      await insert(host, 'album', people, ALBUMS);
      expect(await link(people)).toMatchObject({
        status: 'merged',
        receipt: { tables: { album: { moved: 2, folded: 0, dropped: 0 } } },
      });
      expect(await rowsIn(host, 'album', people)).toEqual([
        [1, 'account', 'Bentley'],
        [2, 'account', 'Coco'],
        [3, 'account', 'Daisy'],
      ]);
      expect(await userExists(host, people.guest.userId)).toBe(false);
    },
  );

  it.each(['CASCADE', 'NO ACTION'])(
    'and could collide, with ON DELETE %s, stops the start by its name',
    async (action) => {
      const { message } = await refusalOf({ schema: table(action, ', UNIQUE (user_id, title)') });
      expect(message).toMatch(/table album: .*owned\('album', \{ onCollision: 'keepAccount' \}\)/);
    },
  );

  it.each(['CASCADE', 'NO ACTION'])(
    'and came after the start, with ON DELETE %s, keeps the guest and every row until an instance knows it',
    async (action) => {
      const host = await startApp({ options: { linking } });
      const people = await meet(host);
      await host.sql(table(action));
      await insert(host, 'album', people, ALBUMS);
      expect(await link(people)).toMatchObject({ status: 'pending', receipt: null });
      expect(await rowsIn(host, 'album', people)).toEqual(ALBUMS);
      expect(await userExists(host, people.guest.userId)).toBe(true);
      const beside = await startBeside(host, { options: { linking } });
      await reconcile(beside);
      expect(await ledgerOf(host, people.guest.userId)).toMatchObject([{ status: 'merged' }]);
      expect(await host.sql('SELECT 1 FROM album')).toHaveLength(3);
    },
  );
});

describe('a table that came after the start and refers to rows that may give way', () => {
  it.each(['CASCADE', 'SET NULL', 'NO ACTION'])(
    'with ON DELETE %s keeps them all until an instance knows it',
    async (action) => {
      const settings = {
        options: { linking },
        tables: [owned('album', { onCollision: 'keepAccount' })],
      };
      const schema = table('NO ACTION', ', UNIQUE (user_id, title)');
      const host = await startApp({ ...settings, schema });
      const people = await meet(host);
      const albums = [
        [1, 'guest', 'Bentley'],
        [2, 'account', 'Bentley'],
      ] as const;
      await insert(host, 'album', people, albums);
      await host.sql(
        `CREATE TABLE page (id integer PRIMARY KEY, album_id integer REFERENCES album (id) ON DELETE ${action})`,
      );
      await insert(host, 'page', people, [[1, 1]]);
      expect(await link(people)).toMatchObject({ status: 'pending', receipt: null });
      expect(await rowsIn(host, 'album', people)).toEqual(albums);
      const beside = await startBeside(host, settings);
      await reconcile(beside);
      expect(await ledgerOf(host, people.guest.userId)).toMatchObject([{ status: 'merged' }]);
      expect(await rowsIn(host, 'page', people)).toEqual([[1, 2]]);
    },
  );
});

describe('a table that is ignored', () => {
  const tables = [ignored('album', 'only accounts have albums')];
  const meeting = async (action: string) => {
    const host = await startApp({ options: { linking }, schema: table(action), tables });
    const people: Meeting = await meet(host);
    await insert(host, 'album', people, ALBUMS);
    return { host, people };
  };

  it.each(['NO ACTION', 'RESTRICT'])(
    'with ON DELETE %s keeps the guest until its rows are gone, and loses none',
    async (action) => {
      const { host, people } = await meeting(action);
      expect(await link(people)).toMatchObject({ status: 'pending', receipt: null });
      expect(await rowsIn(host, 'album', people)).toEqual(ALBUMS);
      const [waiting] = await ledgerOf(host, people.guest.userId);
      expect(waiting!.error).toMatch(/left in album/);
      await host.sql('DELETE FROM album WHERE user_id = $1', [people.guest.userId]);
      await reconcile(host);
      expect(await ledgerOf(host, people.guest.userId)).toMatchObject([{ status: 'merged' }]);
      expect(await rowsIn(host, 'album', people)).toEqual([[3, 'account', 'Daisy']]);
    },
  );

  it('with ON DELETE CASCADE says in the receipt what went with the guest', async () => {
    const { host, people } = await meeting('CASCADE');
    expect(await link(people)).toMatchObject({
      status: 'merged',
      receipt: { tables: { album: { moved: 0, folded: 0, dropped: 2 } } },
    });
    expect(await rowsIn(host, 'album', people)).toEqual([[3, 'account', 'Daisy']]);
  });

  it('with ON DELETE SET NULL keeps its rows, and they are nobody’s', async () => {
    const { host, people } = await meeting('SET NULL');
    expect(await link(people)).toMatchObject({ status: 'merged', receipt: { tables: {} } });
    expect(await rowsIn(host, 'album', people)).toEqual([
      [1, null, 'Bentley'],
      [2, null, 'Coco'],
      [3, 'account', 'Daisy'],
    ]);
  });
});
