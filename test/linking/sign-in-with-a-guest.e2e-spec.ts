import { expectCleanDatabase } from '../support/checker.js';
import { Note } from '../support/host.js';
import { refusal, rowCounts } from '../support/expectations.js';
import {
  addNotes,
  giveWallet,
  guestWithNotes,
  handlerOf,
  ledgerOf,
  moveNotes,
  NO_RETRY,
  notesOf,
  signIn,
  userExists,
} from '../support/links.js';
import { bearer, newAccount, newGuest } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

const calls: { guest: string; account: string }[] = [];
const RecordingHandler = handlerOf(Note, (context) => {
  calls.push({ guest: context.guest.id, account: context.account.id });
  return moveNotes(context);
});

describe.each(['express', 'fastify'] as const)(
  'signing in with a guest session on %s',
  (adapter) => {
    let host: TestApp;
    beforeAll(async () => {
      host = await createTestApp({
        adapter,
        options: { linking: NO_RETRY },
        providers: [RecordingHandler],
      });
    });
    beforeEach(() => void calls.splice(0));
    afterAll(() => host.close());

    it('runs each handler once, with the guest and the account', async () => {
      const account = await newAccount(host);
      const guest = await guestWithNotes(host, 'mine');
      expect(calls).toEqual([]);
      expect(await signIn(guest, account)).toMatchObject({
        status: 200,
        body: { user: { id: account.userId }, link: { status: 'merged' } },
      });
      expect(calls).toEqual([{ guest: guest.userId, account: account.userId }]);
    });

    it('moves what the guest owns, removes the guest, and says so in answer and ledger', async () => {
      const account = await newAccount(host);
      await addNotes(account.client, 'hers');
      const guest = await guestWithNotes(host, 'one', 'two');
      await giveWallet(host, guest.userId, 5);
      const { body } = await signIn(guest, account);
      const tables = {
        note: { moved: 2, folded: 0, dropped: 0 },
        wallet: { moved: 1, folded: 0, dropped: 0 },
      };
      const receipt = { tables, mergedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) };
      expect(body.link).toEqual({
        id: expect.any(String),
        status: 'merged',
        policy: 'merge',
        receipt,
      });
      expect(await notesOf(host, account.userId)).toEqual(['hers', 'one', 'two']);
      expect(await userExists(host, guest.userId)).toBe(false);
      const ledger = { id: body.link.id, account_id: account.userId, status: 'merged', receipt };
      expect(await ledgerOf(host, guest.userId)).toMatchObject([{ ...ledger, error: null }]);
    });

    it('merges a guest that owns nothing, with an empty receipt', async () => {
      const [account, guest] = [await newAccount(host), await newGuest(host)];
      const { status, body } = await signIn(guest, account);
      expect({ status, link: body.link }).toMatchObject({
        status: 200,
        link: { status: 'merged', receipt: { tables: {} } },
      });
      expect(body.link.receipt.tables).toEqual({});
      expect(await userExists(host, guest.userId)).toBe(false);
    });

    it('links a guest that shows its token as a bearer', async () => {
      const [account, guest] = [await newAccount(host), await guestWithNotes(host, 'mine')];
      const answer = await signIn({ client: bearer(host, guest.token) }, account);
      expect(answer).toMatchObject({ status: 200, body: { link: { status: 'merged' } } });
      expect(await notesOf(host, account.userId)).toEqual(['mine']);
    });

    it('kills the token of the guest at once, in cookies and bearers', async () => {
      const [account, guest] = [await newAccount(host), await guestWithNotes(host, 'mine')];
      const copy = host.browser();
      guest.client.cookies.copyTo(copy.cookies);
      await signIn(guest, account);
      for (const thief of [copy, bearer(host, guest.token)]) {
        expect(await thief.get('/access/session')).toMatchObject(refusal(401, 'UNAUTHORIZED'));
        expect((await thief.get('/auth/get-session')).text).toBe('null');
      }
      expect(await guest.client.get('/access/account')).toMatchObject({
        status: 200,
        body: { userId: account.userId },
      });
    });

    it('answers the same link again to the same guest and account, and merges nothing twice', async () => {
      const [account, guest] = [await newAccount(host), await guestWithNotes(host, 'mine')];
      const old = () => bearer(host, guest.token);
      const first = await signIn(guest, account);
      const again = await signIn({ client: old() }, account);
      expect(again.status).toBe(200);
      expect(again.body.link).toEqual(first.body.link);
      expect(calls).toHaveLength(1);
      expect(await notesOf(host, account.userId)).toEqual(['mine']);
      expect(await ledgerOf(host, guest.userId)).toHaveLength(1);
    });

    it('answers link null to a second account, and moves nothing to it', async () => {
      const [first, second] = [await newAccount(host), await newAccount(host)];
      const guest = await guestWithNotes(host, 'mine');
      await signIn(guest, first);
      const answer = await signIn({ client: bearer(host, guest.token) }, second);
      expect(answer).toMatchObject({ status: 200, body: { user: { id: second.userId } } });
      expect(answer.body.link).toBeNull();
      expect(await notesOf(host, first.userId)).toEqual(['mine']);
      expect(await notesOf(host, second.userId)).toEqual([]);
      expect(await ledgerOf(host, guest.userId)).toMatchObject([{ account_id: first.userId }]);
    });

    it('answers link null for a guest that is gone', async () => {
      const [account, guest] = [await newAccount(host), await newGuest(host)];
      await bearer(host, guest.token).delete('/auth/anonymous');
      const answer = await signIn(guest, account);
      expect({ status: answer.status, link: answer.body.link }).toEqual({
        status: 200,
        link: null,
      });
      expect(await ledgerOf(host, guest.userId)).toEqual([]);
    });

    it('ignores a guest whose credential died with a sign-out', async () => {
      const [account, guest] = [await newAccount(host), await guestWithNotes(host, 'mine')];
      const token = bearer(host, guest.token);
      await guest.client.post('/auth/sign-out');
      const answer = await signIn({ client: token }, account);
      expect({ status: answer.status, link: answer.body.link }).toEqual({
        status: 200,
        link: null,
      });
      expect(await notesOf(host, guest.userId)).toEqual(['mine']);
    });

    it.each(['guestId', 'anonymousUserId', 'guest', 'linkId'])(
      'lets no field of the body name the guest: %s is refused',
      async (field) => {
        const [account, victim] = [await newAccount(host), await guestWithNotes(host, 'mine')];
        const { email, password } = account;
        const body = { email, password, [field]: victim.userId };
        const answer = await host.browser().post('/auth/sign-in/email', body);
        expect(answer).toMatchObject(refusal(400, 'VALIDATION_FAILED'));
        expect(await notesOf(host, victim.userId)).toEqual(['mine']);
        expect(await victim.client.get('/access/guest')).toMatchObject({ status: 200 });
      },
    );

    it('lets neither query nor header name the guest', async () => {
      const [account, victim] = [await newAccount(host), await guestWithNotes(host, 'mine')];
      const { userId } = victim;
      const headers = { 'x-user-id': userId, 'x-guest-id': userId, 'x-anonymous-user-id': userId };
      const query = `guestId=${userId}&anonymousUserId=${userId}&userId=${userId}`;
      const { email, password } = account;
      const { status, body } = await host
        .browser()
        .post(`/auth/sign-in/email?${query}`, { email, password }, { headers });
      expect({ status, link: body.link }).toEqual({ status: 200, link: null });
      expect(await notesOf(host, userId)).toEqual(['mine']);
      expect(await notesOf(host, account.userId)).toEqual([]);
      expect(await victim.client.get('/access/guest')).toMatchObject({ status: 200 });
    });

    it('refuses a sign-in that another site sends, and links nothing', async () => {
      const [account, guest] = [await newAccount(host), await guestWithNotes(host, 'mine')];
      const { email, password } = account;
      const before = await rowCounts(host);
      const answer = await guest.client.post(
        '/auth/sign-in/email',
        { email, password },
        { headers: { origin: 'https://evil.example' } },
      );
      expect(answer).toMatchObject(refusal(403, 'INVALID_ORIGIN'));
      expect(await rowCounts(host)).toEqual(before);
      expect(await guest.client.get('/access/guest')).toMatchObject({ status: 200 });
    });

    it('takes at most twelve statements, and three for each owned table', async () => {
      const [account, guest] = [await newAccount(host), await guestWithNotes(host, 'mine')];
      await giveWallet(host, account.userId, 1);
      host.statements.length = 0;
      const answer = await signIn(guest, account);
      await expectCleanDatabase(host.databaseUrl);
      const statements = [...host.statements];
      expect(answer.body.link.status).toBe('merged');
      const ownedTables = 2;
      expect(statements.length).toBeLessThanOrEqual(12 + 3 * ownedTables);
    });

    it('leaves a clean database behind', () => expectCleanDatabase(host.databaseUrl));
  },
);
