import { randomUUID } from 'node:crypto';
import { expectCleanDatabase } from '../support/checker.js';
import { refusal, rowCounts } from '../support/expectations.js';
import { guestWithNotes, notesOf } from '../support/links.js';
import { bearer, newAccount, newGuest } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

const password = 'correct horse battery';
const newEmail = () => `${randomUUID()}@example.com`;
const upgrade = '/auth/anonymous/upgrade';

describe('what an upgrade refuses', () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp();
  });
  afterAll(() => host.close());

  it('refuses nobody with 401', async () => {
    const before = await rowCounts(host);
    for (const client of [host.browser(), bearer(host, 'not.a.token')]) {
      expect(await client.post(upgrade, { email: newEmail(), password })).toMatchObject(
        refusal(401, 'UNAUTHORIZED'),
      );
    }
    expect(await rowCounts(host)).toEqual(before);
  });

  it('refuses an account with NOT_ANONYMOUS, and again after its own upgrade', async () => {
    const account = await newAccount(host);
    const guest = await newGuest(host);
    const body = { email: newEmail(), password };
    expect(await guest.client.post(upgrade, body)).toMatchObject({ status: 200 });
    const before = await host.sql('SELECT * FROM users ORDER BY id');
    for (const { client } of [account, guest]) {
      expect(await client.post(upgrade, { email: newEmail(), password })).toMatchObject(
        refusal(400, 'NOT_ANONYMOUS'),
      );
    }
    expect(await host.sql('SELECT * FROM users ORDER BY id')).toEqual(before);
  });

  it('refuses a guest that is gone with 401', async () => {
    const guest = await newGuest(host);
    expect(await guest.client.delete('/auth/anonymous')).toMatchObject({ status: 200 });
    const answer = await bearer(host, guest.token).post(upgrade, { email: newEmail(), password });
    expect(answer).toMatchObject(refusal(401, 'UNAUTHORIZED'));
  });

  it('refuses the address of an account in any case and leaves the guest as it was', async () => {
    const { email } = await newAccount(host);
    const guest = await guestWithNotes(host, 'mine');
    for (const taken of [email, email.toUpperCase()]) {
      const answer = await guest.client.post(upgrade, { email: taken, password });
      expect(answer).toMatchObject(refusal(409, 'EMAIL_TAKEN'));
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
    expect(await guest.client.get('/access/guest')).toMatchObject({ status: 200 });
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
    const again = await guest.client.post(upgrade, { email: newEmail(), password });
    expect(again).toMatchObject({ status: 200, body: { user: { id: guest.userId } } });
  });

  it.each([
    { isAnonymous: false },
    { isAnonymous: true },
    { id: '00000000-0000-7000-8000-000000000000' },
    { userId: '00000000-0000-7000-8000-000000000000' },
    { guestId: '00000000-0000-7000-8000-000000000000' },
    { emailVerified: true },
    { epoch: 7 },
    { role: 'admin' },
  ])('refuses %j in the body and changes nothing', async (extra) => {
    const guest = await newGuest(host);
    const answer = await guest.client.post(upgrade, { email: newEmail(), password, ...extra });
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'VALIDATION_FAILED', errors: [{ field: Object.keys(extra)[0] }] },
    });
    const rows = await host.sql('SELECT is_anonymous, epoch FROM users WHERE id = $1', [
      guest.userId,
    ]);
    expect(rows).toEqual([{ is_anonymous: true, epoch: 0 }]);
  });

  it('refuses a request from another origin, whatever its cookie is worth', async () => {
    const guest = await newGuest(host);
    const answer = await guest.client.post(
      upgrade,
      { email: newEmail(), password },
      { headers: { origin: 'https://evil.example' } },
    );
    expect(answer).toMatchObject(refusal(403, 'INVALID_ORIGIN'));
    expect(await guest.client.get('/access/guest')).toMatchObject({ status: 200 });
  });

  it('leaves a clean database behind', () => expectCleanDatabase(host.databaseUrl));
});

describe('guest.allowUpgrade: false', () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ options: { guest: { allowUpgrade: false } } });
  });
  afterAll(() => host.close());

  it.each([upgrade, '/auth/sign-up/email'])('refuses a guest at %s and keeps it', async (route) => {
    const guest = await guestWithNotes(host, 'mine');
    const before = await rowCounts(host);
    const answer = await guest.client.post(route, { email: newEmail(), password });
    expect(answer).toMatchObject(refusal(403, 'UPGRADE_DISABLED'));
    expect(await rowCounts(host)).toEqual(before);
    expect(await guest.client.get('/access/guest')).toMatchObject({ status: 200 });
  });

  it('still lets nobody sign up and a guest sign in', async () => {
    const account = await newAccount(host);
    const guest = await guestWithNotes(host, 'mine');
    const answer = await guest.client.post('/auth/sign-in/email', {
      email: account.email,
      password: account.password,
    });
    expect(answer).toMatchObject({ status: 200, body: { link: { status: 'merged' } } });
    expect(await notesOf(host, account.userId)).toEqual(['mine']);
  });

  it('leaves no trace of what it refused', () => expectCleanDatabase(host.databaseUrl));
});
