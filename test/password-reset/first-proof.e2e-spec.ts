import { AuthenticationService } from '../../src/index.js';
import { expectCleanDatabase } from '../support/checker.js';
import { refusal } from '../support/expectations.js';
import { addNotes, NO_RETRY, notesOf, signIn } from '../support/links.js';
import { Mailbox } from '../support/mailbox.js';
import { bearer, newAccount, newGuest } from '../support/people.js';
import { askForReset, newPassword, reset } from '../support/resets.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

describe('a new password as the first proof of an address', () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ extras: { mailer: Mailbox }, options: { linking: NO_RETRY } });
  });
  afterEach(() => expectCleanDatabase(host.databaseUrl));
  afterAll(() => host.close());

  const waysIn = async (userId: string) => {
    const rows = await host.sql<{ provider: string }>(
      'SELECT provider FROM identities WHERE user_id = $1 ORDER BY provider',
      [userId],
    );
    return rows.map(({ provider }) => provider);
  };
  const isVerified = async (userId: string) =>
    (await host.sql('SELECT email_verified FROM users WHERE id = $1', [userId]))[0];

  /** An account that somebody registered with the address of another, and with more than one way in. */
  async function squatted(email: string) {
    const squatter = await newAccount(host, { email, password: 'of the squatter' });
    await addNotes(squatter.client, 'left behind');
    await host.sql(
      `INSERT INTO identities (id, user_id, provider, issuer, subject)
       VALUES (gen_random_uuid(), $1, 'sso', 'https://sso.example', $2)`,
      [squatter.userId, email],
    );
    return squatter;
  }

  it('takes every way in that is older, and keeps the row', async () => {
    const email = 'first@example.com';
    const squatter = await squatted(email);
    const token = await askForReset(host, host.browser(), email);
    expect(await reset(host.browser(), token)).toMatchObject({ status: 200 });
    expect(await waysIn(squatter.userId)).toEqual(['email', 'password']);
    expect(await isVerified(squatter.userId)).toEqual({ email_verified: true });
    expect(await bearer(host, squatter.token).post('/access/write')).toMatchObject(
      refusal(401, 'UNAUTHORIZED'),
    );
    expect(await signIn({ client: host.browser() }, squatter)).toMatchObject({ status: 401 });
    const { body } = await signIn({ client: host.browser() }, { email, password: newPassword });
    expect(body.user).toMatchObject({ id: squatter.userId, emailVerified: true });
    expect(await notesOf(host, squatter.userId)).toEqual(['left behind']);
  });

  it('takes it from a guest that upgraded, its tokens from before included', async () => {
    const email = 'upgraded@example.com';
    const guest = await newGuest(host);
    const { body } = await guest.client.post('/auth/anonymous/upgrade', {
      email,
      password: 'of the squatter',
    });
    const token = await askForReset(host, host.browser(), email);
    expect(await reset(host.browser(), token)).toMatchObject({ status: 200 });
    for (const old of [guest.token, body.token]) {
      expect(await bearer(host, old).get('/access/session')).toMatchObject({ status: 401 });
    }
  });

  it('leaves other ways in alone where the account’s own browser sets it', async () => {
    const email = 'own@example.com';
    const owner = await squatted(email);
    const token = await askForReset(host, owner.client, email);
    expect(await reset(owner.client, token)).toMatchObject({ status: 200 });
    expect(await waysIn(owner.userId)).toEqual(['email', 'password', 'sso']);
    // Signed out there too: whoever stole that session is out.
    expect(await owner.client.get('/access/session')).toMatchObject({ status: 401 });
  });

  it('takes nothing else of an account whose address was proven before', async () => {
    const { user } = await host.app.get(AuthenticationService).complete(
      {
        kind: 'new-identity',
        identity: {
          provider: 'sso',
          issuer: 'https://sso.example',
          subject: 'x',
          secretHash: null,
        },
        profile: { email: 'proven@example.com', emailVerified: true, name: null, image: null },
        upgradeOnly: false,
      },
      { caller: undefined, client: { ipAddress: null, userAgent: null } },
    );
    const token = await askForReset(host, host.browser(), 'proven@example.com');
    expect(await reset(host.browser(), token)).toMatchObject({ status: 200 });
    expect(await waysIn(user.id)).toEqual(['password', 'sso']);
  });
});
