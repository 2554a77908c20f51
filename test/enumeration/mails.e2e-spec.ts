import { eventually } from '../support/barrier.js';
import { expectCleanDatabase } from '../support/checker.js';
import { refusal, rowCounts } from '../support/expectations.js';
import { addNotes, guestWithNotes, notesOf, signIn } from '../support/links.js';
import { mailboxOf, Mailbox, tokenIn, verify } from '../support/mailbox.js';
import { refusalOf } from '../support/refused-start.js';
import { newEmail, password, signInBy, signUp } from '../support/sign-ups.js';
import { createTestApp, type TestApp } from '../support/test-app.js';
import { concealing, provenAccount } from './known-addresses.js';

describe.each(['express', 'fastify'] as const)(
  'the mail of a concealed sign-up on %s',
  (adapter) => {
    let host: TestApp;
    beforeAll(async () => {
      host = await createTestApp(concealing({ adapter }));
    });
    afterAll(async () => {
      await expectCleanDatabase(host.databaseUrl);
      await host.close();
    });

    const mailTo = async (email: string, act: () => Promise<unknown>) => {
      const { letters } = mailboxOf(host);
      const before = letters.length;
      await act();
      return eventually('the mail arrives', () =>
        letters.slice(before).find(({ to }) => to === email),
      );
    };

    it('tells the owner of the address the truth, and signs nobody else in', async () => {
      const owner = await provenAccount(host);
      const stranger = await guestWithNotes(host, "the stranger's");
      const counts = await rowCounts(host);
      const mail = await mailTo(owner.email, () =>
        signUp(stranger.client, owner.email, { password: 'the password of a stranger' }),
      );
      expect(mail.subject).toBe('You have an account at app.example');
      expect(mail.text).toContain('has an account already');
      expect({ ...(await rowCounts(host)), auth_flows: 0 }).toEqual({ ...counts, auth_flows: 0 });
      // Neither of them is anybody else by this.
      expect((await stranger.client.get('/access/guest')).body.userId).toBe(stranger.userId);
      expect((await owner.client.get('/access/account')).body.userId).toBe(owner.userId);
      expect(await signInBy(host, owner.email, 'the password of a stranger')).toMatchObject(
        refusal(401, 'INVALID_EMAIL_OR_PASSWORD'),
      );
      expect((await signInBy(host, owner.email)).body.user.id).toBe(owner.userId);
    });

    it('has a link that signs its owner in, with what they have made as a guest in that browser', async () => {
      const owner = await provenAccount(host);
      const guest = await guestWithNotes(host, 'mine');
      const mail = await mailTo(owner.email, () =>
        signUp(guest.client, owner.email, { password: 'another password', name: 'Nobody' }),
      );
      const token = tokenIn(mail, 'verify-email');
      const page = await guest.client.get(`/auth/verify-email/open?token=${token}`);
      expect(page.text).toContain('You have an account already');
      const { status, body } = await verify(guest.client, token);
      expect({ status, id: body.user.id, link: body.link?.status }).toEqual({
        status: 200,
        id: owner.userId,
        link: 'merged',
      });
      expect(await notesOf(host, owner.userId)).toEqual(['mine']);
      // What the account had, it has: the password and the name of the sign-up are nothing.
      expect((await signInBy(host, owner.email, 'another password')).status).toBe(401);
      const again = await signInBy(host, owner.email);
      expect(again.body.user).toMatchObject({ id: owner.userId, name: null });
    });

    it('leaves a guest what it is, and a sign-in afterwards brings it along as ever', async () => {
      const owner = await provenAccount(host);
      const guest = await guestWithNotes(host, 'mine');
      const cookie = guest.client.cookies.get('__Host-session');
      const answer = await guest.client.post('/auth/anonymous/upgrade', {
        email: owner.email,
        password: 'another password',
      });
      expect(answer.body).toMatchObject({ token: null, user: { id: guest.userId, email: null } });
      expect(guest.client.cookies.get('__Host-session')).toBe(cookie);
      await addNotes(guest.client, 'later');
      const { body } = await signIn(guest, { email: owner.email, password });
      expect({ id: body.user.id, link: body.link.status }).toEqual({
        id: owner.userId,
        link: 'merged',
      });
      expect(await notesOf(host, owner.userId)).toEqual(['later', 'mine']);
    });

    it('brings nothing of a stranger along when its owner opens it', async () => {
      const owner = await provenAccount(host);
      const stranger = await guestWithNotes(host, "the stranger's");
      const mail = await mailTo(owner.email, () => signUp(stranger.client, owner.email));
      const { body } = await verify(host.browser(), tokenIn(mail, 'verify-email'));
      expect({ id: body.user.id, link: body.link.status }).toEqual({
        id: owner.userId,
        link: 'awaiting-consent',
      });
      expect(await notesOf(host, owner.userId)).toEqual([]);
      expect((await stranger.client.get('/access/guest')).status).toBe(200);
    });

    it('says the same when another one is asked for', async () => {
      const owner = await provenAccount(host);
      await signUp(host.browser(), owner.email);
      const mail = await mailTo(owner.email, () =>
        host.browser().post('/auth/send-verification-email', { email: owner.email }),
      );
      expect(mail.subject).toBe('You have an account at app.example');
    });

    it('finishes the sign-up of an address that nobody has', async () => {
      const [email, client] = [newEmail(), host.browser()];
      const mail = await mailTo(email, () => signUp(client, email));
      expect(mail.subject).toBe('Finish signing up at app.example');
      const { body } = await verify(client, tokenIn(mail, 'verify-email'));
      expect(body.user).toMatchObject({ email, isAnonymous: false });
      expect((await signInBy(host, email, password)).status).toBe(200);
    });

    it('tells the owner of an address that somebody else wants it, with nothing to press', async () => {
      const [owner, other] = [await provenAccount(host), await provenAccount(host)];
      const mail = await mailTo(owner.email, async () => {
        const answer = await other.client.post('/auth/change-email', { newEmail: owner.email });
        expect(answer).toMatchObject({ status: 200, body: { status: true } });
      });
      expect(mail.subject).toBe('Your address at app.example stays yours');
      expect(mail.text).not.toContain('token=');
      expect((await signInBy(host, owner.email)).body.user.id).toBe(owner.userId);
      expect((await signInBy(host, other.email)).body.user.id).toBe(other.userId);
    });
  },
);

