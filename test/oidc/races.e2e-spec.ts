import { meetingAt } from '../support/held-table.js';
import { guestWithNotes, NO_RETRY, notesOf } from '../support/links.js';
import { newAccount } from '../support/people.js';
import { closeRawConnections, RawConnection } from '../support/raw-connection.js';
import { closeApps, startApp, startBeside } from '../support/running-apps.js';
import { StubIdp, stopIdps } from '../support/stub-idp.js';
import type { TestApp } from '../support/test-app.js';
import {
  comeBack,
  ledTo,
  newPerson,
  setOut,
  setOutToLink,
  providersOf,
  whoIs,
} from '../support/visits.js';

afterEach(closeRawConnections);
afterAll(closeApps);
afterAll(stopIdps);

describe('people who arrive from a provider at once', () => {
  let idp: StubIdp;
  let first: TestApp;
  let second: TestApp;
  beforeAll(async () => {
    idp = await StubIdp.start();
    const providers = [idp.provider({ trustEmail: true })];
    first = await startApp({ options: { linking: NO_RETRY, providers } });
    second = await startBeside(first, { options: { linking: NO_RETRY, providers } });
  });

  it.each([
    ['has an address', 'users', true],
    ['has no address', 'identities', false],
  ] as const)(
    'are one account when they are one new person who %s',
    async (_, table, isVerified) => {
      const person = newPerson({ email_verified: isVerified });
      const browsers = [first.browser(), second.browser()];
      const callbacks = await Promise.all(
        browsers.map(async (browser) => idp.approve(await setOut(browser), person)),
      );
      const answers = await meetingAt(table, first.databaseUrl, () =>
        browsers.map((browser, n) => comeBack(browser, callbacks[n]!)),
      );
      expect(answers.map(ledTo)).toEqual([
        { status: 302, to: '/' },
        { status: 302, to: '/' },
      ]);
      const [one, another] = await Promise.all(browsers.map(whoIs));
      expect(one.id).toBe(another.id);
      const rows = await first.sql('SELECT 1 FROM identities WHERE subject = $1', [person.sub]);
      expect(rows).toHaveLength(1);
    },
  );

  it('lose nothing as guests: one becomes the account, the other is merged into it', async () => {
    const person = newPerson();
    const guests = [await guestWithNotes(first, 'a'), await guestWithNotes(second, 'b')];
    const callbacks = await Promise.all(
      guests.map(async ({ client }) => idp.approve(await setOut(client), person)),
    );
    await meetingAt('users', first.databaseUrl, () =>
      guests.map(({ client }, n) => comeBack(client, callbacks[n]!)),
    );
    const [one, another] = await Promise.all(guests.map(({ client }) => whoIs(client)));
    expect(one.id).toBe(another.id);
    expect(guests.map(({ userId }) => userId)).toContain(one.id);
    expect(await notesOf(first, one.id)).toEqual(['a', 'b']);
  });

  it('are one account when one guest comes back twice', async () => {
    const person = newPerson();
    const guest = await guestWithNotes(first, 'mine');
    const callbacks = [
      idp.approve(await setOut(guest.client), person),
      idp.approve(await setOut(guest.client), person),
    ];
    const jars = callbacks.map(() => {
      const browser = first.browser();
      guest.client.cookies.copyTo(browser.cookies);
      return browser;
    });
    await Promise.all(jars.map((browser, n) => comeBack(browser, callbacks[n]!)));
    for (const browser of jars) expect(await whoIs(browser)).toMatchObject({ id: guest.userId });
    expect(await notesOf(first, guest.userId)).toEqual(['mine']);
  });

  it('end up in the account that takes their address meanwhile', async () => {
    const person = newPerson();
    const browser = first.browser();
    const callback = idp.approve(await setOut(browser), person);
    const lock = await RawConnection.open(first.databaseUrl);
    await lock.query('BEGIN');
    await lock.query('LOCK TABLE users IN SHARE MODE');
    const answer = comeBack(browser, callback);
    await lock.blocks();
    const [squatter] = await lock.query<{ id: string }>(
      'INSERT INTO users (id, email) VALUES (gen_random_uuid(), $1) RETURNING id',
      [person.email],
    );
    await lock.query(
      `INSERT INTO identities (id, user_id, provider, issuer, subject, secret_hash)
       VALUES (gen_random_uuid(), $1, 'password', 'local', $2, 'a hash')`,
      [squatter!.id, squatter!.id],
    );
    await lock.query('COMMIT');
    await lock.close();
    expect(ledTo(await answer)).toEqual({ status: 302, to: '/' });
    expect(await whoIs(browser)).toMatchObject({ id: squatter!.id, emailVerified: true });
    expect(await providersOf(first, squatter!.id)).toEqual(['email', 'idp']);
  });

  it('get the identity once when it is linked and signed in with at once', async () => {
    const person = newPerson();
    const account = await newAccount(first);
    const link = idp.approve(
      await setOutToLink(account.client, { errorCallbackURL: '/oops' }),
      person,
    );
    const browser = second.browser();
    const signIn = idp.approve(await setOut(browser), person);
    const [linked] = await meetingAt('identities', first.databaseUrl, () => [
      comeBack(account.client, link),
      comeBack(browser, signIn),
    ]);
    const user = await whoIs(browser);
    const isLinked = ledTo(linked!).to === '/';
    expect(user.id === account.userId).toBe(isLinked);
    const rows = await first.sql('SELECT user_id FROM identities WHERE subject = $1', [person.sub]);
    expect(rows).toEqual([{ user_id: user.id }]);
  });
});
