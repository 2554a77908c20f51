import { randomUUID } from 'node:crypto';
import { google } from '../../src/index.js';
import { externalPerson } from '../../src/auth/oidc/external-person.js';
import { addNotes, guestWithNotes, NO_RETRY, notesOf } from '../support/links.js';
import { askForLink, Mailbox, redeem } from '../support/mailbox.js';
import { type AccountHolder, bearer, newAccount } from '../support/people.js';
import { closeApps, startApp } from '../support/running-apps.js';
import { StubIdp, stopIdps } from '../support/stub-idp.js';
import type { TestApp } from '../support/test-app.js';
import { identitiesOf, newPerson, providersOf, visit, whoIs } from '../support/visits.js';

afterAll(closeApps);
afterAll(stopIdps);

/** What is no `true`, from a provider that is trusted. */
const UNVERIFIED: [string, Record<string, unknown>][] = [
  ['nothing', { email_verified: undefined }],
  ['false', { email_verified: false }],
  ['"false"', { email_verified: 'false' }],
  ['"true"', { email_verified: 'true' }],
  ['1', { email_verified: 1 }],
  ['a list', { email_verified: [true] }],
  ['null', { email_verified: null }],
];

/** What makes Google's word count says nothing about another provider. */
const OF_WORKSPACE = { hd: 'example.com' };

describe.each(['express', 'fastify'] as const)(
  'the address that a provider names, on %s',
  (adapter) => {
    let host: TestApp;
    let trusted: StubIdp;
    let untrusted: StubIdp;
    beforeAll(async () => {
      trusted = await StubIdp.start('trusted');
      untrusted = await StubIdp.start('untrusted');
      const providers = [trusted.provider({ trustEmail: true }), untrusted.provider()];
      host = await startApp({
        adapter,
        extras: { mailer: Mailbox },
        options: { linking: NO_RETRY, providers },
      });
    });

    /** An account with a password, whose owner has shown that they read the mail. */
    async function provenAccount(): Promise<AccountHolder> {
      const account = await newAccount(host);
      const token = await askForLink(host, account.client, account.email);
      await redeem(account.client, token);
      return account;
    }

    describe.each([
      ...UNVERIFIED,
      ['true, by a provider that nobody trusts', OF_WORKSPACE] as const,
    ])('is nobody’s when it is verified by %s', (name, claims) => {
      const idp = () => (name.startsWith('true, by') ? untrusted : trusted);

      it('lets nobody into the account that has proven it', async () => {
        const victim = await provenAccount();
        const browser = host.browser();
        await visit(browser, idp(), newPerson({ email: victim.email, ...claims }));
        const user = await whoIs(browser);
        expect(user).toMatchObject({ email: null, emailVerified: false, isAnonymous: false });
        expect(user.id).not.toBe(victim.userId);
        expect(await providersOf(host, victim.userId)).toEqual(['email', 'password']);
      });

      it('takes it from nobody, and blocks nobody', async () => {
        const browser = host.browser();
        const person = newPerson(claims);
        await visit(browser, idp(), person);
        const squatter = await whoIs(browser);
        const owner = await newAccount(host, { email: person.email });
        expect(owner.userId).not.toBe(squatter.id);
        await visit(browser, idp(), person);
        expect((await whoIs(browser)).id).toBe(squatter.id);
      });

      it('makes a guest an account without an address', async () => {
        const guest = await guestWithNotes(host, 'mine');
        await visit(guest.client, idp(), newPerson(claims));
        expect(await whoIs(guest.client)).toMatchObject({
          id: guest.userId,
          email: null,
          emailVerified: false,
          isAnonymous: false,
          name: 'Ada',
        });
      });
    });

    it.each(['no address', 'a@b', 'a b@example.com', 'a@example.com,b@example.com', 7, { a: 1 }])(
      'is none when it is %j',
      async (email) => {
        const browser = host.browser();
        await visit(browser, trusted, newPerson({ email }));
        expect(await whoIs(browser)).toMatchObject({ email: null, isAnonymous: false });
      },
    );

    it('brings its owner into the account that has proven it, with the guest', async () => {
      const account = await provenAccount();
      const guest = await guestWithNotes(host, 'mine');
      const person = newPerson({ email: account.email.toUpperCase(), name: 'Another name' });
      await visit(guest.client, trusted, person);
      expect(await whoIs(guest.client)).toMatchObject({ id: account.userId, name: null });
      expect(await notesOf(host, account.userId)).toEqual(['mine']);
      expect(await identitiesOf(host, account.userId)).toEqual([
        ['email', 'local', account.email],
        ['password', 'local', account.userId],
        ['trusted', trusted.issuer, person.sub],
      ]);
      // Nothing else changes for the account.
      expect(await whoIs(account.client)).toMatchObject({ id: account.userId });
      const { email, password } = account;
      const again = await host.browser().post('/auth/sign-in/email', { email, password });
      expect(again.status).toBe(200);
      // From now on it is the identity that counts.
      const phone = host.browser();
      await visit(phone, trusted, { ...person, email: 'moved@example.com' });
      expect((await whoIs(phone)).id).toBe(account.userId);
    });

    it('decides whose an account is whose address nobody has proven: the row stays, older ways in go', async () => {
      const squatter = await newAccount(host);
      await addNotes(squatter.client, 'left behind');
      const { email, password, userId } = squatter;
      const owner = host.browser();
      await addNotes(owner, 'of the owner');
      const person = newPerson({ email });
      await visit(owner, trusted, person);
      expect(await whoIs(owner)).toMatchObject({ id: userId, email, emailVerified: true });
      expect(await notesOf(host, userId)).toEqual(['left behind', 'of the owner']);
      expect(await whoIs(squatter.client)).toBeNull();
      expect((await bearer(host, squatter.token).get('/access/session')).status).toBe(401);
      const signIn = await host.browser().post('/auth/sign-in/email', { email, password });
      expect(signIn).toMatchObject({ status: 401, body: { code: 'INVALID_EMAIL_OR_PASSWORD' } });
      expect(await identitiesOf(host, userId)).toEqual([
        ['email', 'local', email],
        ['trusted', trusted.issuer, person.sub],
      ]);
    });

    it('takes nothing from an account whose own session goes to the provider', async () => {
      const { client, email, password, userId } = await newAccount(host);
      await visit(client, trusted, newPerson({ email }));
      expect(await whoIs(client)).toMatchObject({ id: userId, emailVerified: true });
      expect((await identitiesOf(host, userId)).map(([way]) => way)).toEqual([
        'email',
        'password',
        'trusted',
      ]);
      const signIn = await host.browser().post('/auth/sign-in/email', { email, password });
      expect(signIn.status).toBe(200);
    });

    it('is proven by the new account that it makes', async () => {
      const person = newPerson();
      const browser = host.browser();
      await visit(browser, trusted, person);
      const { id } = await whoIs(browser);
      const mailed = host.browser();
      const { body } = await redeem(mailed, await askForLink(host, mailed, person.email));
      expect(body.user).toMatchObject({ id, emailVerified: true });
      expect(await whoIs(browser)).toMatchObject({ id });
    });

    it('tells two people of two providers apart who have the same subject', async () => {
      const sub = randomUUID();
      const [first, second] = [host.browser(), host.browser()];
      await visit(first, trusted, newPerson({ sub }));
      await visit(second, untrusted, newPerson({ sub }));
      expect((await whoIs(first)).id).not.toBe((await whoIs(second)).id);
      const again = host.browser();
      await visit(again, untrusted, newPerson({ sub }));
      expect((await whoIs(again)).id).toBe((await whoIs(second)).id);
    });

    it('makes two people of one provider one account only where the provider is trusted', async () => {
      const email = `${randomUUID()}@example.com`;
      const ids = new Map<StubIdp, string[]>([
        [trusted, []],
        [untrusted, []],
      ]);
      for (const [idp, found] of ids) {
        for (const person of [newPerson({ email }), newPerson({ email })]) {
          const browser = host.browser();
          await visit(browser, idp, person);
          found.push((await whoIs(browser)).id);
        }
      }
      const [[a, b], [c, d]] = [ids.get(trusted)!, ids.get(untrusted)!] as [string[], string[]];
      expect(a).toBe(b);
      expect(new Set([a, c, d]).size).toBe(3);
    });

    it('keeps names and pictures that can be shown, and no others', async () => {
      for (const [claims, name, image] of [
        [{ name: ' ', picture: 'javascript:alert(1)' }, null, null],
        [{ name: 'a\u0000b', picture: 'http://idp.example/a.png' }, null, null],
        [{ name: 'a'.repeat(101), picture: 7 }, null, null],
        [{ name: { first: 'Ada' }, picture: `https://a/${'x'.repeat(2048)}` }, null, null],
        [{ name: 'Ada Ł.', picture: 'https://a.example/a b' }, 'Ada Ł.', null],
      ] as const) {
        const browser = host.browser();
        await visit(browser, trusted, newPerson(claims));
        expect(await whoIs(browser)).toMatchObject({ name, image });
      }
    });
  },
);

