import { createAuthClient } from 'better-auth/client';
import { anonymousClient } from 'better-auth/client/plugins';
import { DevProvider } from '../../examples/paws/dev-provider/dev-provider.js';
import { closePaws, startPaws } from '../example/paws-app.js';
import { signInAtProvider } from '../support/at-provider.js';
import { HttpClient } from '../support/http-client.js';
import { ORIGIN, type TestApp } from '../support/test-app.js';
import { comeBack, ledTo } from '../support/visits.js';
import { fetchOfPage } from './browser.js';

describe.each(['express', 'fastify'] as const)(
  "better-auth's client and a provider, against the example on %s",
  (adapter) => {
    let host: TestApp;
    let provider: DevProvider;
    beforeAll(async () => {
      const redirectUris = [`${ORIGIN}/auth/callback/dev`];
      provider = await DevProvider.start({ port: 0, redirectUris });
      host = await startPaws({ adapter, devProvider: provider.client });
    });
    afterAll(closePaws);
    afterAll(() => provider.stop());

    /** A page, and the browser that it is open in. */
    function openPage() {
      const browser = new HttpClient(host.url, { origin: ORIGIN });
      const client = createAuthClient({
        baseURL: `${host.url}/auth`,
        plugins: [anonymousClient()],
        fetchOptions: { customFetchImpl: fetchOfPage(browser.cookies) },
      });
      const visit = async (url: string, email: string) =>
        comeBack(browser, await signInAtProvider(provider, url, email));
      return { browser, client, visit };
    }

    it('keeps the dogs of a guest, and merges those of the next one', async () => {
      const email = `guest-on-${adapter}@example.com`;
      const page = openPage();
      await page.client.signIn.anonymous();
      await page.browser.post('/pets', { name: 'Rex' });
      const guest = (await page.client.getSession()).data!.user;
      const { data, error } = await page.client.signIn.social({
        provider: 'dev' as 'google',
        callbackURL: '/home',
        newUserCallbackURL: '/welcome',
        errorCallbackURL: '/oops',
        disableRedirect: true,
        additionalData: { anonymousUserId: 'somebody else' },
      });
      expect(error).toBeNull();
      expect(data).toEqual({ url: expect.stringContaining('/auth?'), redirect: false });
      const answer = await page.visit(data!.url!, email);
      expect(ledTo(answer)).toEqual({ status: 302, to: '/welcome' });
      expect((await page.client.getSession()).data!.user).toMatchObject({
        id: guest.id,
        email,
        isAnonymous: false,
      });
      const phone = openPage();
      await phone.client.signIn.anonymous();
      await phone.browser.post('/pets', { name: 'Bello' });
      const second = await phone.client.signIn.social({
        provider: 'dev' as 'google',
        callbackURL: '/home',
      });
      expect(ledTo(await phone.visit(second.data!.url!, email)).to).toBe('/home');
      expect((await phone.client.getSession()).data!.user.id).toBe(guest.id);
      const names = (await phone.browser.get('/pets')).body.map(
        ({ name }: { name: string }) => name,
      );
      expect(names.toSorted()).toEqual(['Bello', 'Rex']);
    });

    it('links, lists and unlinks', async () => {
      const page = openPage();
      const email = `linked-on-${adapter}@example.com`;
      await page.client.signUp.email({ email, password: 'correct horse battery', name: 'Ada' });
      const linked = await page.client.linkSocial({
        provider: 'dev' as 'google',
        callbackURL: '/account',
        errorCallbackURL: '/oops',
      });
      expect(linked.error).toBeNull();
      const answer = await page.visit(linked.data!.url, `other-${email}`);
      expect(ledTo(answer).to).toBe('/account');
      const { data } = await page.client.listAccounts();
      expect(data!.map(({ providerId }) => providerId)).toEqual(['credential', 'dev']);
      const unlink = async (accountId: string) => page.client.unlinkAccount({ accountId });
      expect(await unlink(data![1]!.id)).toEqual({ data: { status: true }, error: null });
      expect((await unlink(data![1]!.id)).error).toMatchObject({ code: 'ACCOUNT_NOT_FOUND' });
      expect((await unlink(data![0]!.id)).error).toMatchObject({
        code: 'FAILED_TO_UNLINK_LAST_ACCOUNT',
      });
    });

    it('hears that nobody goes by that name', async () => {
      const { error } = await openPage().client.signIn.social({ provider: 'github' });
      expect(error).toMatchObject({ status: 404, code: 'PROVIDER_NOT_FOUND' });
    });
  },
);
