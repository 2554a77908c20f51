import { makeEmail } from '../support/addresses.js';
import { unusualUsers } from '../support/host-users.js';
import { refusal } from '../support/expectations.js';
import { addNotes, NO_RETRY, notesOf } from '../support/links.js';
import { askForVerification, Mailbox, mailedToken, verify } from '../support/mailbox.js';
import { newAccount } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

const password = 'correct horse battery';

describe.each(unusualUsers)('proofs of addresses on a user table with %s', (_, users) => {
  let host: TestApp;
  let required: TestApp;
  beforeAll(async () => {
    const settings = { users, extras: { mailer: Mailbox } };
    host = await createTestApp({ ...settings, options: { linking: NO_RETRY } });
    required = await createTestApp({
      ...settings,
      databaseUrl: host.databaseUrl,
      options: { linking: NO_RETRY, emailVerification: 'required' },
    });
  });
  afterAll(async () => {
    await required.close();
    await host.close();
  });

  const signUp = (client = required.browser(), email = makeEmail()) =>
    mailedToken(required, email, 'verify-email', () =>
      client.post('/auth/sign-up/email', { email, password }),
    );

  it('keep the ways in of an account from its own browser, and take them elsewhere', async () => {
    const [own, other] = [await newAccount(host), await newAccount(host)];
    await verify(own.client, await askForVerification(host, own.client, own.email));
    await verify(host.browser(), await askForVerification(host, other.client, other.email));
    const signIn = ({ email }: { email: string }) =>
      host.browser().post('/auth/sign-in/email', { email, password });
    expect((await signIn(own)).body.user.id).toBe(own.userId);
    expect((await signIn(other)).status).toBe(401);
    expect((await own.client.get('/access/account')).status).toBe(200);
    expect((await other.client.get('/access/account')).status).toBe(401);
  });

  it('make a guest that has waited for one an account in place', async () => {
    const client = required.browser();
    await addNotes(client, 'mine');
    const guest = (await client.get('/access/guest')).body.userId;
    const email = makeEmail();
    const token = await signUp(client, email);
    expect((await client.get('/access/guest')).body.userId).toBe(guest);
    expect((await verify(client, token)).body.user).toMatchObject({ id: guest, email });
    expect(await notesOf(required, guest)).toEqual(['mine']);
    const signIn = await required.browser().post('/auth/sign-in/email', { email, password });
    expect(signIn.body.user.id).toBe(guest);
  });

  it('make an account of somebody new, and refuse who comes later', async () => {
    const client = required.browser();
    const email = makeEmail();
    expect((await verify(client, await signUp(client, email))).status).toBe(200);
    expect(await required.browser().post('/auth/sign-up/email', { email, password })).toMatchObject(
      refusal(409, 'EMAIL_TAKEN'),
    );
  });
});
