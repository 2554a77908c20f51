import { refusal } from '../support/expectations.js';
import { Mailbox, mailboxOf, mailedToken, verify } from '../support/mailbox.js';
import { newAccount, newGuest } from '../support/people.js';
import { newEmail, signedUp, signUp, waitingSignUps } from '../support/sign-ups.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

/** All mail that proves an address is counted together: three in a quarter of an hour. */
describe('mail that proves one address', () => {
  let host: TestApp;
  let required: TestApp;
  beforeAll(async () => {
    const throttle = { mail: false, signUp: false } as const;
    host = await createTestApp({ extras: { mailer: Mailbox }, options: { throttle } });
    const { databaseUrl } = host;
    required = await createTestApp(waitingSignUps({ databaseUrl, options: { throttle } }));
  });
  afterAll(async () => {
    await required.close();
    await host.close();
  });

  const lettersTo = (app: TestApp, email: string) =>
    mailboxOf(app).letters.filter(({ to }) => to === email);

  it('stops, with the same answers, and the last link stays good', async () => {
    const account = await newAccount(host);
    const { client, email } = account;
    const ask = () => client.post('/auth/send-verification-email', { email });
    expect((await ask()).status).toBe(200);
    const token = await mailedToken(host, email, 'verify-email', ask);
    for (let n = 0; n < 5; n += 1) expect((await ask()).text).toBe('{"status":true}');
    expect(lettersTo(host, email)).toHaveLength(3);
    expect((await verify(client, token)).body.user.id).toBe(account.userId);
  });

  it('lets nobody take the place of a sign-up that waits by asking again and again', async () => {
    const email = newEmail();
    const [first, other] = [await newGuest(required), await newGuest(required)];
    for (let n = 0; n < 2; n += 1) await signedUp(required, first.client, email);
    const token = await signedUp(required, first.client, email);
    for (let n = 0; n < 3; n += 1) {
      expect(await signUp(other.client, email)).toMatchObject({
        status: 200,
        body: { token: null, user: { id: other.userId } },
      });
    }
    expect(lettersTo(required, email)).toHaveLength(3);
    expect((await verify(first.client, token)).body.user.id).toBe(first.userId);
  });

  it('stops for a new address too, and its last link stays good', async () => {
    const { client, userId } = await newAccount(host);
    const address = newEmail();
    const ask = () => client.post('/auth/change-email', { newEmail: address });
    for (let n = 0; n < 2; n += 1) expect((await ask()).status).toBe(200);
    const token = await mailedToken(host, address, 'verify-email', ask);
    expect((await ask()).text).toBe('{"status":true}');
    expect(lettersTo(host, address)).toHaveLength(3);
    expect((await verify(client, token)).body.user).toMatchObject({ id: userId, email: address });
  });

  it('is no way to look up addresses without end', async () => {
    const email = newEmail();
    const statuses = [];
    for (let n = 0; n < 12; n += 1) {
      statuses.push((await signUp(required.browser(), email)).status);
    }
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 200), 429, 429]);
    expect(await signUp(required.browser(), email)).toMatchObject(
      refusal(429, 'TOO_MANY_REQUESTS'),
    );
  });
});
