import { randomUUID } from 'node:crypto';
import { refusal } from '../support/expectations.js';
import type { HttpClient } from '../support/http-client.js';
import { NO_RETRY } from '../support/links.js';
import {
  askForLink,
  askForVerification,
  Mailbox,
  mailedToken,
  redeem,
  verify,
} from '../support/mailbox.js';
import { type AccountHolder, anotherBrowser, newAccount } from '../support/people.js';
import { askForReset, reset } from '../support/resets.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

const makeEmail = () => `${randomUUID()}@example.com`;

describe('a change of address that waits', () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({
      extras: { mailer: Mailbox },
      options: { linking: NO_RETRY },
    });
  });
  afterAll(() => host.close());

  /** An account that has proven its address. */
  async function provenAccount(): Promise<AccountHolder> {
    const account = await newAccount(host);
    const token = await askForVerification(host, account.client, account.email);
    const { body } = await verify(account.client, token);
    return { ...account, token: body.token };
  }
  const change = (client: HttpClient, newEmail: string, more: object = {}) =>
    mailedToken(host, newEmail, 'verify-email', async () => {
      const { status, body } = await client.post('/auth/change-email', { newEmail, ...more });
      expect({ status, body }).toEqual({ status: 200, body: { status: true } });
    });
  const addressOf = async (userId: string) => {
    const [user] = await host.sql<{ email: string | null; email_verified: boolean }>(
      'SELECT email, email_verified FROM users WHERE id = $1',
      [userId],
    );
    const proofs = await host.sql<{ subject: string }>(
      "SELECT subject FROM identities WHERE user_id = $1 AND provider = 'email'",
      [userId],
    );
    return { ...user, proofs: proofs.map(({ subject }) => subject) };
  };

  it.each(['revoke-sessions', 'revoke-other-sessions'])(
    'is void once somebody has ended sessions by %s',
    async (route) => {
      const account = await provenAccount();
      const thief = await anotherBrowser(host, account);
      const token = await change(thief.client, makeEmail());
      expect((await account.client.post(`/auth/${route}`, {})).status).toBe(200);
      for (const client of [thief.client, account.client]) {
        expect(await verify(client, token)).toMatchObject(refusal(400, 'INVALID_OR_EXPIRED'));
      }
      expect((await addressOf(account.userId)).email).toBe(account.email);
    },
  );

  it('is void once somebody has ended the session that asked for it', async () => {
    const account = await provenAccount();
    const thief = await anotherBrowser(host, account);
    const token = await change(thief.client, makeEmail());
    const handle = (await thief.client.get('/auth/get-session')).body.session.token;
    await account.client.post('/auth/revoke-session', { token: handle });
    expect(await verify(thief.client, token)).toMatchObject(refusal(400, 'INVALID_OR_EXPIRED'));
  });

  it('is void once a new password has signed everybody out', async () => {
    const account = await provenAccount();
    const token = await change(account.client, makeEmail());
    const changed = await account.client.post('/auth/change-password', {
      currentPassword: account.password,
      newPassword: 'a better horse battery',
      revokeOtherSessions: true,
    });
    expect(changed.status).toBe(200);
    expect(await verify(account.client, token)).toMatchObject(refusal(400, 'INVALID_OR_EXPIRED'));
    expect((await addressOf(account.userId)).email).toBe(account.email);
  });

  it('is void once the password was reset by mail', async () => {
    const account = await provenAccount();
    const thief = await anotherBrowser(host, account);
    const token = await change(thief.client, makeEmail());
    const owner = host.browser();
    expect((await reset(owner, await askForReset(host, owner, account.email))).status).toBe(200);
    for (const client of [thief.client, owner]) {
      expect(await verify(client, token)).toMatchObject(refusal(400, 'INVALID_OR_EXPIRED'));
    }
    expect((await addressOf(account.userId)).email).toBe(account.email);
  });

  it('ends with the next one, and with what comes of it', async () => {
    const { client, userId } = await provenAccount();
    const [first, second] = [makeEmail(), makeEmail()];
    const old = await change(client, first);
    const token = await change(client, second);
    expect(await verify(client, old)).toMatchObject(refusal(400, 'INVALID_OR_EXPIRED'));
    const magicLink = await askForLink(host, client, (await addressOf(userId)).email!);
    expect((await verify(client, token)).status).toBe(200);
    expect(await verify(client, token)).toMatchObject(refusal(400, 'INVALID_OR_EXPIRED'));
    expect(await redeem(client, magicLink)).toMatchObject(refusal(400, 'INVALID_OR_EXPIRED'));
    expect((await addressOf(userId)).email).toBe(second);
  });
});
