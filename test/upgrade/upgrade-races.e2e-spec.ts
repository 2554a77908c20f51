import { EventEmitter2 } from '@nestjs/event-emitter';
import { randomUUID } from 'node:crypto';
import { Barrier } from '../support/barrier.js';
import { expectCleanDatabase } from '../support/checker.js';
import { refusal } from '../support/expectations.js';
import { guestWithNotes, notesOf, signIn } from '../support/links.js';
import { MeetingHashing } from '../support/meeting-hashing.js';
import { bearer, newGuest } from '../support/people.js';
import { closeRawConnections, RawConnection } from '../support/raw-connection.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

const upgrade = '/auth/anonymous/upgrade';
const signUp = '/auth/sign-up/email';
const newEmail = () => `${randomUUID()}@example.com`;

describe('upgrades that race', () => {
  const hashing = new MeetingHashing();
  let host: TestApp;
  let second: TestApp;
  beforeAll(async () => {
    const options = { password: { hash: hashing } };
    host = await createTestApp({ options });
    second = await createTestApp({ options, databaseUrl: host.databaseUrl });
  });
  afterEach(closeRawConnections);
  afterAll(async () => {
    await second.close();
    await host.close();
  });

  /** The same guest's browser on both instances, each request held until all have arrived. */
  async function together(cookies: string, requests: { route: string; body: object }[]) {
    hashing.barrier = new Barrier();
    const answers = requests.map(({ route, body }, n) =>
      (n % 2 ? second : host).browser().post(route, body, { headers: { cookie: cookies } }),
    );
    await hashing.barrier.reached(requests.length);
    hashing.barrier.open();
    hashing.barrier = undefined;
    return Promise.all(answers);
  }

  it.each([
    [upgrade, upgrade],
    [signUp, signUp],
    [upgrade, signUp],
    [signUp, upgrade],
  ])(
    'at %s and %s have one winner, and the password of the loser never works',
    async (...routes) => {
      for (let round = 0; round < 5; round += 1) {
        const guest = await guestWithNotes(host, 'mine');
        const bodies = ['first password', 'second password'].map((password) => ({
          email: newEmail(),
          password,
        }));
        const answers = await together(
          guest.client.cookies.header(),
          bodies.map((body, n) => ({ route: routes[n]!, body })),
        );
        const winner = answers.findIndex(({ status }) => status === 200);
        expect(answers[winner]!.body.user).toMatchObject({ id: guest.userId, isAnonymous: false });
        expect(answers[1 - winner]).toMatchObject(refusal(400, 'NOT_ANONYMOUS'));
        const rows = await host.sql('SELECT email FROM users WHERE id = $1', [guest.userId]);
        expect(rows).toEqual([{ email: bodies[winner]!.email }]);
        const nobody = () => ({ client: host.browser() });
        expect(await signIn(nobody(), bodies[winner]!)).toMatchObject({ status: 200 });
        for (const email of bodies.map((body) => body.email)) {
          const { password } = bodies[1 - winner]!;
          expect(await signIn(nobody(), { email, password })).toMatchObject({ status: 401 });
        }
        expect(await notesOf(host, guest.userId)).toEqual(['mine']);
      }
    },
  );

  it('make one account of one guest that signs up three times with one address', async () => {
    const guest = await guestWithNotes(host, 'mine');
    const body = { email: newEmail(), password: 'correct horse' };
    const heard: unknown[] = [];
    for (const { app } of [host, second]) {
      app.get(EventEmitter2).on('guest.upgraded', (payload) => heard.push(payload));
    }
    const answers = await together(
      guest.client.cookies.header(),
      Array(3).fill({ route: signUp, body }),
    );
    const winners = answers.filter(({ status }) => status === 200);
    expect(winners).toMatchObject([{ body: { user: { id: guest.userId } } }]);
    for (const { status, body: answer } of answers.filter((one) => one.status !== 200)) {
      expect([
        [400, 'NOT_ANONYMOUS'],
        [409, 'EMAIL_TAKEN'],
      ]).toContainEqual([status, answer.code]);
    }
    const rows = await host.sql('SELECT id, epoch FROM users WHERE email = $1', [body.email]);
    expect(rows).toEqual([{ id: guest.userId, epoch: 1 }]);
    const identities = await host.sql('SELECT provider FROM identities WHERE user_id = $1', [
      guest.userId,
    ]);
    expect(identities).toEqual([{ provider: 'password' }]);
    expect(heard).toEqual([{ userId: guest.userId }]);
    expect(await bearer(host, winners[0]!.body.token).get('/access/account')).toMatchObject({
      status: 200,
    });
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
  });

  it.each([
    ['COMMIT', ['early', 'in flight']],
    ['ROLLBACK', ['early']],
  ])('keep what a row in flight makes of itself, which ends with %s', async (end, notes) => {
    const guest = await guestWithNotes(host, 'early');
    const raw = await RawConnection.open(host.databaseUrl);
    await raw.query('BEGIN');
    await raw.query(`INSERT INTO note (user_id, text) VALUES ($1, 'in flight')`, [guest.userId]);
    const upgrading = guest.client.post(upgrade, { email: newEmail(), password: 'correct horse' });
    // It waits for no row of the guest, so it is over before the write is.
    expect(await upgrading).toMatchObject({ status: 200, body: { user: { id: guest.userId } } });
    await raw.query(end);
    expect(await notesOf(host, guest.userId)).toEqual(notes);
  });

  it.each([upgrade, signUp])('give one address to one of two guests at %s', async (route) => {
    const guests = [await guestWithNotes(host, 'a'), await guestWithNotes(host, 'b')];
    const email = newEmail();
    hashing.barrier = new Barrier();
    const answers = guests.map(({ client }, n) =>
      client.post(route, { email: n ? email : email.toUpperCase(), password: 'correct horse' }),
    );
    await hashing.barrier.reached(2);
    hashing.barrier.open();
    const [first, other] = await Promise.all(answers);
    expect([first!.status, other!.status].toSorted((a, b) => a - b)).toEqual([200, 409]);
    expect([first!, other!].find(({ status }) => status === 409)).toMatchObject(
      refusal(409, 'EMAIL_TAKEN'),
    );
    expect(await notesOf(host, guests[0]!.userId)).toEqual(['a']);
    expect(await notesOf(host, guests[1]!.userId)).toEqual(['b']);
  });

  /** Somebody else's sign-up with this address, not committed yet. */
  async function takeAddress(email: string): Promise<RawConnection> {
    const raw = await RawConnection.open(host.databaseUrl);
    const id = randomUUID();
    await raw.query('BEGIN');
    await raw.query('INSERT INTO users (id, email) VALUES ($1, $2)', [id, email]);
    await raw.query(
      `INSERT INTO identities (id, user_id, provider, issuer, subject) VALUES ($1::uuid, $1::uuid, 'password', 'local', $1::text)`,
      [id],
    );
    return raw;
  }

  it.each([
    ['COMMIT', refusal(409, 'EMAIL_TAKEN'), true],
    ['ROLLBACK', { status: 200, body: { user: { isAnonymous: false } } }, false],
  ])('wait for whoever is taking the address, who then does %s', async (end, answer, isGuest) => {
    const guest = await newGuest(host);
    const email = newEmail();
    const raw = await takeAddress(email.toLowerCase());
    const upgrading = guest.client.post(upgrade, {
      email: email.toUpperCase(),
      password: 'correct horse',
    });
    await raw.blocks();
    await raw.query(end);
    expect(await upgrading).toMatchObject(answer);
    const rows = await host.sql('SELECT is_anonymous FROM users WHERE id = $1', [guest.userId]);
    expect(rows).toEqual([{ is_anonymous: isGuest }]);
    expect(await guest.client.get('/access/session')).toMatchObject({ status: 200 });
  });

  it('leave a clean database behind', () => expectCleanDatabase(host.databaseUrl));
});
