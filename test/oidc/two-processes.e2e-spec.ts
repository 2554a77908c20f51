import { join } from 'node:path';
import { meetingAt } from '../support/held-table.js';
import type { HttpClient } from '../support/http-client.js';
import { addNotes, NO_RETRY, notesOf } from '../support/links.js';
import { killRaceProcesses, RaceProcess } from '../support/race-process.js';
import { closeRawConnections } from '../support/raw-connection.js';
import { closeApps, startApp } from '../support/running-apps.js';
import { StubIdp, stopIdps } from '../support/stub-idp.js';
import type { TestApp } from '../support/test-app.js';
import { comeBack, ledTo, newPerson, setOut, providersOf, whoIs } from '../support/visits.js';

/** The other process compiles the whole app, on a machine that may be busy with other tests. */
jest.setTimeout(90_000);

describe('callbacks on two processes, this one and another', () => {
  let idp: StubIdp;
  let host: TestApp;
  let other: RaceProcess;
  beforeAll(async () => {
    idp = await StubIdp.start();
    const provider = idp.provider({ trustEmail: true });
    host = await startApp({ options: { linking: NO_RETRY, providers: [provider] } });
    other = await RaceProcess.start(join(import.meta.dirname, 'provider-instance.ts'), {
      DATABASE_URL: host.databaseUrl,
      PROVIDER: JSON.stringify(provider),
    });
  });
  afterEach(closeRawConnections);
  afterAll(killRaceProcesses);
  afterAll(closeApps);
  afterAll(stopIdps);

  /** The same browser at the other process. */
  function across(browser: HttpClient): HttpClient {
    const there = other.browser();
    browser.cookies.copyTo(there.cookies);
    return there;
  }

  async function accounts(): Promise<number> {
    return (await host.sql('SELECT 1 FROM users WHERE NOT is_anonymous')).length;
  }

  it.each([
    ['with an address', 'users', true],
    ['without one', 'identities', false],
  ] as const)(
    'make one account of one new person %s who comes to both at once',
    async (_, table, isVerified) => {
      const person = newPerson({ email_verified: isVerified });
      const people = [host.browser(), other.browser()];
      const before = await accounts();
      const callbacks = await Promise.all(
        people.map(async (browser) => idp.approve(await setOut(browser), person)),
      );
      const answers = await meetingAt(table, host.databaseUrl, () =>
        people.map((browser, n) => comeBack(browser, callbacks[n]!)),
      );
      const signedIn = { status: 302, to: '/' };
      expect(answers.map(ledTo)).toEqual([signedIn, signedIn]);
      const [one, another] = await Promise.all(people.map(whoIs));
      expect(one.id).toBe(another.id);
      const holders = 'SELECT user_id FROM identities WHERE subject = $1';
      expect(await host.sql(holders, [person.sub])).toEqual([{ user_id: one.id }]);
      expect(await accounts()).toBe(before + 1);
    },
  );

  it('take a state once when it comes to both at once', async () => {
    const person = newPerson();
    const browser = host.browser();
    const callback = idp.approve(await setOut(browser, { errorCallbackURL: '/oops' }), person);
    const jars = [browser, across(browser)];
    const answers = await Promise.all(jars.map((jar) => comeBack(jar, callback)));
    expect(answers.map((answer) => String(ledTo(answer).to)).toSorted()).toEqual([
      '/',
      '/oops?error=INVALID_OR_EXPIRED',
    ]);
    const people = (await Promise.all(jars.map(whoIs))).filter((user) => user !== null);
    expect(people).toHaveLength(1);
    expect(await providersOf(host, people[0].id)).toEqual(['email', 'idp']);
  });

  it('bring a guest along that set out at one and comes back at the other', async () => {
    const browser = host.browser();
    await addNotes(browser, 'mine');
    const { id } = await whoIs(browser);
    const callback = idp.approve(await setOut(browser), newPerson());
    const there = across(browser);
    expect(ledTo(await comeBack(there, callback))).toEqual({ status: 302, to: '/' });
    expect(await whoIs(there)).toMatchObject({ id, isAnonymous: false });
    expect(await notesOf(host, id)).toEqual(['mine']);
  });
});
