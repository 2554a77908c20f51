import { randomUUID } from 'node:crypto';
import { expectCleanDatabase } from '../support/checker.js';
import { refusal } from '../support/expectations.js';
import { Note } from '../support/host.js';
import {
  creditsOf,
  handlerOf,
  ledgerOf,
  moveNotes,
  NO_RETRY,
  notesOf,
  reconcile,
  signIn,
  userExists,
} from '../support/links.js';
import { guestWithAWallet, type Merge, misbehaviours } from '../support/misbehaviours.js';
import { bearer } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

describe('a merge handler that misbehaves', () => {
  let host: TestApp;
  let merge: Merge;
  const ScriptedHandler = handlerOf(Note, (context) => merge(context, host));
  beforeAll(async () => {
    host = await createTestApp({ options: { linking: NO_RETRY }, providers: [ScriptedHandler] });
  });
  afterAll(() => host.close());

  it.each(Object.keys(misbehaviours))(
    'that %s costs nobody a row or a sign-in, and is retried',
    async (kind) => {
      const { account, guest } = await guestWithAWallet(host);
      merge = misbehaviours[kind]!;
      const { status, body } = await signIn(guest, account);
      expect({ status, link: body.link }).toEqual({
        status: 200,
        link: { id: expect.any(String), status: 'pending', policy: 'merge', receipt: null },
      });
      expect(await notesOf(host, guest.userId)).toEqual(['one', 'two']);
      expect(await creditsOf(host, guest.userId)).toEqual([100]);
      expect(await notesOf(host, account.userId)).toEqual(['hers']);
      expect(await ledgerOf(host, guest.userId)).toMatchObject([
        { id: body.link.id, status: 'pending', attempts: 1, error: expect.stringMatching(/./) },
      ]);
      merge = moveNotes;
      await reconcile(host);
      expect(await ledgerOf(host, guest.userId)).toMatchObject([
        { id: body.link.id, status: 'merged', error: null },
      ]);
      expect(await notesOf(host, account.userId)).toEqual(['hers', 'one', 'two']);
      expect(await userExists(host, guest.userId)).toBe(false);
    },
  );

  it('leaves the account signed in and the guest token dead while the link is pending', async () => {
    const { account, guest } = await guestWithAWallet(host);
    merge = misbehaviours['throws at once']!;
    const first = await signIn(guest, account);
    expect(await guest.client.get('/access/account')).toMatchObject({
      status: 200,
      body: { userId: account.userId },
    });
    expect((await guest.client.get('/notes')).body).toMatchObject([{ text: 'hers' }]);
    expect(await bearer(host, guest.token).get('/access/session')).toMatchObject(
      refusal(401, 'UNAUTHORIZED'),
    );
    const again = await signIn({ client: bearer(host, guest.token) }, account);
    expect(again).toMatchObject({ status: 200, body: { link: { id: first.body.link.id } } });
    expect(await userExists(host, guest.userId)).toBe(true);
    merge = moveNotes;
    await reconcile(host);
  });

  it('may fail inside a transaction of its own on the manager, which undoes only that', async () => {
    const { account, guest } = await guestWithAWallet(host);
    merge = async (context) => {
      await moveNotes(context);
      await context.manager
        .transaction((nested) => nested.query('SELECT * FROM no_such_table'))
        .catch(() => undefined);
    };
    expect(await signIn(guest, account)).toMatchObject({ body: { link: { status: 'merged' } } });
    expect(await notesOf(host, account.userId)).toEqual(['hers', 'one', 'two']);
  });

  it.each(['/auth/anonymous/upgrade', '/auth/sign-up/email'])(
    'is not met by a guest that signs up at %s',
    async (route) => {
      const { guest } = await guestWithAWallet(host);
      let calls = 0;
      merge = () => {
        calls += 1;
        throw new Error('out of luck');
      };
      const answer = await guest.client.post(route, {
        email: `${randomUUID()}@example.com`,
        password: 'correct horse battery',
      });
      expect(answer).toMatchObject({
        status: 200,
        body: { user: { id: guest.userId, isAnonymous: false } },
      });
      expect(calls).toBe(0);
      expect(await ledgerOf(host, guest.userId)).toEqual([]);
      expect(await notesOf(host, guest.userId)).toEqual(['one', 'two']);
      expect(await creditsOf(host, guest.userId)).toEqual([100]);
    },
  );

  it('leaves a clean database behind', () => expectCleanDatabase(host.databaseUrl));
});
