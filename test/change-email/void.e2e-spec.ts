import { addressOf, askForChange, makeEmail, provenByLink } from '../support/addresses.js';
import { refusal } from '../support/expectations.js';
import { NO_RETRY } from '../support/links.js';
import { askForLink, Mailbox, redeem, verify } from '../support/mailbox.js';
import { anotherBrowser } from '../support/people.js';
import { askForReset, reset } from '../support/resets.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

describe('a change of address that waits', () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({
      extras: { mailer: Mailbox },
      options: { linking: NO_RETRY },
    });
  });
  afterAll(() => host.close());

  it.each(['revoke-sessions', 'revoke-other-sessions'])(
    'is void once somebody has ended sessions by %s',
    async (route) => {
      const account = await provenByLink(host);
      const thief = await anotherBrowser(host, account);
      const token = await askForChange(host, thief.client, makeEmail());
      expect((await account.client.post(`/auth/${route}`, {})).status).toBe(200);
      for (const client of [thief.client, account.client]) {
        expect(await verify(client, token)).toMatchObject(refusal(400, 'INVALID_OR_EXPIRED'));
      }
      expect((await addressOf(host, account.userId)).email).toBe(account.email);
    },
  );

  it('is void once somebody has ended the session that asked for it', async () => {
    const account = await provenByLink(host);
    const thief = await anotherBrowser(host, account);
    const token = await askForChange(host, thief.client, makeEmail());
    const handle = (await thief.client.get('/auth/get-session')).body.session.token;
    await account.client.post('/auth/revoke-session', { token: handle });
    expect(await verify(thief.client, token)).toMatchObject(refusal(400, 'INVALID_OR_EXPIRED'));
  });

  it('is void once a new password has signed everybody out', async () => {
    const account = await provenByLink(host);
    const token = await askForChange(host, account.client, makeEmail());
    const changed = await account.client.post('/auth/change-password', {
      currentPassword: account.password,
      newPassword: 'a better horse battery',
      revokeOtherSessions: true,
    });
    expect(changed.status).toBe(200);
    expect(await verify(account.client, token)).toMatchObject(refusal(400, 'INVALID_OR_EXPIRED'));
    expect((await addressOf(host, account.userId)).email).toBe(account.email);
  });

  it('is void once the password was reset by mail', async () => {
    const account = await provenByLink(host);
    const thief = await anotherBrowser(host, account);
    const token = await askForChange(host, thief.client, makeEmail());
    const owner = host.browser();
    expect((await reset(owner, await askForReset(host, owner, account.email))).status).toBe(200);
    for (const client of [thief.client, owner]) {
      expect(await verify(client, token)).toMatchObject(refusal(400, 'INVALID_OR_EXPIRED'));
    }
    expect((await addressOf(host, account.userId)).email).toBe(account.email);
  });

  it('ends with the next one, and with what comes of it', async () => {
    const { client, userId } = await provenByLink(host);
    const [first, second] = [makeEmail(), makeEmail()];
    const old = await askForChange(host, client, first);
    const token = await askForChange(host, client, second);
    expect(await verify(client, old)).toMatchObject(refusal(400, 'INVALID_OR_EXPIRED'));
    const magicLink = await askForLink(host, client, (await addressOf(host, userId)).email!);
    expect((await verify(client, token)).status).toBe(200);
    expect(await verify(client, token)).toMatchObject(refusal(400, 'INVALID_OR_EXPIRED'));
    expect(await redeem(client, magicLink)).toMatchObject(refusal(400, 'INVALID_OR_EXPIRED'));
    expect((await addressOf(host, userId)).email).toBe(second);
  });
});
