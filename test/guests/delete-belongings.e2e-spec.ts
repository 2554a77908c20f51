import { refusal, rowCounts } from '../support/expectations.js';
import { newAccount, newGuest, type Person } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

/**
 * Tables that a guest's rows hang together by. `page`, `remark`, `parcel_line`, `enclosure` and `pairing`
 * have no owner column; `folder` and
 * `page` refer to each other, `remark` to itself.
 */
const TABLES = `
  CREATE TABLE folder (id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users (id), cover_id uuid);
  CREATE TABLE page (id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    folder_id uuid NOT NULL REFERENCES folder (id));
  ALTER TABLE folder ADD FOREIGN KEY (cover_id) REFERENCES page (id);
  CREATE TABLE remark (id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    page_id uuid NOT NULL REFERENCES page (id), parent_id uuid REFERENCES remark (id));
  CREATE TABLE praise (id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users (id),
    note_id uuid REFERENCES note (id), page_id uuid REFERENCES page (id));
  CREATE TABLE echo (id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users (id), note_id uuid REFERENCES note (id) ON DELETE CASCADE);
  CREATE TABLE lapse (id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users (id), note_id uuid REFERENCES note (id) ON DELETE SET NULL);
  CREATE TABLE handover (id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    from_id uuid NOT NULL REFERENCES users (id), to_id uuid NOT NULL REFERENCES users (id));
  CREATE TABLE parcel (id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users (id));
  CREATE TABLE parcel_line (id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    parcel_id uuid NOT NULL REFERENCES parcel (id), note_id uuid REFERENCES note (id));
  CREATE TABLE enclosure (id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    parcel_id uuid NOT NULL REFERENCES parcel (id) ON DELETE CASCADE, note_id uuid NOT NULL REFERENCES note (id));
  CREATE TABLE pairing (id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    parcel_id uuid NOT NULL REFERENCES parcel (id), note_id uuid NOT NULL REFERENCES note (id));`;

