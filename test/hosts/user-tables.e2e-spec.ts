import { Column, Entity, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';
import { type AuthUser, LinkingService } from '../../src/index.js';
import { type HostUsers, memberUsers, migration } from '../support/host-users.js';
import { newAccount, newGuest } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

abstract class Minimal implements Omit<AuthUser, 'id'> {
  @Column({ type: 'text', nullable: true })
  email!: string | null;

  @Column({ name: 'is_anonymous', default: false })
  isAnonymous!: boolean;

  @Column({ default: 0 })
  epoch!: number;

  @Column({ name: 'last_seen_at', type: 'timestamptz', default: () => 'now()' })
  lastSeenAt!: Date;
}

@Entity('big')
class Big extends Minimal {
  @PrimaryGeneratedColumn('identity', { type: 'bigint' })
  id!: string;
}

@Entity('worded')
class Worded extends Minimal {
  @PrimaryColumn({ type: 'varchar', length: 40 })
  id!: string;
}

@Entity('drawn')
class Drawn extends Minimal {
  @PrimaryColumn({ type: 'text', default: () => "'usr_' || gen_random_uuid()" })
  id!: string;
}

const tableOf = (
  name: string,
  id: string,
  userEntity: HostUsers['userEntity'],
  idType: string,
): HostUsers => ({
  userEntity,
  table: name,
  idType,
  flag: 'is_anonymous',
  migrations: [
    migration('Users1600000000001', [
      `CREATE TABLE ${name} (id ${id} PRIMARY KEY, email text, is_anonymous boolean NOT NULL DEFAULT false,
         epoch integer NOT NULL DEFAULT 0, last_seen_at timestamptz NOT NULL DEFAULT now())`,
      `CREATE UNIQUE INDEX ON ${name} (lower(email))`,
    ]),
  ],
});

const kinds: [string, HostUsers, RegExp][] = [
  [
    'bigints that only the table makes',
    tableOf('big', 'bigint GENERATED ALWAYS AS IDENTITY (START 9007199254740993)', Big, 'bigint'),
    /^9007199254740\d{3}$/,
  ],
  [
    'texts that are made here',
    tableOf('worded', 'varchar(40)', Worded, 'varchar(40)'),
    /^[0-9a-f-]{36}$/,
  ],
  [
    'texts that the table makes',
    tableOf('drawn', "text DEFAULT 'usr_' || gen_random_uuid()", Drawn, 'text'),
    /^usr_[0-9a-f-]{36}$/,
  ],
];

describe.each(kinds)('ids that are %s', (_, users, shape) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({
      users,
      // So that the id has to be known before the row is.
      options: { guest: { placeholderEmail: (id) => `${id.slice(0, 40)}@guest.invalid` } },
    });
  });
  afterAll(() => host.close());

  it('issues, upgrades and merges', async () => {
    const account = await newAccount(host);
    expect(account.userId).toMatch(shape);
    const guest = await newGuest(host);
    expect(guest.userId).toMatch(shape);
    const [row] = await host.sql<{ email: string }>(
      `SELECT email FROM ${users.table} WHERE id = $1`,
      [guest.userId],
    );
    expect(row!.email).toBe(`${guest.userId.slice(0, 40)}@guest.invalid`);
    await guest.client.post('/notes', { text: 'kept' });
    const { email, password } = account;
    const signedIn = await guest.client.post('/auth/sign-in/email', { email, password });
    expect(signedIn.body.link).toMatchObject({
      status: 'merged',
      receipt: { tables: { note: { moved: 1 } } },
    });
    const upgraded = await newGuest(host);
    const { body } = await upgraded.client.post('/auth/anonymous/upgrade', {
      email: `x${upgraded.userId.slice(-12)}@example.com`,
      password: 'correct horse battery',
    });
    expect(body.user).toMatchObject({ id: upgraded.userId, isAnonymous: false });
  });
});

describe('defaults that the host looks up', () => {
  it('are asked for while no connection is held, or requests would wait for each other for ever', async () => {
    let opened: TestApp | undefined;
    const host = await createTestApp({
      users: memberUsers,
      poolSize: 1,
      options: {
        guest: {
          guestDefaults: async () => {
            const [row] = (await opened?.sql(`SELECT 'dark' AS theme`)) ?? [];
            return { plan: 'free', preferences: { theme: row?.theme ?? 'light' } };
          },
        },
      },
    });
    opened = host;
    try {
      const account = await newAccount(host);
      const guest = await newGuest(host);
      const rows = await host.sql(
        `SELECT preferences ->> 'theme' AS theme FROM members WHERE id = ANY ($1)`,
        [[guest.userId, account.userId]],
      );
      expect(rows).toEqual([{ theme: 'dark' }, { theme: 'dark' }]);
    } finally {
      await host.close();
    }
  });
});

describe('an entity that extends ours', () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ users: memberUsers });
  });
  afterAll(() => host.close());

  it('gets what its own columns need, as a guest and as an account, and keeps what they hold', async () => {
    const guest = await newGuest(host);
    await host.sql(`UPDATE members SET plan = 'paid' WHERE id = $1`, [guest.userId]);
    await guest.client.post('/auth/sign-up/email', {
      email: 'paid@example.com',
      password: 'correct horse battery',
    });
    const account = await newAccount(host);
    const rows = await host.sql(
      'SELECT id, plan, preferences, mail FROM members WHERE id = ANY ($1) ORDER BY plan',
      [[guest.userId, account.userId]],
    );
    expect(rows).toEqual([
      { id: account.userId, plan: 'free', preferences: { theme: 'dark' }, mail: account.email },
      { id: guest.userId, plan: 'paid', preferences: { theme: 'dark' }, mail: 'paid@example.com' },
    ]);
  });

  it('treats a row that was deleted softly as nobody', async () => {
    const account = await newAccount(host);
    const guest = await newGuest(host);
    const remove = (id: string) =>
      host.sql('UPDATE members SET deleted_at = now() WHERE id = $1', [id]);
    await remove(guest.userId);
    expect((await guest.client.get('/access/session')).status).toBe(401);
    expect(
      (
        await guest.client.post('/auth/anonymous/upgrade', {
          email: 'late@example.com',
          password: 'correct horse battery',
        })
      ).status,
    ).toBe(401);
    await remove(account.userId);
    expect((await account.client.get('/access/session')).status).toBe(401);
    const { email, password } = account;
    const other = await newGuest(host);
    expect((await other.client.post('/auth/sign-in/email', { email, password })).status).toBe(401);
    expect(await host.app.get(LinkingService).link(other.userId, account.userId)).toBeNull();
    expect(await host.app.get(LinkingService).resolve(account.userId)).toBeNull();
    expect((await other.client.get('/access/session')).status).toBe(200);
  });
});
