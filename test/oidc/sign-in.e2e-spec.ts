import { randomUUID } from 'node:crypto';
import { newCookies, rowCounts } from '../support/expectations.js';
import { addNotes, guestWithNotes, ledgerOf, notesOf, userExists } from '../support/links.js';
import { newAccount, newGuest } from '../support/people.js';
import { closeApps } from '../support/running-apps.js';
import type { TestApp } from '../support/test-app.js';
import { type StubIdp, stopIdps } from '../support/stub-idp.js';
import {
  comeBack,
  ledTo,
  newPerson,
  setOut,
  startWithIdp,
  visit,
  identitiesOf,
  whoIs,
} from '../support/visits.js';

afterAll(closeApps);
afterAll(stopIdps);

describe.each(['express', 'fastify'] as const)('signing in with a provider on %s', (adapter) => {
  let host: TestApp;
  let idp: StubIdp;
  beforeAll(async () => {
    ({ host, idp } = await startWithIdp({ adapter }));
  });

  it('makes an account of somebody new, known by issuer and subject', async () => {
    const browser = host.browser();
    const person = newPerson({ picture: 'https://idp.example/ada.png' });
    const { status, body } = await browser.post('/auth/sign-in/social', {
      provider: 'idp',
      callbackURL: '/home',
    });
    expect({ status, body }).toEqual({
      status: 200,
      body: { url: expect.stringContaining(`${idp.issuer}/authorize?`), redirect: true },
    });
    const answer = await comeBack(browser, idp.approve(body.url, person));
    expect(ledTo(answer)).toEqual({ status: 302, to: '/home' });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const user = await whoIs(browser);
    expect(user).toMatchObject({
      email: person.email,
      emailVerified: true,
      name: 'Ada',
      image: 'https://idp.example/ada.png',
      isAnonymous: false,
    });
    expect(await identitiesOf(host, user.id)).toEqual([
      ['email', 'local', person.email],
      ['idp', idp.issuer, person.sub],
    ]);
  });

  it('makes an account that no guest takes the place of', async () => {
    const browser = host.browser();
    await visit(browser, idp, newPerson());
    const user = await whoIs(browser);
    expect(await browser.post('/auth/anonymous')).toMatchObject({
      status: 409,
      body: { code: 'ALREADY_SIGNED_IN' },
    });
    expect(await whoIs(browser)).toEqual(user);
  });

  it('asks for what it needs, and for nothing that another request could use', async () => {
    const [first, second] = [await setOut(host.browser()), await setOut(host.browser())];
    const query = (url: string) => Object.fromEntries(new URL(url).searchParams);
    expect(query(first)).toEqual({
      client_id: 'app',
      response_type: 'code',
      redirect_uri: 'https://app.example/auth/callback/idp',
      scope: 'openid email profile',
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    });
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(query(first)[name]).not.toBe(query(second)[name]);
    }
    const [flow] = await host.sql<{ text: string }>(
      `SELECT string_agg(f::text, ' ') AS text FROM auth_flows f WHERE purpose = 'oidc'`,
    );
    expect(flow!.text).toContain(query(first).nonce);
    expect(flow!.text).not.toContain(query(first).state);
  });

  it('makes a guest an account with the same id and rows', async () => {
    const guest = await guestWithNotes(host, 'mine');
    const old = guest.token;
    const person = newPerson();
    expect((await visit(guest.client, idp, person)).status).toBe(302);
    expect(await whoIs(guest.client)).toMatchObject({
      id: guest.userId,
      email: person.email,
      emailVerified: true,
      isAnonymous: false,
    });
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
    const thief = host.browser();
    thief.cookies.set('__Host-session', old);
    expect(await whoIs(thief)).toBeNull();
  });

  it('merges a guest into the account that has the identity, and leaves the account as it is', async () => {
    const first = host.browser();
    const person = newPerson();
    await visit(first, idp, person);
    const account = await whoIs(first);
    const guest = await guestWithNotes(host, 'mine');
    await visit(guest.client, idp, { ...person, email: 'another@example.com', name: 'Eve' });
    expect(await whoIs(guest.client)).toEqual({ ...account, updatedAt: expect.any(String) });
    expect(await ledgerOf(host, guest.userId)).toMatchObject([{ status: 'merged' }]);
    expect(await notesOf(host, account.id)).toEqual(['mine']);
    expect(await userExists(host, guest.userId)).toBe(false);
    expect(await identitiesOf(host, account.id)).toHaveLength(2);
    // The session of the first browser goes on.
    expect((await whoIs(first)).id).toBe(account.id);
  });

  it.each(['new', 'known'])(
    'brings the guest along when its session cookie is lost on the way, to a %s account',
    async (kind) => {
      const person = newPerson();
      if (kind === 'known') await visit(host.browser(), idp, person);
      const guest = await guestWithNotes(host, 'mine');
      const callback = idp.approve(await setOut(guest.client), person);
      const { cookies } = guest.client;
      const flow = cookies.get('__Host-session.flow')!;
      cookies.clear();
      cookies.set('__Host-session.flow', flow);
      expect((await comeBack(guest.client, callback)).status).toBe(302);
      const { id } = await whoIs(guest.client);
      expect(await notesOf(host, id)).toEqual(['mine']);
      expect(id === guest.userId).toBe(kind === 'new');
    },
  );

  it('brings a guest along that came while the person was with the provider', async () => {
    const browser = host.browser();
    const callback = idp.approve(await setOut(browser), newPerson());
    await addNotes(browser, 'later');
    await comeBack(browser, callback);
    expect(await notesOf(host, (await whoIs(browser)).id)).toEqual(['later']);
  });

  it('knows no guest by a field of the request', async () => {
    const victim = await guestWithNotes(host, 'of the victim');
    const attacker = host.browser();
    await visit(attacker, idp, newPerson(), {
      additionalData: { anonymousUserId: victim.userId, guestId: victim.userId },
      additionalParams: { guest: victim.userId },
      scopes: ['everything'],
    });
    expect(await notesOf(host, (await whoIs(attacker)).id)).toEqual([]);
    expect(await notesOf(host, victim.userId)).toEqual(['of the victim']);
    expect(await whoIs(victim.client)).toMatchObject({ id: victim.userId, isAnonymous: true });
  });

  it('signs an account in anew, and links nothing', async () => {
    const { client, userId, token } = await newAccount(host);
    await visit(client, idp, newPerson());
    expect((await whoIs(client)).id).not.toBe(userId);
    expect(await identitiesOf(host, userId)).toEqual([['password', 'local', userId]]);
    const old = host.browser();
    old.cookies.set('__Host-session', token);
    expect(await whoIs(old)).toBeNull();
  });

  it('asks the policy of links', async () => {
    const refusing = await startWithIdp({
      adapter,
      options: { linking: { policy: 'refuse' } },
    });
    const person = newPerson();
    await visit(refusing.host.browser(), refusing.idp, person);
    const guest = await guestWithNotes(refusing.host, 'mine');
    const errorCallbackURL = '/oops?x=1#top';
    const answer = await visit(guest.client, refusing.idp, person, { errorCallbackURL });
    expect(ledTo(answer)).toEqual({ status: 302, to: '/oops?x=1&error=LINK_REFUSED#top' });
    expect(newCookies(answer)).toEqual([]);
    expect(await whoIs(guest.client)).toMatchObject({ id: guest.userId, isAnonymous: true });
  });

  it('refuses to make accounts of guests where the host does not want that', async () => {
    const closed = await startWithIdp({
      adapter,
      options: { guest: { allowUpgrade: false } },
    });
    const guest = await newGuest(closed.host);
    const fields = { errorCallbackURL: '/oops' };
    const answer = await visit(guest.client, closed.idp, newPerson(), fields);
    expect(ledTo(answer)).toEqual({ status: 302, to: '/oops?error=UPGRADE_DISABLED' });
  });

  it('leads a new account and a known one where they belong', async () => {
    const person = newPerson();
    const fields = { callbackURL: '/home', newUserCallbackURL: 'https://app.example/welcome' };
    expect(ledTo(await visit(host.browser(), idp, person, fields)).to).toBe(
      fields.newUserCallbackURL,
    );
    expect(ledTo(await visit(host.browser(), idp, person, fields)).to).toBe('/home');
    expect(ledTo(await visit(host.browser(), idp, person)).to).toBe('/');
  });

  it('takes every field that clients send', async () => {
    const browser = host.browser();
    const { status, body } = await browser.post('/auth/sign-in/social', {
      provider: 'idp',
      callbackURL: '/home',
      newUserCallbackURL: '/welcome',
      errorCallbackURL: '/oops',
      disableRedirect: true,
      requestSignUp: true,
      loginHint: 'ada@example.com',
      rememberMe: false,
    });
    expect({ status, redirect: body.redirect }).toEqual({ status: 200, redirect: false });
    expect(new URL(body.url).searchParams.get('login_hint')).toBe('ada@example.com');
    const answer = await comeBack(browser, idp.approve(body.url, newPerson()));
    const [session] = newCookies(answer).filter((line) => line.startsWith('__Host-session='));
    expect(session).toBeDefined();
    expect(session).not.toMatch(/max-age|expires/i);
  });

  it.each([
    [{}, 400, 'VALIDATION_FAILED'],
    [{ provider: 'nobody' }, 404, 'PROVIDER_NOT_FOUND'],
    [{ provider: '__proto__' }, 404, 'PROVIDER_NOT_FOUND'],
    [{ provider: 'constructor' }, 404, 'PROVIDER_NOT_FOUND'],
    [{ provider: '../idp' }, 404, 'PROVIDER_NOT_FOUND'],
    [{ provider: 'i'.repeat(65) }, 400, 'VALIDATION_FAILED'],
    [{ provider: ['idp'] }, 400, 'VALIDATION_FAILED'],
    [{ provider: 'idp', idToken: { token: 'x' } }, 400, 'VALIDATION_FAILED'],
    [{ provider: 'idp', idToken: 'x' }, 400, 'VALIDATION_FAILED'],
    [{ provider: 'idp', userId: randomUUID() }, 400, 'VALIDATION_FAILED'],
    [{ provider: 'idp', disableRedirect: 'yes' }, 400, 'VALIDATION_FAILED'],
    [{ provider: 'idp', loginHint: 'a\u0000b' }, 400, 'VALIDATION_FAILED'],
  ])('refuses %j, and begins nothing', async (body, status, code) => {
    const before = await rowCounts(host);
    const answer = await host.browser().post('/auth/sign-in/social', body);
    expect(answer).toMatchObject({ status, body: { statusCode: status, code } });
    expect(await rowCounts(host)).toEqual(before);
  });
});
