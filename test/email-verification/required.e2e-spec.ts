import { expectCleanDatabase } from '../support/checker.js';
import { newCookies, refusal, rowCounts } from '../support/expectations.js';
import { guestWithNotes, notesOf } from '../support/links.js';
import {
  askForLink,
  askForVerification,
  mailboxOf,
  mailedToken,
  pressVerify,
  redeem,
  verify,
} from '../support/mailbox.js';
import { bearer, newGuest } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';
import {
  newEmail,
  password,
  signedUp,
  signInBy,
  signUp,
  waitingSignUps,
} from '../support/sign-ups.js';

const usersWith = (host: TestApp, email: string) =>
  host.sql('SELECT id FROM users WHERE email = $1', [email]);

describe.each(['express', 'fastify'] as const)(
  'a sign-up that waits for the proof of its address on %s',
  (adapter) => {
    let host: TestApp;
    beforeAll(async () => {
      host = await createTestApp(waitingSignUps({ adapter }));
    });
    afterAll(async () => {
      await expectCleanDatabase(host.databaseUrl);
      await host.close();
    });

    it.each(['/auth/sign-up/email', '/auth/anonymous/upgrade'])(
      'leaves a guest a guest, and writes nothing but that it waits: %s',
      async (path) => {
        const guest = await guestWithNotes(host, 'mine');
        const email = newEmail();
        const { body: before } = await guest.client.get('/auth/get-session');
        const counts = await rowCounts(host);
        const cookie = guest.client.cookies.get('__Host-session');
        const answer = await guest.client.post(path, { email, password, name: 'Ada' });
        expect(answer).toMatchObject({ status: 200 });
        expect(answer.body).toEqual({ token: null, session: null, user: before.user });
        expect(newCookies(answer).map((line) => line.split('=')[0])).toEqual([
          '__Host-session.flow',
        ]);
        expect(guest.client.cookies.get('__Host-session')).toBe(cookie);
        expect((await guest.client.get('/access/guest')).body.userId).toBe(guest.userId);
        expect(await rowCounts(host)).toEqual({ ...counts, auth_flows: counts.auth_flows! + 1 });
        expect(await signInBy(host, email)).toMatchObject(
          refusal(401, 'INVALID_EMAIL_OR_PASSWORD'),
        );
      },
    );

    it('makes the guest the account in place, with name, picture and password', async () => {
      const guest = await guestWithNotes(host, 'mine');
      const email = newEmail();
      const image = 'https://pictures.example/ada.png';
      const token = await signedUp(host, guest.client, email, { name: 'Ada', image });
      const { status, body } = await verify(guest.client, token);
      expect({ status, body }).toMatchObject({
        status: 200,
        body: {
          status: true,
          token: expect.any(String),
          user: { id: guest.userId, email, name: 'Ada', image, emailVerified: true },
          session: { userId: guest.userId },
          link: null,
        },
      });
      expect(body.user.isAnonymous).toBe(false);
      expect(await notesOf(host, guest.userId)).toEqual(['mine']);
      expect((await signInBy(host, email)).body.user.id).toBe(guest.userId);
      expect((await bearer(host, guest.token).get('/access/session')).status).toBe(401);
    });

    it('does so too when the session cookie is lost on the way, by the button of the page', async () => {
      const guest = await guestWithNotes(host, 'mine');
      const email = newEmail();
      const token = await signedUp(host, guest.client, email, {
        callbackURL: '/dogs?new=1',
        rememberMe: false,
      });
      const { cookies } = guest.client;
      const flow = cookies.get('__Host-session.flow')!;
      cookies.clear();
      cookies.set('__Host-session.flow', flow);
      const page = await guest.client.get(`/auth/verify-email/open?token=${token}`);
      expect(page).toMatchObject({ status: 200 });
      expect(page.text).toContain(email);
      expect(page.text).not.toContain('type="password"');
      const answer = await pressVerify(guest.client, token);
      expect({ status: answer.status, to: answer.headers.get('location') }).toEqual({
        status: 303,
        to: '/dogs?new=1',
      });
      expect(
        answer.headers.getSetCookie().find((line) => line.startsWith('__Host-session=')),
      ).toEqual(expect.not.stringMatching(/max-age/i));
      expect((await guest.client.get('/access/account')).body.userId).toBe(guest.userId);
      expect((await signInBy(host, email)).body.user.id).toBe(guest.userId);
    });

    it('makes an account of somebody who was no guest', async () => {
      const client = host.browser();
      const email = newEmail();
      const token = await mailedToken(host, email, 'verify-email', async () => {
        expect((await signUp(client, email)).body).toEqual({
          token: null,
          session: null,
          user: null,
        });
      });
      expect(await usersWith(host, email)).toEqual([]);
      const { body } = await verify(client, token);
      expect(body.user).toMatchObject({ email, emailVerified: true, isAnonymous: false });
      expect((await signInBy(host, email)).body.user.id).toBe(body.user.id);
    });

    it('ends elsewhere in an account of its own, without the password that waits', async () => {
      const guest = await guestWithNotes(host, 'mine');
      const email = newEmail();
      const token = await signedUp(host, guest.client, email);
      const phone = host.browser();
      expect((await phone.get(`/auth/verify-email/open?token=${token}`)).text).toContain(
        'type="password"',
      );
      const { body } = await verify(phone, token, { password: '' });
      expect(body).toMatchObject({
        user: { email, emailVerified: true },
        link: { status: 'awaiting-consent', policy: 'both-sides' },
      });
      expect(body.user.id).not.toBe(guest.userId);
      expect(await signInBy(host, email)).toMatchObject(refusal(401, 'INVALID_EMAIL_OR_PASSWORD'));
      expect((await guest.client.get('/access/guest')).body.userId).toBe(guest.userId);
      expect(await notesOf(host, guest.userId)).toEqual(['mine']);
    });

    it('ends elsewhere with the password, when the same is typed there', async () => {
      const guest = await guestWithNotes(host, 'mine');
      const email = newEmail();
      const token = await signedUp(host, guest.client, email);
      const phone = host.browser();
      expect(await verify(phone, token, { password: 'another' })).toMatchObject(
        refusal(400, 'INVALID_PASSWORD'),
      );
      const answer = await pressVerify(phone, token, { password });
      expect(answer.status).toBe(303);
      const account = (await phone.get('/access/account')).body.userId;
      expect(account).not.toBe(guest.userId);
      expect((await signInBy(host, email)).body.user.id).toBe(account);
      // With its password the guest comes along, from its own browser.
      const { body } = await guest.client.post('/auth/sign-in/email', { email, password });
      expect(body.link).toMatchObject({ status: 'merged' });
      expect(await notesOf(host, account)).toEqual(['mine']);
    });

    it('blocks nobody: the latest mail to an address counts', async () => {
      const [first, second] = [await newGuest(host), await guestWithNotes(host, 'second')];
      const email = newEmail();
      const old = await signedUp(host, first.client, email, { password: 'of the first guest' });
      const token = await signedUp(host, second.client, email);
      expect(await verify(first.client, old)).toMatchObject(refusal(400, 'INVALID_OR_EXPIRED'));
      expect((await verify(second.client, token)).body.user.id).toBe(second.userId);
      expect(await signInBy(host, email, 'of the first guest')).toMatchObject({ status: 401 });
      expect((await signInBy(host, email)).status).toBe(200);
      expect((await first.client.get('/access/guest')).status).toBe(200);
    });

    it('is mailed again as it was, with another secret', async () => {
      const guest = await guestWithNotes(host, 'mine');
      const email = newEmail();
      const old = await signedUp(host, guest.client, email, { name: 'Ada' });
      // By whoever asks: it stays the sign-up of the guest.
      const token = await askForVerification(host, host.browser(), email, { callbackURL: '/x' });
      expect(await verify(guest.client, old)).toMatchObject(refusal(400, 'INVALID_OR_EXPIRED'));
      const { body } = await verify(guest.client, token);
      expect(body.user).toMatchObject({ id: guest.userId, name: 'Ada' });
      expect((await signInBy(host, email)).body.user.id).toBe(guest.userId);
    });

    it('is known by its browser for as long as it waits, whatever else is asked for meanwhile', async () => {
      const client = host.browser();
      await signedUp(host, client, newEmail());
      const answer = await client.post('/auth/sign-in/magic-link', { email: newEmail() });
      const [cookie] = newCookies(answer);
      expect(cookie).toMatch(/^__Host-session\.flow=[\w-]{43}; Max-Age=86400;/);
    });

    it('is refused for an address that an account has proven, with nothing written', async () => {
      const email = newEmail();
      await redeem(host.browser(), await askForLink(host, host.browser(), email));
      const guest = await guestWithNotes(host, 'mine');
      const counts = await rowCounts(host);
      const mails = mailboxOf(host).letters.length;
      for (const path of ['/auth/sign-up/email', '/auth/anonymous/upgrade']) {
        const answer = await guest.client.post(path, { email: email.toUpperCase(), password });
        expect(answer).toMatchObject(refusal(409, 'EMAIL_TAKEN'));
        expect(newCookies(answer)).toEqual([]);
      }
      expect(await rowCounts(host)).toEqual(counts);
      expect(mailboxOf(host).letters).toHaveLength(mails);
    });

    it('signs in to the account of whoever proved the address meanwhile, and its password is nothing', async () => {
      const guest = await guestWithNotes(host, 'mine');
      const email = newEmail();
      const token = await signedUp(host, guest.client, email);
      const phone = host.browser();
      const account = await redeem(phone, await askForLink(host, phone, email));
      const { body } = await verify(guest.client, token);
      expect(body).toMatchObject({
        user: { id: account.body.user.id, name: null },
        link: { status: 'merged', policy: 'merge' },
      });
      expect(await notesOf(host, body.user.id)).toEqual(['mine']);
      expect(await signInBy(host, email)).toMatchObject(refusal(401, 'INVALID_EMAIL_OR_PASSWORD'));
      expect((await phone.get('/access/account')).status).toBe(200);
    });
  },
);
