import { expectCleanDatabase } from '../support/checker.js';
import { refusal } from '../support/expectations.js';
import {
  creditsOf,
  giveWallet,
  guestWithNotes,
  ledgerOf,
  NO_RETRY,
  notesOf,
  signIn,
  userExists,
  WalletMergeHandler,
} from '../support/links.js';
import { bearer, newAccount, newGuest } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

describe('sign-ins that share one guest cookie', () => {
  let host: TestApp;
  let second: TestApp;
  beforeAll(async () => {
    const settings = { options: { linking: NO_RETRY }, providers: [WalletMergeHandler] };
    host = await createTestApp(settings);
    second = await createTestApp({ ...settings, databaseUrl: host.databaseUrl });
  });
  afterAll(async () => {
    await second.close();
    await host.close();
  });

  it.each([
    ['one instance', () => [host, host, host]],
    ['two instances', () => [host, second, host]],
  ])('merge once, however many there are, on %s', async (_where, instances) => {
    for (let round = 0; round < 8; round += 1) {
      const account = await newAccount(host);
      const guest = await guestWithNotes(host, 'mine');
      await giveWallet(host, account.userId, 50);
      await giveWallet(host, guest.userId, 100);
      const answers = await Promise.all(
        instances().map((instance) => signIn({ client: bearer(instance, guest.token) }, account)),
      );
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
      expect(new Set(answers.map(({ body }) => body.link.id)).size).toBe(1);
      expect(answers.map(({ body }) => body.link.status)).toEqual(['merged', 'merged', 'merged']);
      for (const { body } of answers) {
        const client = bearer(second, body.token);
        expect(await client.get('/access/account')).toMatchObject({
          status: 200,
          body: { userId: account.userId },
        });
      }
      expect(await creditsOf(host, account.userId)).toEqual([150]);
      expect(await notesOf(host, account.userId)).toEqual(['mine']);
      expect(await ledgerOf(host, guest.userId)).toMatchObject([{ status: 'merged' }]);
    }
  });

  it('leave a clean database behind', () => expectCleanDatabase(host.databaseUrl));
});

describe('session.cacheFor', () => {
  let host: TestApp;
  let second: TestApp;
  beforeAll(async () => {
    const options = { session: { cacheFor: '30s' as const }, linking: NO_RETRY };
    host = await createTestApp({ options });
    second = await createTestApp({ options, databaseUrl: host.databaseUrl });
  });
  afterAll(async () => {
    await second.close();
    await host.close();
  });

  it('does not keep the token of a merged guest alive for a single request', async () => {
    const [account, guest] = [await newAccount(host), await newGuest(host)];
    const old = bearer(host, guest.token);
    expect(await old.get('/access/session')).toMatchObject({ status: 200 });
    expect(await signIn(guest, account)).toMatchObject({ body: { link: { status: 'merged' } } });
    expect(await old.get('/access/session')).toMatchObject(refusal(401, 'UNAUTHORIZED'));
    expect(await old.post('/access/write')).toMatchObject(refusal(401, 'UNAUTHORIZED'));
    expect(await userExists(host, guest.userId)).toBe(false);
  });

  it('lets a merged guest write nothing on an instance that has cached it', async () => {
    const [account, guest] = [await newAccount(host), await newGuest(host)];
    const old = bearer(second, guest.token);
    expect(await old.get('/access/session')).toMatchObject({ status: 200 });
    second.statements.length = 0;
    expect(await old.get('/access/session')).toMatchObject({ status: 200 });
    expect(second.statements).toEqual([]);
    expect(await signIn(guest, account)).toMatchObject({ body: { link: { status: 'merged' } } });
    expect(await old.post('/access/write')).toMatchObject(refusal(401, 'UNAUTHORIZED'));
  });

  it('does not keep the token of an upgraded guest alive for a single request', async () => {
    const guest = await newGuest(host);
    const old = bearer(host, guest.token);
    expect(await old.get('/access/session')).toMatchObject({ status: 200 });
    const body = { email: 'cached@example.com', password: 'correct horse battery' };
    expect(await guest.client.post('/auth/anonymous/upgrade', body)).toMatchObject({ status: 200 });
    expect(await old.get('/access/session')).toMatchObject(refusal(401, 'UNAUTHORIZED'));
  });

  it('spares a reading request its statement, but no writing one', async () => {
    const guest = await newGuest(host);
    await guest.client.get('/access/session');
    host.statements.length = 0;
    expect(await guest.client.get('/access/session')).toMatchObject({ status: 200 });
    expect(host.statements).toEqual([]);
    expect(await guest.client.post('/access/write')).toMatchObject({ status: 201 });
    expect(host.statements).toHaveLength(1);
  });

  it('leaves a public route without any statement', async () => {
    const guest = await newGuest(host);
    host.statements.length = 0;
    expect(await guest.client.get('/access/public')).toMatchObject({ body: { user: null } });
    expect(host.statements).toEqual([]);
  });

  it('leaves only clean rows behind', () => expectCleanDatabase(host.databaseUrl));
});

describe('asking for a guest again', () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp();
  });
  afterAll(() => host.close());

  it('never deletes or links the guest that is there', async () => {
    const guest = await guestWithNotes(host, 'mine');
    for (let time = 0; time < 3; time += 1) {
      const answer = await guest.client.post('/auth/anonymous');
      expect(answer).toMatchObject({ status: 200, body: { user: { id: guest.userId } } });
    }
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
    expect(await ledgerOf(host, guest.userId)).toEqual([]);
    await expectCleanDatabase(host.databaseUrl);
  });
});
