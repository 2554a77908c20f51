import { createAuthClient } from 'better-auth/client';
import { anonymousClient } from 'better-auth/client/plugins';
import { guestClient } from '../../src/client/index.js';
import { CookieJar } from '../support/cookie-jar.js';
import { addNotes, ledgerOf, NO_RETRY, notesOf } from '../support/links.js';
import { Mailbox, mailedToken } from '../support/mailbox.js';
import { newAccount } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';
import { fetchOfPage, password } from './browser.js';

describe.each(['express', 'fastify'] as const)(
  "better-auth's client with addresses that must be proven on %s",
  (adapter) => {
    let host: TestApp;
    beforeAll(async () => {
      host = await createTestApp({
        adapter,
        extras: { mailer: Mailbox },
        options: { linking: NO_RETRY, emailVerification: 'required' },
      });
    });
    afterAll(() => host.close());

    const newEmail = (name: string) => `${name}-on-${adapter}@example.com`;

    /** A page with a guest that has made something. */
    async function openPage() {
      const browser = host.browser();
      await addNotes(browser, 'made as a guest');
      const cookies = new CookieJar();
      browser.cookies.copyTo(cookies);
      const client = createAuthClient({
        baseURL: `${host.url}/auth`,
        plugins: [anonymousClient(), guestClient()],
        fetchOptions: { customFetchImpl: fetchOfPage(cookies) },
      });
      const { data } = await client.getSession();
      return { client, cookies, guestId: data!.user.id };
    }
    type Page = Awaited<ReturnType<typeof openPage>>;
    const mailed = (email: string, act: () => Promise<unknown>) =>
      mailedToken(host, email, 'verify-email', act);
    const signUp = ({ client }: Page, email: string) =>
      mailed(email, async () => {
        const { data, error } = await client.signUp.email({
          email,
          password,
          name: 'Ada',
          callbackURL: '/welcome',
        });
        expect(error).toBeNull();
        expect(data).toMatchObject({ token: null, user: { isAnonymous: true } });
      });

    it('keeps a guest that signs up a guest, and makes it the account with the link, once', async () => {
      const page = await openPage();
      const email = newEmail('new');
      const token = await signUp(page, email);
      expect((await page.client.getSession()).data?.user).toMatchObject({
        id: page.guestId,
        isAnonymous: true,
      });
      const { data, error } = await page.client.verifyEmail({ query: { token } });
      expect(error).toBeNull();
      expect(data).toMatchObject({
        status: true,
        user: { id: page.guestId, email, name: 'Ada', emailVerified: true },
      });
      expect((await page.client.getSession()).data?.user).toMatchObject({
        id: page.guestId,
        isAnonymous: false,
      });
      expect(await notesOf(host, page.guestId)).toEqual(['made as a guest']);
      const again = await page.client.verifyEmail({ query: { token, callbackURL: '/welcome' } });
      expect(again.error).toMatchObject({ status: 400, code: 'INVALID_OR_EXPIRED' });
      const other = await openPage();
      const signIn = await other.client.signIn.email({ email, password });
      expect(signIn.data?.user.id).toBe(page.guestId);
    });

    it('mails another link for a sign-up that waits, whoever asks for it', async () => {
      const page = await openPage();
      const email = newEmail('again');
      const token = await signUp(page, email);
      const first = await openPage();
      const asked = await mailed(email, () => first.client.sendVerificationEmail({ email }));
      // The same sign-up by another link: the one before is void.
      expect((await page.client.verifyEmail({ query: { token } })).error).toMatchObject({
        code: 'INVALID_OR_EXPIRED',
      });
      const { data } = await page.client.verifyEmail({ query: { token: asked } });
      expect(data).toMatchObject({ user: { id: page.guestId } });
      expect(await ledgerOf(host, page.guestId)).toEqual([]);
    });

    it('upgrades by the plugin, with an answer that says that it waits', async () => {
      const page = await openPage();
      const email = newEmail('plugin');
      const token = await mailed(email, async () => {
        const { data } = await page.client.anonymous.upgrade({ email, password });
        expect(data).toMatchObject({ token: null, session: null, user: { id: page.guestId } });
      });
      expect((await page.client.verifyEmail({ query: { token } })).data).toMatchObject({
        user: { id: page.guestId, email },
      });
    });

    it('changes the address, with all rows kept', async () => {
      const page = await openPage();
      const { client, guestId } = page;
      await client.verifyEmail({ query: { token: await signUp(page, newEmail('before')) } });
      const email = newEmail('after');
      const token = await mailed(email, async () => {
        const asked = await client.changeEmail({ newEmail: email, callbackURL: '/account' });
        expect(asked).toEqual({ data: { status: true }, error: null });
      });
      const { data, error } = await client.verifyEmail({ query: { token } });
      expect(error).toBeNull();
      expect(data).toMatchObject({ status: true, user: { id: guestId, email } });
      expect((await client.getSession()).data?.user).toMatchObject({ id: guestId, email });
      expect(await notesOf(host, guestId)).toEqual(['made as a guest']);
    });
  },
);

describe("better-auth's client with addresses that may be proven", () => {
  it('proves one on request', async () => {
    const host = await createTestApp({ extras: { mailer: Mailbox } });
    const account = await newAccount(host);
    const cookies = new CookieJar();
    account.client.cookies.copyTo(cookies);
    const client = createAuthClient({
      baseURL: `${host.url}/auth`,
      fetchOptions: { customFetchImpl: fetchOfPage(cookies) },
    });
    const { email } = account;
    const token = await mailedToken(host, email, 'verify-email', async () => {
      const asked = await client.sendVerificationEmail({ email, callbackURL: '/' });
      expect(asked).toEqual({ data: { status: true }, error: null });
    });
    const { data } = await client.verifyEmail({ query: { token } });
    expect(data).toMatchObject({ status: true, user: { id: account.userId, emailVerified: true } });
    await host.close();
  });
});
