import { askForChange } from '../support/addresses.js';
import { Barrier, eventually } from '../support/barrier.js';
import { refusal } from '../support/expectations.js';
import type { HttpClient } from '../support/http-client.js';
import { guestWithNotes, notesOf } from '../support/links.js';
import { askForLink, mailboxOf, pressVerify, redeem, tokenIn, verify } from '../support/mailbox.js';
import { MeetingHashing } from '../support/meeting-hashing.js';
import { closeApps, startApp, startBeside } from '../support/running-apps.js';
import { newEmail, password, signedUp, signInBy, signUp } from '../support/sign-ups.js';
import type { TestApp } from '../support/test-app.js';
import { faceOf } from './askers.js';
import { concealing, provenAccount } from './known-addresses.js';

const usersWith = async (host: TestApp, email: string) =>
  (await host.sql<{ id: string }>('SELECT id FROM users WHERE email = $1', [email])).map(
    ({ id }) => id,
  );

/** An account of somebody else who reads the mail to the address. */
async function prove(host: TestApp, email: string): Promise<string> {
  const client = host.browser();
  const { status, body } = await redeem(client, await askForLink(host, client, email));
  expect(status).toBe(200);
  return body.user.id;
}

describe('an address of which it is concealed whose it is', () => {
  afterEach(closeApps);

  it('is signed up with twice at once, over two instances: nobody learns anything, and one of the mails counts', async () => {
    const [hash, beside] = [new MeetingHashing(), new MeetingHashing()];
    const settings = (meeting: MeetingHashing) =>
      concealing({ options: { password: { hash: meeting } } });
    const host = await startApp(settings(hash));
    const other = await startBeside(host, settings(beside));
    const owner = await provenAccount(host);
    const unknown = newEmail();
    hash.barrier = new Barrier();
    beside.barrier = new Barrier();
    const under = [owner.email, unknown].flatMap((email) =>
      [host, other].map((instance) => signUp(instance.browser(), email)),
    );
    await Promise.all([hash.barrier.reached(2), beside.barrier.reached(2)]);
    hash.barrier.open();
    beside.barrier.open();
    const answers = await Promise.all(under);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(new Set(answers.map(faceOf)).size).toBe(1);

    const tokensTo = (email: string) =>
      eventually('both mails arrive', () => {
        const letters = [host, other].flatMap((instance) =>
          mailboxOf(instance).letters.filter(({ to, subject }) => {
            const isSignUp = subject === 'Finish signing up at app.example';
            return to === email && isSignUp === (email === unknown);
          }),
        );
        return letters.length === 2 && letters.map((letter) => tokenIn(letter, 'verify-email'));
      });
    for (const email of [owner.email, unknown]) {
      const redeemed = [];
      for (const token of await tokensTo(email)) {
        redeemed.push((await verify(host.browser(), token)).status);
      }
      expect(redeemed.toSorted((a, b) => a - b)).toEqual([200, 400]);
      expect(await usersWith(host, email)).toHaveLength(1);
    }
    expect(await usersWith(host, owner.email)).toEqual([owner.userId]);
  });

  it.each<[how: string, open: (client: HttpClient, token: string) => Promise<unknown>]>([
    ['by a script', (client, token) => verify(client, token)],
    ['on the page', (client, token) => pressVerify(client, token)],
  ])(
    'is proven by somebody else before the link of a sign-up is opened %s: it signs in to that account',
    async (_, open) => {
      const host = await startApp(concealing());
      const [email, guest] = [newEmail(), await guestWithNotes(host, 'mine')];
      const token = await signedUp(host, guest.client, email, { password: 'of the sign-up' });
      const accountId = await prove(host, email);
      const page = await guest.client.get(`/auth/verify-email/open?token=${token}`);
      expect(page.text).toContain('You have an account already');
      await open(guest.client, token);
      expect((await guest.client.get('/access/account')).body.userId).toBe(accountId);
      expect(await notesOf(host, accountId)).toEqual(['mine']);
      expect(await signInBy(host, email, 'of the sign-up')).toMatchObject(
        refusal(401, 'INVALID_EMAIL_OR_PASSWORD'),
      );
    },
  );

  it('is proven by somebody else before the link of a change is opened: only who has the mail is told', async () => {
    const host = await startApp(concealing());
    const [email, account] = [newEmail(), await provenAccount(host)];
    const change = () => account.client.post('/auth/change-email', { newEmail: email });
    const asked = faceOf(await change());
    const token = await askForChange(host, account.client, email);
    await prove(host, email);
    expect(await verify(account.client, token)).toMatchObject(refusal(409, 'EMAIL_TAKEN'));
    expect(faceOf(await change())).toBe(asked);
    expect((await account.client.get('/access/account')).body.userId).toBe(account.userId);
    expect((await signInBy(host, account.email, password)).body.user.id).toBe(account.userId);
  });

  it('loses its account before the link to sign in is opened: it is a sign-up again', async () => {
    const host = await startApp(concealing());
    const [owner, guest] = [await provenAccount(host), await guestWithNotes(host, 'mine')];
    const token = await signedUp(host, guest.client, owner.email, { name: 'Ada' });
    expect((await owner.client.post('/auth/delete-user', { password })).status).toBe(200);
    // The mail spoke of an account that is no more, so its link is none.
    expect(await verify(guest.client, token)).toMatchObject(refusal(400, 'INVALID_OR_EXPIRED'));
    const again = await signedUp(host, guest.client, owner.email, { name: 'Ada' });
    expect((await verify(guest.client, again)).body.user).toMatchObject({
      id: guest.userId,
      name: 'Ada',
      isAnonymous: false,
    });
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
  });
});