describe('the addresses of Google', () => {
  const emailOf = (trustEmail: boolean | undefined, claims: Record<string, unknown>) => {
    const provider = google({ clientId: 'app', clientSecret: 'secret', trustEmail });
    return externalPerson(provider, '1234567890', { email_verified: true, ...claims }).email;
  };
  const ada = 'ada@gmail.com';
  const work = { email: 'Ada@Example.com', hd: 'example.com' };
  const private_ = { email: 'ada@example.com' };

  it('count by default where Google runs the mailbox', () => {
    expect(emailOf(undefined, { email: ada })).toBe(ada);
    expect(emailOf(undefined, work)).toBe('ada@example.com');
    expect(emailOf(undefined, private_)).toBeNull();
    expect(emailOf(undefined, { ...private_, hd: '' })).toBeNull();
    expect(emailOf(undefined, { email: 'ada@gmail.com.example' })).toBeNull();
    expect(emailOf(undefined, { email: ada, email_verified: 'true' })).toBeNull();
  });

  it('all count, or none, if the host says so', () => {
    expect(emailOf(true, private_)).toBe('ada@example.com');
    expect(emailOf(true, { ...private_, email_verified: 1 })).toBeNull();
    expect(emailOf(false, { email: ada })).toBeNull();
    expect(emailOf(false, work)).toBeNull();
  });
});
