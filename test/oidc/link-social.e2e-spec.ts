import { newCookies, refusal } from '../support/expectations.js';
import { guestWithNotes, notesOf } from '../support/links.js';
import { anotherBrowser, newAccount, newGuest } from '../support/people.js';
import { closeApps, startApp } from '../support/running-apps.js';
import { StubIdp, stopIdps } from '../support/stub-idp.js';
import type { TestApp } from '../support/test-app.js';
import {
  comeBack,
  ledTo,
  newPerson,
  startWithIdp,
  setOut,
  setOutToLink,
  visit,
  identitiesOf,
  providersOf,
  whoIs,
} from '../support/visits.js';

afterAll(closeApps);
afterAll(stopIdps);

const errors = { errorCallbackURL: '/oops' };

describe.each(['express', 'fastify'] as const)('more ways in, on %s', (adapter) => {
  let host: TestApp;
  let idp: StubIdp;
  beforeAll(async () => {
    ({ host, idp } = await startWithIdp({ adapter }));
  });

  it('come to the account that asks for them, and open it', async () => {
    const account = await newAccount(host);
    const person = newPerson();
    const url = await setOutToLink(account.client, { callbackURL: '/account' });
    const answer = await comeBack(account.client, idp.approve(url, person));
    expect(ledTo(answer)).toEqual({ status: 302, to: '/account' });
    expect(newCookies(answer)).toEqual([]);
    expect(await identitiesOf(host, account.userId)).toEqual([
      ['idp', idp.issuer, person.sub],
      ['password', 'local', account.userId],
    ]);
    // The address of the provider is no business of the account.
    expect(await whoIs(account.client)).toMatchObject({
      email: account.email,
      emailVerified: false,
    });
    const phone = host.browser();
    await visit(phone, idp, person);
    expect((await whoIs(phone)).id).toBe(account.userId);
    const { body } = await account.client.get('/auth/list-accounts');
    expect(body).toMatchObject([
      { providerId: 'credential' },
      {
        id: expect.any(String),
        providerId: 'idp',
        accountId: person.sub,
        userId: account.userId,
        scopes: [],
      },
    ]);
  });

  it('prove the address of the account when it is the same, and take nothing away', async () => {
    const { client, userId, email, password } = await newAccount(host);
    await comeBack(client, idp.approve(await setOutToLink(client), newPerson({ email })));
    expect(await whoIs(client)).toMatchObject({ id: userId, emailVerified: true });
    expect(await providersOf(host, userId)).toEqual(['email', 'idp', 'password']);
    const signIn = await host.browser().post('/auth/sign-in/email', { email, password });
    expect(signIn.status).toBe(200);
  });

  it('are the same once they are there', async () => {
    const { client, userId } = await newAccount(host);
    const person = newPerson();
    for (let n = 0; n < 2; n += 1) {
      const callback = idp.approve(await setOutToLink(client, errors), person);
      expect(ledTo(await comeBack(client, callback))).toEqual({ status: 302, to: '/' });
    }
    expect(await providersOf(host, userId)).toEqual(['idp', 'password']);
  });

  it('stay with the account that has them', async () => {
    const person = newPerson();
    const holder = host.browser();
    await visit(holder, idp, person);
    const { id } = await whoIs(holder);
    const { client, userId } = await newAccount(host);
    const answer = await comeBack(client, idp.approve(await setOutToLink(client, errors), person));
    expect(ledTo(answer).to).toBe('/oops?error=SOCIAL_ACCOUNT_ALREADY_LINKED');
    expect(await providersOf(host, userId)).toEqual(['password']);
    expect(await providersOf(host, id)).toEqual(['email', 'idp']);
  });

  it('come to one of two accounts that ask for the same at once', async () => {
    const person = newPerson();
    const accounts = [await newAccount(host), await newAccount(host)];
    const callbacks = await Promise.all(
      accounts.map(async ({ client }) => idp.approve(await setOutToLink(client, errors), person)),
    );
    const answers = await Promise.all(
      accounts.map(({ client }, n) => comeBack(client, callbacks[n]!)),
    );
    expect(answers.map((answer) => String(ledTo(answer).to)).toSorted()).toEqual([
      '/',
      '/oops?error=SOCIAL_ACCOUNT_ALREADY_LINKED',
    ]);
  });

  describe('come to nobody', () => {
    async function expectNothing(
      client: Parameters<typeof comeBack>[0],
      callback: URL,
      userId: string,
      code: string,
    ) {
      const answer = await comeBack(client, callback);
      expect(ledTo(answer)).toEqual({ status: 302, to: `/oops?error=${code}` });
      expect(await providersOf(host, userId)).toEqual(['password']);
    }

    it('when the account has signed out meanwhile', async () => {
      const { client, userId } = await newAccount(host);
      const callback = idp.approve(await setOutToLink(client, errors), newPerson());
      await client.post('/auth/sign-out', {});
      await expectNothing(client, callback, userId, 'UNAUTHORIZED');
    });

    it('when the session cookie is lost on the way', async () => {
      const { client, userId } = await newAccount(host);
      const callback = idp.approve(await setOutToLink(client, errors), newPerson());
      const flow = client.cookies.get('__Host-session.flow')!;
      client.cookies.clear();
      client.cookies.set('__Host-session.flow', flow);
      await expectNothing(client, callback, userId, 'UNAUTHORIZED');
    });

    it('when another account is signed in by now', async () => {
      const { client, userId } = await newAccount(host);
      const callback = idp.approve(await setOutToLink(client, errors), newPerson());
      const second = await newAccount(host);
      second.client.cookies.copyTo(client.cookies);
      await expectNothing(client, callback, userId, 'UNAUTHORIZED');
      expect(await providersOf(host, second.userId)).toEqual(['password']);
    });

    it('when a guest is there by now', async () => {
      const { client, userId } = await newAccount(host);
      const callback = idp.approve(await setOutToLink(client, errors), newPerson());
      const guest = await newGuest(host);
      guest.client.cookies.copyTo(client.cookies);
      await expectNothing(client, callback, userId, 'UNAUTHORIZED');
      expect(await providersOf(host, guest.userId)).toEqual([]);
    });

    it('when the account has changed hands meanwhile', async () => {
      const { client, userId } = await newAccount(host);
      const callback = idp.approve(await setOutToLink(client, errors), newPerson());
      const changed = await client.post('/auth/change-password', {
        currentPassword: 'correct horse battery',
        newPassword: 'a better horse battery',
        revokeOtherSessions: true,
      });
      expect(changed.status).toBe(200);
      await expectNothing(client, callback, userId, 'INVALID_OR_EXPIRED');
    });

    it('in another browser, even one that is signed in to the account', async () => {
      const account = await newAccount(host);
      const callback = idp.approve(await setOutToLink(account.client, errors), newPerson());
      const { client } = await anotherBrowser(host, account);
      await expectNothing(client, callback, account.userId, 'INVALID_OR_EXPIRED');
      await expectNothing(host.browser(), callback, account.userId, 'INVALID_OR_EXPIRED');
    });

    it('of an account that did not ask, by a visit that was to sign in', async () => {
      const { client, userId } = await newAccount(host);
      const planted = idp.approve(await setOut(client, errors), newPerson());
      await comeBack(client, planted);
      expect(await providersOf(host, userId)).toEqual(['password']);
    });
  });

  it('are asked for by accounts only, and by those that have signed in not long ago', async () => {
    const body = { provider: 'idp' };
    expect(await host.browser().post('/auth/link-social', body)).toMatchObject(
      refusal(401, 'UNAUTHORIZED'),
    );
    const guest = await newGuest(host);
    expect(await guest.client.post('/auth/link-social', body)).toMatchObject(
      refusal(403, 'UPGRADE_REQUIRED'),
    );
    const { client, userId } = await newAccount(host);
    for (const [fields, status, code] of [
      [{ provider: 'nobody' }, 404, 'PROVIDER_NOT_FOUND'],
      [{ ...body, callbackURL: '//evil.example' }, 400, 'VALIDATION_FAILED'],
      [{ ...body, idToken: { token: 'x' } }, 400, 'VALIDATION_FAILED'],
    ] as const) {
      expect(await client.post('/auth/link-social', fields)).toMatchObject(refusal(status, code));
    }
    await host.sql(
      `UPDATE sessions SET created_at = now() - interval '25 hours' WHERE user_id = $1`,
      [userId],
    );
    expect(await client.post('/auth/link-social', body)).toMatchObject(
      refusal(400, 'SESSION_EXPIRED'),
    );
  });

  it('are not moved by a merge', async () => {
    const person = newPerson();
    const guest = await guestWithNotes(host, 'mine');
    const account = await newAccount(host);
    await comeBack(account.client, idp.approve(await setOutToLink(account.client), person));
    await visit(guest.client, idp, person);
    expect(await providersOf(host, account.userId)).toEqual(['idp', 'password']);
    expect(await notesOf(host, account.userId)).toEqual(['mine']);
  });
});