describe('the start', () => {
  it.each([
    [{ enumeration: 'conceal' }, /"enumeration" is 'conceal'.*emailVerification: 'required'/],
    [
      { enumeration: 'conceal', emailVerification: 'optional' },
      /"enumeration" is 'conceal'.*emailVerification: 'required'/,
    ],
    [{ enumeration: 'hide' as 'conceal' }, /"enumeration" is "hide".*'reveal' or 'conceal'/],
  ] as const)('is refused with %j', async (options, message) => {
    expect((await refusalOf({ options, extras: { mailer: Mailbox } })).message).toMatch(message);
  });
});

describe("enumeration: 'reveal'", () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp(concealing({ options: { enumeration: 'reveal' } }));
  });
  afterAll(() => host.close());

  it('tells by 409 that an address is taken, where somebody signs up or changes theirs', async () => {
    const [owner, other] = [await provenAccount(host), await provenAccount(host)];
    const { email } = owner;
    const guest = await guestWithNotes(host, 'mine');
    const answers = [
      await signUp(host.browser(), email),
      await guest.client.post('/auth/anonymous/upgrade', { email, password }),
      await other.client.post('/auth/change-email', { newEmail: email }),
    ];
    for (const answer of answers) expect(answer).toMatchObject(refusal(409, 'EMAIL_TAKEN'));
  });
});
