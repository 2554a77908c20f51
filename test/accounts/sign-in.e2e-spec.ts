import { expectCleanDatabase } from '../support/checker.js';
import { newCookies, refusal, rowCounts } from '../support/expectations.js';
import { guestWithNotes, ledgerOf, notesOf, signIn } from '../support/links.js';
import { bearer, newAccount } from '../support/people.js';
import { createTestApp, ORIGIN, type TestApp } from '../support/test-app.js';

const evilUrls = [
  'https://evil.example/',
  '//evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  ' //evil.example',
  'https:evil.example',
  'javascript:alert(1)',
  'data:text/html,hi',
  'http://app.example/',
  'https://app.example:444/',
  'https://app.example.evil.example/',
  'https://app.example@evil.example/',
  'https://[',
  '/ok\r\nset-cookie: a=b',
  '',
];

describe.each(['express', 'fastify'] as const)('POST /auth/sign-in/email on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ adapter });
  });
  afterAll(() => host.close());

  it('signs nobody in with a session of its own and no link', async () => {
    const account = await newAccount(host);
    const client = host.browser();
    const { status, body } = await signIn({ client }, account);
    expect(status).toBe(200);
    expect(body).toEqual({
      token: expect.any(String),
      user: expect.objectContaining({ id: account.userId, email: account.email }),
      session: expect.objectContaining({ userId: account.userId }),
      link: null,
      redirect: false,
    });
    const live = { status: 200, body: { userId: account.userId } };
    expect(await client.get('/access/account')).toMatchObject(live);
    expect(await account.client.get('/access/account')).toMatchObject(live);
  });

  it('signs an account in anew and ends the session it came with', async () => {
    const account = await newAccount(host);
    const { status, body } = await signIn(account, account);
    expect({ status, link: body.link }).toEqual({ status: 200, link: null });
    expect(await bearer(host, account.token).get('/access/session')).toMatchObject(
      refusal(401, 'UNAUTHORIZED'),
    );
    expect(await bearer(host, body.token).get('/access/session')).toMatchObject({ status: 200 });
    const sessions = await host.sql('SELECT id FROM sessions WHERE user_id = $1', [account.userId]);
    expect(sessions).toEqual([{ id: body.session.id }]);
  });

  it('links nothing when one account signs in to another', async () => {
    const [first, second] = [await newAccount(host), await newAccount(host)];
    await first.client.post('/notes', { text: 'first' });
    const { status, body } = await signIn(first, second);
    expect({ status, link: body.link, id: body.user.id }).toEqual({
      status: 200,
      link: null,
      id: second.userId,
    });
    expect(await bearer(host, first.token).get('/access/session')).toMatchObject({ status: 401 });
    expect(await notesOf(host, first.userId)).toEqual(['first']);
    expect(await ledgerOf(host, first.userId)).toEqual([]);
  });

  it('refuses a wrong password and keeps the guest session with everything in it', async () => {
    const account = await newAccount(host);
    const guest = await guestWithNotes(host, 'mine');
    const answer = await signIn(guest, { ...account, password: 'wrong horse battery' });
    expect(answer).toMatchObject(refusal(401, 'INVALID_EMAIL_OR_PASSWORD'));
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await guest.client.get('/access/guest')).toMatchObject({
      status: 200,
      body: { userId: guest.userId },
    });
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
    expect(await ledgerOf(host, guest.userId)).toEqual([]);
  });

  it('answers an unknown address exactly like a wrong password', async () => {
    const { email } = await newAccount(host);
    const known = await signIn({ client: host.browser() }, { email, password: 'wrong horse' });
    const unknown = await signIn(
      { client: host.browser() },
      { email: 'nobody@example.com', password: 'wrong horse' },
    );
    expect(unknown).toMatchObject(refusal(401, 'INVALID_EMAIL_OR_PASSWORD'));
    expect(unknown.text).toBe(known.text);
    const names = (answer: typeof known) => [...answer.headers.keys()].toSorted();
    expect(names(unknown)).toEqual(names(known));
  });

  it('compares the address without regard to case', async () => {
    const account = await newAccount(host);
    const { status, body } = await signIn(
      { client: host.browser() },
      { ...account, email: account.email.toUpperCase() },
    );
    expect({ status, id: body.user.id }).toEqual({ status: 200, id: account.userId });
  });

  it.each(['/pets?tab=2#top', `${ORIGIN}/pets`])(
    'gives the callbackURL %s back as url',
    async (callbackURL) => {
      const { email, password } = await newAccount(host);
      const answer = await host
        .browser()
        .post('/auth/sign-in/email', { email, password, callbackURL });
      expect(answer).toMatchObject({ status: 200, body: { redirect: true, url: callbackURL } });
    },
  );

  it.each(evilUrls)('refuses the callbackURL %j and signs nobody in', async (callbackURL) => {
    const { email, password } = await newAccount(host);
    const before = await rowCounts(host);
    const answer = await host
      .browser()
      .post('/auth/sign-in/email', { email, password, callbackURL });
    expect(answer).toMatchObject(refusal(400, 'VALIDATION_FAILED'));
    expect(newCookies(answer)).toEqual([]);
    expect(await rowCounts(host)).toEqual(before);
  });

  it('gives a cookie that ends with the browser when the person is not to be remembered', async () => {
    const { email, password } = await newAccount(host);
    const client = host.browser();
    const answer = await client.post('/auth/sign-in/email', { email, password, rememberMe: false });
    const [cookie] = newCookies(answer);
    expect(cookie).toMatch(/^__Host-session=/);
    expect(cookie).not.toMatch(/max-age|expires/i);
    expect(await client.get('/access/account')).toMatchObject({ status: 200 });
  });

  it('leaves a clean database behind', () => expectCleanDatabase(host.databaseUrl));
});
