import {
  Column,
  DeleteDateColumn,
  Entity,
  JoinColumn,
  ManyToOne,
  PrimaryGeneratedColumn,
} from 'typeorm';
import { LinkingService, ReaperService } from '../../src/index.js';
import { expectNoOrphans } from '../../src/testing/index.js';
import { type HostUsers, migration } from '../support/host-users.js';
import { guestOf, newKey } from '../support/idempotency.js';
import { newAccount, newGuest } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

const PASSWORD = 'correct horse battery';

class Place {
  @Column({ nullable: true, type: 'text' }) name!: string | null;
  @Column({ nullable: true, type: 'int' }) epoch!: number | null;
}

@Entity({ schema: 'crm', name: 'Picture' })
class Picture {
  @PrimaryGeneratedColumn() id!: number;
}

@Entity({ schema: 'crm', name: 'The "Customers"' })
class Customer {
  @PrimaryGeneratedColumn({ name: 'ID', type: 'bigint' }) id!: string;
  @Column({ name: 'E"Mail', type: 'varchar', length: 60, nullable: true }) email!: string | null;
  @Column({ name: 'Full Name', type: 'varchar', length: 20 }) name!: string;
  @Column({ name: 'IsGuest', default: false }) isAnonymous!: boolean;
  @Column({ name: 'Epoch', default: 0 }) epoch!: number;
  @Column({ name: 'SeenAt', type: 'timestamptz', default: () => 'now()' }) lastSeenAt!: Date;
  @Column({ name: 'CreatedAt', type: 'timestamptz', nullable: true }) createdAt!: Date;
  @Column({ name: 'Verified', type: 'boolean', nullable: true }) emailVerified!: boolean;
  @Column({ name: 'Handle', type: 'text', unique: true }) handle!: string;
  @Column(() => Place) home!: Place;
  @ManyToOne(() => Picture) @JoinColumn({ name: 'PictureId' }) image!: never;
  @ManyToOne(() => Customer) @JoinColumn({ name: 'ReferredBy' }) referredBy!: Customer | null;
  @DeleteDateColumn({ name: 'DeletedAt', type: 'timestamptz' }) deletedAt!: Date | null;
}

const TABLE = 'crm."The ""Customers"""';
let handles = 0;
/** What is made up next, before the numbers go on. */
const madeUp: string[] = [];

const customers: HostUsers = {
  userEntity: Customer,
  table: TABLE,
  idType: 'bigint',
  flag: '"IsGuest"',
  guest: {
    guestDefaults: () => ({
      'home.name': 'Berlin',
      name: 'Somebody',
      handle: madeUp.pop() ?? `h${(handles += 1)}`,
    }),
  },
  migrations: [
    migration('Customers1600000000001', [
      'CREATE SCHEMA crm',
      'CREATE TABLE crm."Picture" (id serial PRIMARY KEY, "Owner" bigint)',
      `CREATE TABLE ${TABLE} ("ID" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "E""Mail" varchar(60),
         "Full Name" varchar(20) NOT NULL, "IsGuest" boolean NOT NULL DEFAULT false, "Epoch" integer NOT NULL DEFAULT 7,
         "SeenAt" timestamptz NOT NULL DEFAULT now(), "CreatedAt" timestamptz, "Verified" boolean,
         "Handle" text NOT NULL UNIQUE, "homeName" text, "homeEpoch" integer,
         "PictureId" integer REFERENCES crm."Picture", "ReferredBy" bigint REFERENCES ${TABLE}, "DeletedAt" timestamptz)`,
      `ALTER TABLE crm."Picture" ADD FOREIGN KEY ("Owner") REFERENCES ${TABLE}`,
      `CREATE UNIQUE INDEX ON ${TABLE} (lower("E""Mail")) WHERE "DeletedAt" IS NULL`,
    ]),
  ],
};

