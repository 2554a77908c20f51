import { createTestApp, ORIGIN, type TestApp } from '../support/test-app.js';
import { openBrowser, password } from './browser.js';

/** Every field that the client's own routes know, beside the ones that the other tests of this folder send. */
describe.each(['express', 'fastify'] as const)(
  "every field that better-auth's client may send on %s",
  (adapter) => {
    let host: TestApp;
    beforeAll(async () => {
      host = await createTestApp({ adapter });
    });
    afterAll(() => host.close());

    it.each([
      { name: '' },
      { name: 'Ada', image: 'https://cdn.example/ada.png' },
      { name: 'Ada', callbackURL: '/welcome?from=mail' },
      { name: 'Ada', callbackURL: `${ORIGIN}/welcome` },
      { name: 'Ada', rememberMe: true },
      { name: 'Ada', rememberMe: false },
    ])('sign-up takes %j', async (fields) => {
      const { client } = openBrowser(host);
      const email = `${crypto.randomUUID()}@example.com`;
      const { data, error } = await client.signUp.email({ email, password, ...fields });
      expect(error).toBeNull();
      expect(data!.user).toMatchObject({ email, image: fields.image ?? null });
    });

    it.each([
      [{ rememberMe: true }, { redirect: false }],
      [{ rememberMe: false }, { redirect: false }],
      [{ callbackURL: '/home' }, { redirect: true, url: '/home' }],
      [{ callbackURL: `${ORIGIN}/home` }, { redirect: true, url: `${ORIGIN}/home` }],
    ])('sign-in takes %j', async (fields, answer) => {
      const { client } = openBrowser(host);
      const email = `${crypto.randomUUID()}@example.com`;
      await client.signUp.email({ email, password, name: 'Ada' });
      const { data, error } = await client.signIn.email({ email, password, ...fields });
      expect(error).toBeNull();
      expect(data).toMatchObject(answer);
      expect((await client.getSession()).data).toMatchObject({ user: { email } });
    });

    it('sends nobody to a place that is not ours', async () => {
      const { client } = openBrowser(host);
      const email = `${crypto.randomUUID()}@example.com`;
      await client.signUp.email({ email, password, name: 'Ada' });
      const callbackURL = 'https://evil.example/';
      const { error } = await client.signIn.email({ email, password, callbackURL });
      expect(error).toMatchObject({ code: 'VALIDATION_FAILED', status: 400 });
    });

    it('forgets a session that was not to be remembered with the browser', async () => {
      const { client, cookies } = openBrowser(host);
      const email = `${crypto.randomUUID()}@example.com`;
      await client.signUp.email({ email, password, name: 'Ada' });
      const setCookies: string[] = [];
      await client.signIn.email({
        email,
        password,
        rememberMe: false,
        fetchOptions: {
          onSuccess: ({ response }) => void setCookies.push(...response.headers.getSetCookie()),
        },
      });
      expect(cookies.get('__Host-session')).toBeDefined();
      expect(setCookies.join()).not.toMatch(/max-age|expires/i);
    });

    it.each([
      {},
      { disableCookieCache: true },
      { disableRefresh: true },
      { disableCookieCache: false, disableRefresh: false },
    ])('get-session takes the query %j', async (query) => {
      const { client } = openBrowser(host);
      await client.signIn.anonymous();
      const { data, error } = await client.getSession({ query });
      expect(error).toBeNull();
      expect(data).toMatchObject({ user: { isAnonymous: true } });
    });

    it.each([{ callbackURL: '/bye' }, { disableRedirect: true }, { state: 'from the app' }])(
      'sign-out takes %j',
      async (fields) => {
        const { client } = openBrowser(host);
        await client.signIn.anonymous();
        const { data, error } = await client.signOut(fields);
        expect(error).toBeNull();
        expect(data).toMatchObject({ success: true });
        expect((await client.getSession()).data).toBeNull();
      },
    );
  },
);
