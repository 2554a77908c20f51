import { type HostUsers, memberUsers, personUsers } from '../support/host-users.js';
import { addNotes } from '../support/links.js';
import { newGuest, type Person } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';
import { kept, reap } from './stale.js';

const kinds: [string, HostUsers, string][] = [
  ['renamed columns', memberUsers, 'last_seen_at'],
  ['integer ids', personUsers, 'seen_at'],
];

describe.each(kinds)("the reaper over a host's own users with %s", (_, users, seenAt) => {
  let host: TestApp;
  const asked: { id: string; isAnonymous: boolean }[] = [];
  beforeEach(async () => {
    host = await createTestApp({
      users,
      options: {
        reaper: {
          batchSize: 2,
          onBeforeDelete: ({ id, isAnonymous }) => void asked.push({ id, isAnonymous }),
        },
      },
    });
  });
  afterEach(() => host.close());

  const guests = async (): Promise<string[]> => {
    const rows = await host.sql<{ id: string }>(
      `SELECT id::text AS id FROM ${users.table} WHERE ${users.flag} ORDER BY ${users.table}.id`,
    );
    return rows.map(({ id }) => id);
  };
  const age = (...people: Person[]) =>
    host.sql(
      `UPDATE ${users.table} SET ${seenAt} = now() - interval '40 days' WHERE id::text = ANY ($1)`,
      [people.map(({ userId }) => userId)],
    );

  it.each(['keep', 'delete'] as const)(
    'reaps and keeps as over ours (%s)',
    async (contributors) => {
      const people: Person[] = [];
      for (let n = 0; n < 5; n += 1) people.push(await newGuest(host));
      const [young, writer, ...idle] = people;
      await addNotes(writer!.client, 'mine');
      await age(writer!, ...idle);
      const before = await host.sql(`SELECT 1 FROM ${users.table}`);
      const dry = await reap(host, { dryRun: true, contributors });
      expect(await host.sql(`SELECT 1 FROM ${users.table}`)).toEqual(before);
      asked.length = 0;
      const report = await reap(host, { contributors });
      const stays = contributors === 'keep' ? [young!, writer!] : [young!];
      expect(report).toMatchObject({
        stale: 4,
        reaped: 5 - stays.length,
        kept: kept({ 'owns-rows': stays.length - 1 }),
      });
      expect(report).toEqual({ ...dry, dryRun: false });
      const ids = (all: Person[]) => all.map(({ userId }) => userId).toSorted();
      expect((await guests()).toSorted()).toEqual(ids(stays));
      const gone = people.filter((person) => !stays.includes(person));
      expect(asked.map(({ id }) => id).toSorted()).toEqual(ids(gone));
      expect(asked.every(({ isAnonymous }) => isAnonymous)).toBe(true);
    },
  );
});

describe('a guest that the host has deleted softly', () => {
  it('is the host’s to remove', async () => {
    const host = await createTestApp({ users: memberUsers });
    try {
      await newGuest(host);
      await host.sql(
        `UPDATE members SET deleted_at = now(), last_seen_at = now() - interval '1 year'`,
      );
      expect(await reap(host)).toMatchObject({ stale: 0, reaped: 0 });
      expect(await host.sql('SELECT 1 FROM members')).toHaveLength(1);
    } finally {
      await host.close();
    }
  });
});
