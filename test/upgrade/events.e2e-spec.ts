import { EventEmitter2 } from '@nestjs/event-emitter';
import { randomUUID } from 'node:crypto';
import { eventually } from '../support/barrier.js';
import { expectCleanDatabase } from '../support/checker.js';
import { refusal } from '../support/expectations.js';
import { guestWithNotes, notesOf, userExists } from '../support/links.js';
import { newAccount, newGuest } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

const password = 'correct horse battery';
const newEmail = () => `${randomUUID()}@example.com`;
const upgrade = '/auth/anonymous/upgrade';

describe('events of a guest', () => {
  let host: TestApp;
  const heard: { name: string; payload: unknown; wasCommitted: boolean }[] = [];
  beforeAll(async () => {
    host = await createTestApp();
    const emitter = host.app.get(EventEmitter2);
    for (const name of ['guest.issued', 'guest.upgraded']) {
      // oxlint-disable-next-line typescript/no-misused-promises -- emitAsync waits for it
      emitter.on(name, async (payload: { guestId?: string; userId?: string }) => {
        const [row] = await host.sql<{ is_anonymous: boolean }>(
          'SELECT is_anonymous FROM users WHERE id = $1',
          [payload.guestId ?? payload.userId],
        );
        heard.push({
          name,
          payload,
          wasCommitted: row?.is_anonymous === (name === 'guest.issued'),
        });
      });
    }
  });
  beforeEach(() => void heard.splice(0));
  afterAll(() => host.close());

  const everythingHeard = (count: number) =>
    eventually(`${count} events`, () => heard.length >= count);

  it('guest.issued goes out once for a new guest, after its row was committed', async () => {
    const guest = await newGuest(host);
    await everythingHeard(1);
    expect(await guest.client.post('/auth/anonymous')).toMatchObject({ status: 200 });
    const noted = await host.browser().post('/notes', { text: 'lazy' });
    await everythingHeard(2);
    expect(heard).toEqual([
      { name: 'guest.issued', payload: { guestId: guest.userId }, wasCommitted: true },
      { name: 'guest.issued', payload: { guestId: noted.body.userId }, wasCommitted: true },
    ]);
  });

  it.each([upgrade, '/auth/sign-up/email'])(
    'guest.upgraded goes out once after the commit at %s',
    async (route) => {
      const guest = await newGuest(host);
      await everythingHeard(1);
      expect(await guest.client.post(route, { email: newEmail(), password })).toMatchObject({
        status: 200,
      });
      await everythingHeard(2);
      expect(heard[1]).toEqual({
        name: 'guest.upgraded',
        payload: { userId: guest.userId },
        wasCommitted: true,
      });
      expect(heard).toHaveLength(2);
    },
  );

  it('guest.upgraded goes out for nobody who signs up or in without a guest', async () => {
    const account = await newAccount(host);
    await account.client.post('/auth/sign-up/email', { email: newEmail(), password });
    await newGuest(host);
    await everythingHeard(1);
    expect(heard.map(({ name }) => name)).toEqual(['guest.issued']);
  });

  it('guest.upgraded does not go out when the address is taken', async () => {
    const { email } = await newAccount(host);
    const guest = await newGuest(host);
    expect(await guest.client.post(upgrade, { email, password })).toMatchObject(
      refusal(409, 'EMAIL_TAKEN'),
    );
    await newGuest(host);
    await everythingHeard(2);
    expect(heard.map(({ name }) => name)).toEqual(['guest.issued', 'guest.issued']);
  });

  it('neither goes out when the database refuses at COMMIT', async () => {
    const guest = await newGuest(host);
    await host.sql(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'refused at commit'; END $$`);
    await host.sql(`CREATE CONSTRAINT TRIGGER refuse AFTER INSERT OR UPDATE ON users
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()`);
    const answers = [
      await guest.client.post(upgrade, { email: newEmail(), password }),
      await host.browser().post('/auth/anonymous'),
    ];
    await host.sql('DROP FUNCTION refuse CASCADE');
    expect(answers.map(({ status }) => status)).toEqual([500, 500]);
    const { userId } = await newGuest(host);
    await eventually('the last guest is heard of', () =>
      heard.some(({ payload }) => (payload as { guestId?: string }).guestId === userId),
    );
    expect(heard.map(({ name }) => name)).toEqual(['guest.issued', 'guest.issued']);
    expect(await userExists(host, guest.userId)).toBe(true);
    expect(await guest.client.get('/access/guest')).toMatchObject({ status: 200 });
  });

  it.each([upgrade, '/auth/sign-up/email'])(
    'guest.upgraded goes out for the second try when the database has refused the first at %s',
    async (route) => {
      const guest = await guestWithNotes(host, 'mine');
      await everythingHeard(1);
      const body = { email: newEmail(), password };
      await host.sql(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'refused at insert'; END $$`);
      await host.sql(`CREATE TRIGGER refuse BEFORE INSERT ON identities
        FOR EACH ROW EXECUTE FUNCTION refuse()`);
      const refused = await guest.client.post(route, body);
      await host.sql('DROP FUNCTION refuse CASCADE');
      expect(refused.status).toBe(500);
      expect(refused.headers.getSetCookie()).toEqual([]);
      expect(await guest.client.get('/access/guest')).toMatchObject({ status: 200 });
      expect(await notesOf(host, guest.userId)).toEqual(['mine']);
      expect(await host.sql('SELECT 1 FROM users WHERE email = $1', [body.email])).toEqual([]);
      expect(await guest.client.post(route, body)).toMatchObject({
        status: 200,
        body: { user: { id: guest.userId, email: body.email, isAnonymous: false } },
      });
      expect(await notesOf(host, guest.userId)).toEqual(['mine']);
      await everythingHeard(2);
      expect(heard.map(({ name }) => name)).toEqual(['guest.issued', 'guest.upgraded']);
    },
  );

  it('leave a clean database behind', () => expectCleanDatabase(host.databaseUrl));
});