describe('what goes with a guest', () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ schema: TABLES });
  });
  afterAll(() => host.close());

  const insert = async (sql: string, ...parameters: unknown[]) => {
    const [row] = await host.sql<{ id: string }>(`INSERT INTO ${sql} RETURNING id`, parameters);
    return row!.id;
  };
  const noteOf = async ({ client }: Person): Promise<string> =>
    (await client.post('/notes', { text: 'a note' })).body.id;
  const folderOf = async ({ userId }: Person) => {
    const folder = await insert('folder (user_id) VALUES ($1)', userId);
    const cover = await insert('page (folder_id) VALUES ($1)', folder);
    await host.sql('UPDATE folder SET cover_id = $1 WHERE id = $2', [cover, folder]);
    return { folder, cover };
  };

  it('is every row that hangs on its rows, children first, in circles too', async () => {
    const before = await rowCounts(host);
    const guest = await newGuest(host);
    const { folder, cover } = await folderOf(guest);
    await insert('page (folder_id) VALUES ($1)', folder);
    const parent = await insert('remark (page_id) VALUES ($1)', cover);
    const child = await insert('remark (page_id, parent_id) VALUES ($1, $2)', cover, parent);
    await host.sql('UPDATE remark SET parent_id = $1 WHERE id = $2', [child, parent]);
    expect(await guest.client.delete('/auth/anonymous')).toMatchObject({ status: 200 });
    expect(await rowCounts(host)).toEqual(before);
  });

  it('is nothing of the same kind that belongs to others', async () => {
    const [other, guest] = [await newAccount(host), await newGuest(host)];
    const { cover } = await folderOf(other);
    await insert('remark (page_id) VALUES ($1)', cover);
    const before = await rowCounts(host);
    await folderOf(guest);
    expect(await guest.client.delete('/auth/anonymous')).toMatchObject({ status: 200 });
    expect(await rowCounts(host)).toEqual({ ...before, users: before.users! - 1 });
  });

  it('includes its rows that refer to its own rows, and to those of others', async () => {
    const [other, guest] = [await newAccount(host), await newGuest(host)];
    const notes = [await noteOf(guest), await noteOf(other)];
    const before = await rowCounts(host);
    for (const note of notes) {
      await insert('praise (user_id, note_id) VALUES ($1, $2)', guest.userId, note);
      await insert('echo (user_id, note_id) VALUES ($1, $2)', guest.userId, note);
    }
    const parcel = await insert('parcel (user_id) VALUES ($1)', guest.userId);
    await insert('parcel_line (parcel_id, note_id) VALUES ($1, $2)', parcel, notes[0]);
    await insert('handover (from_id, to_id) VALUES ($1, $1)', guest.userId);
    expect(await guest.client.delete('/auth/anonymous')).toMatchObject({ status: 200 });
    expect(await rowCounts(host)).toEqual({
      ...before,
      users: before.users! - 1,
      note: before.note! - 1,
    });
  });

  it('includes parts of its rows that mention those of others', async () => {
    const [other, guest] = [await newAccount(host), await newGuest(host)];
    const note = await noteOf(other);
    const before = await rowCounts(host);
    const parcel = await insert('parcel (user_id) VALUES ($1)', guest.userId);
    await insert('parcel_line (parcel_id, note_id) VALUES ($1, $2)', parcel, note);
    await insert('enclosure (parcel_id, note_id) VALUES ($1, $2)', parcel, note);
    expect(await guest.client.delete('/auth/anonymous')).toMatchObject({ status: 200 });
    expect(await rowCounts(host)).toEqual({ ...before, users: before.users! - 1 });
  });

  type Entangle = (guest: Person, stranger: Person) => Promise<unknown>;
  const entanglements: [string, Entangle][] = [
    [
      "refers to the guest's row",
      async (guest, { userId }) =>
        insert('praise (user_id, note_id) VALUES ($1, $2)', userId, await noteOf(guest)),
    ],
    [
      "refers to a row that hangs on the guest's row",
      async (guest, { userId }) =>
        insert('praise (user_id, page_id) VALUES ($1, $2)', userId, (await folderOf(guest)).cover),
    ],
    [
      'would go by a cascade',
      async (guest, { userId }) =>
        insert('echo (user_id, note_id) VALUES ($1, $2)', userId, await noteOf(guest)),
    ],
    [
      'would lose its reference',
      async (guest, { userId }) =>
        insert('lapse (user_id, note_id) VALUES ($1, $2)', userId, await noteOf(guest)),
    ],
    [
      'names both',
      (guest, { userId }) =>
        insert('handover (from_id, to_id) VALUES ($1, $2)', userId, guest.userId),
    ],
    [
      "is part of a stranger's own row",
      async (guest, { userId }) => {
        const parcel = await insert('parcel (user_id) VALUES ($1)', userId);
        await insert(
          'parcel_line (parcel_id, note_id) VALUES ($1, $2)',
          parcel,
          await noteOf(guest),
        );
      },
    ],
    [
      "goes with a stranger's row and mentions the guest's",
      async (guest, { userId }) => {
        const parcel = await insert('parcel (user_id) VALUES ($1)', userId);
        await insert('enclosure (parcel_id, note_id) VALUES ($1, $2)', parcel, await noteOf(guest));
      },
    ],
    [
      "is as much part of a stranger's row as of the guest's",
      async (guest, { userId }) => {
        const parcel = await insert('parcel (user_id) VALUES ($1)', userId);
        await insert('pairing (parcel_id, note_id) VALUES ($1, $2)', parcel, await noteOf(guest));
      },
    ],
  ];

  it.each(entanglements)('is nothing at all while a row of a stranger %s', async (_, entangle) => {
    const [guest, stranger] = [await newGuest(host), await newGuest(host)];
    await noteOf(guest);
    await entangle(guest, stranger);
    const before = await rowCounts(host);
    for (const [method, path] of [
      ['DELETE', '/auth/anonymous'],
      ['POST', '/auth/delete-anonymous-user'],
    ] as const) {
      const answer = await guest.client.request(method, path);
      expect(answer).toMatchObject(refusal(409, 'GUEST_HAS_DEPENDENTS'));
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
    expect(await rowCounts(host)).toEqual(before);
    expect(await guest.client.get('/access/guest')).toMatchObject({ status: 200 });
  });

  it('goes once the row of the stranger is gone', async () => {
    const [guest, stranger] = [await newGuest(host), await newGuest(host)];
    const note = await noteOf(guest);
    await insert('praise (user_id, note_id) VALUES ($1, $2)', stranger.userId, note);
    expect(await guest.client.delete('/auth/anonymous')).toMatchObject({ status: 409 });
    await host.sql('DELETE FROM praise WHERE note_id = $1', [note]);
    expect(await guest.client.delete('/auth/anonymous')).toMatchObject({ status: 200 });
    const left = await host.sql('SELECT 1 FROM users WHERE id = $1', [guest.userId]);
    expect(left).toEqual([]);
  });
});
