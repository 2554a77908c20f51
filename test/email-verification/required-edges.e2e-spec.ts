import { Clock } from '../../src/index.js';
import { expectCleanDatabase } from '../support/checker.js';
import { refusal } from '../support/expectations.js';
import { addNotes, guestWithNotes, ledgerOf, notesOf, userExists } from '../support/links.js';
import { mailedToken, verify } from '../support/mailbox.js';
import { bearer, newGuest } from '../support/people.js';
import { TestClock } from '../support/test-clock.js';
import { createTestApp, type TestApp } from '../support/test-app.js';
import {
  newEmail,
  password,
  signedUp,
  signInBy,
  signUp,
  waitingSignUps,
} from '../support/sign-ups.js';

describe('a sign-up that waits', () => {
  const clock = new TestClock();
  let host: TestApp;
  let optional: TestApp;
  let closed: TestApp;
  beforeAll(async () => {
    host = await createTestApp(waitingSignUps({ overrides: [{ token: Clock, value: clock }] }));
    const { databaseUrl } = host;
    optional = await createTestApp(
      waitingSignUps({ databaseUrl, options: { emailVerification: 'optional' } }),
    );
    closed = await createTestApp(
      waitingSignUps({ databaseUrl, options: { guest: { allowUpgrade: false } } }),
    );
  });
  afterAll(async () => {
    await expectCleanDatabase(host.databaseUrl);
    for (const app of [closed, optional, host]) await app.close();
  });

  it('is known by the credential of the guest where there are no cookies, but its password is not', async () => {
    const guest = await guestWithNotes(host, 'mine');
    const email = newEmail();
    const client = host.browser();
    client.defaults.authorization = `Bearer ${guest.token}`;
    const [token, later] = [await signedUp(host, client, email), newEmail()];
    client.cookies.clear();
    expect((await verify(client, token)).body.user.id).toBe(guest.userId);
    // The credential may have been planted, and the password chosen by who planted it.
    expect(await signInBy(host, email)).toMatchObject(refusal(401, 'INVALID_EMAIL_OR_PASSWORD'));
    const second = await newGuest(host);
    client.defaults.authorization = `Bearer ${second.token}`;
    client.cookies.clear();
    const typed = await signedUp(host, client, later);
    client.cookies.clear();
    expect((await verify(client, typed, { password })).body.user.id).toBe(second.userId);
    expect((await signInBy(host, later)).body.user.id).toBe(second.userId);
  });

  it('takes the row of an account that never proved the address, without its password and sessions', async () => {
    const email = newEmail();
    const squatter = optional.browser();
    const signedUpBefore = await signUp(squatter, email, { password: 'of the squatter' });
    const squatterId: string = signedUpBefore.body.user.id;
    await addNotes(squatter, 'left behind');
    // Nobody is locked out by the switch.
    expect((await signInBy(host, email, 'of the squatter')).status).toBe(200);
    const guest = await guestWithNotes(host, 'mine');
    const token = await signedUp(host, guest.client, email);
    expect((await squatter.get('/access/account')).status).toBe(200);
    const { body } = await verify(guest.client, token);
    expect(body).toMatchObject({ user: { id: squatterId }, link: { status: 'merged' } });
    expect(await notesOf(host, squatterId)).toEqual(['left behind', 'mine']);
    expect((await squatter.get('/access/account')).status).toBe(401);
    expect((await signInBy(host, email, 'of the squatter')).status).toBe(401);
    expect((await signInBy(host, email)).body.user.id).toBe(squatterId);
  });

  it('takes nothing from the honest owner who types the password of the account', async () => {
    const email = newEmail();
    const owner = optional.browser();
    const { body } = await signUp(owner, email, { password: 'of the owner' });
    const stranger = await newGuest(host);
    const token = await signedUp(host, stranger.client, email, { password: 'of a stranger' });
    const phone = host.browser();
    const verified = await verify(phone, token, { password: 'of the owner' });
    expect(verified.body.user.id).toBe(body.user.id);
    expect((await owner.get('/access/account')).status).toBe(200);
    expect((await signInBy(host, email, 'of the owner')).status).toBe(200);
    expect((await signInBy(host, email, 'of a stranger')).status).toBe(401);
  });

  it('makes an account of somebody whose guest is gone', async () => {
    const guest = await newGuest(host);
    const email = newEmail();
    const token = await signedUp(host, guest.client, email);
    await guest.client.delete('/auth/anonymous');
    expect(await userExists(host, guest.userId)).toBe(false);
    const { body } = await verify(guest.client, token);
    expect(body).toMatchObject({ user: { email }, link: null });
    expect((await signInBy(host, email)).body.user.id).toBe(body.user.id);
    expect(await ledgerOf(host, guest.userId)).toEqual([]);
  });

  it('keeps a guest whose token has expired and can still be claimed', async () => {
    const guest = await guestWithNotes(host, 'mine');
    clock.advance({ days: 8 });
    expect((await guest.client.get('/access/guest')).status).toBe(401);
    const email = newEmail();
    const token = await mailedToken(host, email, 'verify-email', async () => {
      const { body } = await signUp(guest.client, email);
      expect(body).toMatchObject({ token: null, user: { id: guest.userId } });
    });
    const { body } = await verify(guest.client, token);
    clock.reset();
    expect(body.user).toMatchObject({ id: guest.userId, email });
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
  });

  it('is refused like an upgrade: to accounts, to guests that are gone, and where it is switched off', async () => {
    const guest = await newGuest(host);
    const email = newEmail();
    await verify(guest.client, await signedUp(host, guest.client, email));
    expect(
      await guest.client.post('/auth/anonymous/upgrade', { email: newEmail(), password }),
    ).toMatchObject(refusal(400, 'NOT_ANONYMOUS'));
    expect(await signUp(bearer(host, guest.token), newEmail())).toMatchObject(
      refusal(400, 'NOT_ANONYMOUS'),
    );
    expect(await signUp(host.browser(), newEmail(), { password: 'aaaaaaaaaa' })).toMatchObject(
      refusal(400, 'VALIDATION_FAILED'),
    );
    const other = await newGuest(closed);
    expect(await signUp(other.client, newEmail())).toMatchObject(refusal(403, 'UPGRADE_DISABLED'));
    expect((await signUp(closed.browser(), newEmail())).status).toBe(200);
  });

  it('is in the database as hashes only', async () => {
    const token = await signedUp(host, host.browser(), newEmail());
    const [flow] = await host.sql('SELECT * FROM auth_flows ORDER BY id DESC LIMIT 1');
    expect(JSON.stringify(flow)).not.toContain(token);
    expect(JSON.stringify(flow)).not.toContain(password);
  });
});