describe('with a strict cookie', () => {
  it('the session that set out is taken on the word of the flow cookie, while it lives', async () => {
    const idp = await StubIdp.start();
    const options = { cookie: { sameSite: 'strict' as const }, providers: [idp.provider()] };
    const host = await startApp({ options });
    /** What a browser sends on the way back from another site. */
    const withoutSession = (client: Parameters<typeof comeBack>[0]) => {
      const arriving = host.browser();
      arriving.cookies.set('__Host-session.flow', client.cookies.get('__Host-session.flow')!);
      return arriving;
    };
    const { client, userId } = await newAccount(host);
    const callback = idp.approve(await setOutToLink(client, errors), newPerson());
    expect(ledTo(await comeBack(withoutSession(client), callback)).to).toBe('/');
    expect(await providersOf(host, userId)).toEqual(['idp', 'password']);
    const late = idp.approve(await setOutToLink(client, errors), newPerson());
    await client.post('/auth/sign-out', {});
    expect(ledTo(await comeBack(withoutSession(client), late)).to).toBe('/oops?error=UNAUTHORIZED');
    expect(await providersOf(host, userId)).toEqual(['idp', 'password']);
    // A guest is known by the same cookie.
    const guest = await guestWithNotes(host, 'mine');
    const back = idp.approve(await setOut(guest.client), newPerson());
    const arriving = withoutSession(guest.client);
    await comeBack(arriving, back);
    expect(await whoIs(arriving)).toMatchObject({ id: guest.userId, isAnonymous: false });
  });
});
