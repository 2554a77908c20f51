import { randomUUID } from 'node:crypto';
import type { PasswordHashing } from '../../src/index.js';
import { Barrier } from '../support/barrier.js';
import { expectCleanDatabase } from '../support/checker.js';
import { refusal } from '../support/expectations.js';
import { guestWithNotes, notesOf, signIn } from '../support/links.js';
import { newGuest } from '../support/people.js';
import { closeRawConnections, RawConnection } from '../support/raw-connection.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

const newEmail = () => `${randomUUID()}@example.com`;

/** Hashing comes right before the transaction, so that is where competitors meet. */
class MeetingHashing implements PasswordHashing {
  barrier?: Barrier;

  async hash(password: string): Promise<string> {
    await this.barrier?.pass();
    return `plain:${password}`;
  }

  async verify(hash: string, password: string): Promise<boolean> {
    return hash === `plain:${password}`;
  }
}

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

  it('have one winner, and the password of the loser never works', async () => {
    for (let round = 0; round < 10; round += 1) {
      const guest = await guestWithNotes(host, 'mine');
      const bodies = ['first password', 'second password'].map((password) => ({
        email: newEmail(),
        password,
      }));
      const route = '/auth/anonymous/upgrade';
      const answers = await together(
        guest.client.cookies.header(),
        bodies.map((body) => ({ route, body })),
      );
      const winner = answers.findIndex(({ status }) => status === 200);
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
  });

  it('make one account of one guest that signs up twice with one address', async () => {
    const guest = await guestWithNotes(host, 'mine');
    const body = { email: newEmail(), password: 'correct horse' };
    const route = '/auth/sign-up/email';
    const answers = await together(guest.client.cookies.header(), Array(3).fill({ route, body }));
    expect(answers.filter(({ status }) => status === 200)).toMatchObject([
      { body: { user: { id: guest.userId } } },
    ]);
    for (const { status, body: answer } of answers.filter((one) => one.status !== 200)) {
      expect([
        [400, 'NOT_ANONYMOUS'],
        [409, 'EMAIL_TAKEN'],
      ]).toContainEqual([status, answer.code]);
    }
    const rows = await host.sql('SELECT id FROM users WHERE email = $1', [body.email]);
    expect(rows).toEqual([{ id: guest.userId }]);
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
  });

  it.each(['/auth/anonymous/upgrade', '/auth/sign-up/email'])(
    'give one address to one of two guests at %s',
    async (route) => {
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
    },
  );

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
    const upgrading = guest.client.post('/auth/anonymous/upgrade', {
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
