import argon2 from 'argon2';
import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Barrier } from '../support/barrier.js';
import { expectCleanDatabase } from '../support/checker.js';
import { refusal, rowCounts } from '../support/expectations.js';
import { guestWithNotes, ledgerOf, notesOf, signIn } from '../support/links.js';
import { bearer, newAccount } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

/** One hash for each core runs; so many more wait. */
const LONGEST_QUEUE = 200;

describe('more passwords than can be hashed', () => {
  const barrier = new Barrier();
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ options: { password: {} } });
  });
  afterEach(() => {
    barrier.open();
    jest.restoreAllMocks();
  });
  afterAll(() => host.close());

  it('are answered 503, which costs a guest nothing, while those that wait get their answer', async () => {
    const { email } = await newAccount(host);
    const guest = await guestWithNotes(host, 'mine');
    const client = bearer(host, guest.token);
    const before = await rowCounts(host);
    jest.spyOn(argon2, 'verify').mockImplementation(async () => {
      await barrier.pass();
      return false;
    });
    const login = { email, password: 'not the password' };
    const tooMany = availableParallelism() + LONGEST_QUEUE + 1;
    const answers = Array.from({ length: tooMany }, () => signIn({ client }, login));
    // All others are held, so the first answer is that of the one that found the queue full.
    const refused = [await Promise.race(answers)];
    for (const route of ['/auth/anonymous/upgrade', '/auth/sign-up/email']) {
      const body = { email: `${randomUUID()}@example.com`, password: 'correct horse battery' };
      refused.push(await client.post(route, body));
    }
    for (const answer of refused) {
      expect(answer).toMatchObject(refusal(503, 'TEMPORARILY_UNAVAILABLE'));
      expect(answer.headers.getSetCookie()).toEqual([]);
      expect(answer.headers.get('set-auth-token')).toBeNull();
    }
    expect(await client.get('/access/guest')).toMatchObject({ status: 200 });
    barrier.open();
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 503)).toHaveLength(1);
    expect(statuses.filter((status) => status === 401)).toHaveLength(tooMany - 1);
    expect(await rowCounts(host)).toEqual(before);
    expect(await ledgerOf(host, guest.userId)).toEqual([]);
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
  });

  it('are no reason to refuse anybody afterwards', async () => {
    const account = await newAccount(host);
    expect(await signIn({ client: host.browser() }, account)).toMatchObject({ status: 200 });
  });

  it('leave a clean database behind', () => expectCleanDatabase(host.databaseUrl));
});