describe('a table in another schema, with names that need quotes and columns that look like ours', () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ users: customers, entities: [Picture] });
  });
  afterAll(() => host?.close());

  const signUp = (client: ReturnType<TestApp['browser']>, body: object) =>
    client.post('/auth/sign-up/email', { password: PASSWORD, ...body });

  it('issues guests with the name that the host gives them', async () => {
    const guest = await host.browser().post('/auth/anonymous');
    expect(guest).toMatchObject({
      status: 201,
      body: { user: { name: 'Somebody', image: null, emailVerified: false } },
    });
    expect(
      await host.sql(`SELECT "homeName" AS home FROM ${TABLE} WHERE "ID" = $1`, [
        guest.body.user.id,
      ]),
    ).toEqual([{ home: 'Berlin' }]);
  });

  it('makes accounts with and without a name and a picture', async () => {
    const nameless = await signUp(host.browser(), { email: 'nameless@example.com' });
    expect(nameless).toMatchObject({ status: 200, body: { user: { name: 'Somebody' } } });
    const pictured = await signUp(host.browser(), {
      email: 'p@example.com',
      name: 'Ada',
      image: 'https://x.example/y.png',
    });
    expect(pictured).toMatchObject({ status: 200, body: { user: { name: 'Ada', image: null } } });
  });

  it('answers 400 for what its columns cannot hold', async () => {
    expect(
      (await signUp(host.browser(), { email: `${'e'.repeat(50)}@example.com` })).body,
    ).toMatchObject({ code: 'VALIDATION_FAILED' });
    const guest = await newGuest(host);
    expect(
      (await signUp(guest.client, { email: 'long@example.com', name: 'n'.repeat(30) })).body,
    ).toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  it('shares a guest by key, merges and resolves', async () => {
    const key = newKey();
    const [a, b] = await Promise.all([guestOf(host, key), guestOf(host, key)]);
    expect(a!.body.user.id).toBe(b!.body.user.id);
    const account = await newAccount(host);
    const guest = await newGuest(host);
    await guest.client.post('/notes', { text: 'x' });
    const { email, password } = account;
    const signedIn = await guest.client.post('/auth/sign-in/email', { email, password });
    expect(signedIn.body.link).toMatchObject({ status: 'merged' });
    const linking = host.app.get(LinkingService);
    expect(await linking.resolve(guest.userId)).toBe(account.userId);
    expect(await linking.resolve('no number')).toBeNull();
    expect(await linking.link('no number', account.userId)).toBeNull();
    await expectNoOrphans(host.app);
  });

  it('lets somebody sign up with the address of a row that was deleted softly', async () => {
    const account = await newAccount(host);
    await host.sql(`UPDATE ${TABLE} SET "DeletedAt" = now() WHERE "ID" = $1`, [account.userId]);
    const again = await signUp(host.browser(), { email: account.email });
    expect(again.status).toBe(200);
    const signedIn = await host
      .browser()
      .post('/auth/sign-in/email', { email: account.email, password: PASSWORD });
    expect(signedIn.body.user.id).toBe(again.body.user.id);
  });

  it('moves referrals in a merge, and deletes nobody that a guest has referred', async () => {
    const guest = await newGuest(host);
    const referred = await newAccount(host);
    await host.sql(`UPDATE ${TABLE} SET "ReferredBy" = $1 WHERE "ID" = $2`, [
      guest.userId,
      referred.userId,
    ]);
    const gone = await guest.client.delete('/auth/anonymous');
    expect(gone).toMatchObject({ status: 409, body: { code: 'GUEST_HAS_DEPENDENTS' } });
    await host.sql(`UPDATE ${TABLE} SET "SeenAt" = now() - interval '90 days' WHERE "ID" = $1`, [
      guest.userId,
    ]);
    const report = await host.app.get(ReaperService).run({ contributors: 'delete' });
    expect(report).toMatchObject({ reaped: 0, kept: { 'has-dependents': 1 } });
    expect(
      await host.sql(`SELECT 1 FROM ${TABLE} WHERE "ID" = $1`, [referred.userId]),
    ).toHaveLength(1);
    const account = await newAccount(host);
    const { email, password } = account;
    const signedIn = await guest.client.post('/auth/sign-in/email', { email, password });
    expect(signedIn.body.link).toMatchObject({ status: 'merged' });
    expect(
      await host.sql(`SELECT "ReferredBy" AS id FROM ${TABLE} WHERE "ID" = $1`, [referred.userId]),
    ).toEqual([{ id: account.userId }]);
  });

  const picture = async (owner: string, user: string) => {
    const [row] = await host.sql<{ id: number }>(
      'INSERT INTO crm."Picture" ("Owner") VALUES ($1) RETURNING id',
      [owner],
    );
    await host.sql(`UPDATE ${TABLE} SET "PictureId" = $1 WHERE "ID" = $2`, [row!.id, user]);
  };

  it('lets a guest go with the picture that it shows, and stay with one that somebody else shows', async () => {
    const guest = await newGuest(host);
    await picture(guest.userId, guest.userId);
    expect((await guest.client.delete('/auth/anonymous')).status).toBe(200);
    const other = await newGuest(host);
    const account = await newAccount(host);
    await picture(other.userId, account.userId);
    expect((await other.client.delete('/auth/anonymous')).status).toBe(409);
    const { email, password } = account;
    await picture(other.userId, other.userId);
    const signedIn = await other.client.post('/auth/sign-in/email', { email, password });
    expect(signedIn.body.link).toMatchObject({
      status: 'merged',
      receipt: { tables: { Picture: { moved: 2 } } },
    });
  });

  it('lets a guest go that somebody else has referred', async () => {
    const account = await newAccount(host);
    const guest = await newGuest(host);
    await host.sql(`UPDATE ${TABLE} SET "ReferredBy" = $1 WHERE "ID" = $2`, [
      account.userId,
      guest.userId,
    ]);
    expect((await guest.client.delete('/auth/anonymous')).status).toBe(200);
    const other = await newGuest(host);
    await host.sql(`UPDATE ${TABLE} SET "ReferredBy" = $1 WHERE "ID" = $2`, [
      account.userId,
      other.userId,
    ]);
    const { email, password } = account;
    const signedIn = await other.client.post('/auth/sign-in/email', { email, password });
    expect(signedIn.body.link).toMatchObject({ status: 'merged', receipt: { tables: {} } });
    await host.sql(`UPDATE ${TABLE} SET "SeenAt" = now() - interval '90 days' WHERE "IsGuest"`);
    const report = await host.app.get(ReaperService).run();
    expect(report.kept.failed).toBe(0);
  });

  it('shows rows from before that know neither when they were made nor whether they are verified', async () => {
    const account = await newAccount(host);
    await host.sql(`UPDATE ${TABLE} SET "CreatedAt" = NULL, "Verified" = NULL WHERE "ID" = $1`, [
      account.userId,
    ]);
    const { body, status } = await account.client.get('/auth/get-session');
    expect(status).toBe(200);
    expect(body.user).toMatchObject({ id: account.userId, emailVerified: false });
  });

  it('makes up another handle where one is taken', async () => {
    madeUp.push('h2');
    await newGuest(host);
    madeUp.push('h2', 'h2');
    const signedUp = await signUp(host.browser(), { email: 'handle@example.com' });
    expect(signedUp.status).toBe(200);
    expect(madeUp).toEqual([]);
  });

  it('takes an address for taken only when it is', async () => {
    madeUp.push('h2', 'h2', 'h2');
    const refused = await signUp(host.browser(), { email: 'unlucky@example.com' });
    expect(refused).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } });
    expect(madeUp).toEqual([]);
    const { email } = await newAccount(host);
    const taken = await signUp(host.browser(), { email: email.toUpperCase() });
    expect(taken).toMatchObject({ status: 409, body: { code: 'EMAIL_TAKEN' } });
  });
});
