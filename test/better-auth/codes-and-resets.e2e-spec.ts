import { randomUUID } from 'node:crypto';
import { createAuthClient } from 'better-auth/client';
import { anonymousClient, emailOTPClient } from 'better-auth/client/plugins';
import { closePaws, startPaws } from '../example/paws-app.js';
import { eventually } from '../support/barrier.js';
import { codeIn } from '../support/codes.js';
import { CookieJar } from '../support/cookie-jar.js';
import { newAccount } from '../support/people.js';
import { newPassword, resetLinkIn } from '../support/resets.js';
import type { TestApp } from '../support/test-app.js';
import { fetchOfPage } from './browser.js';

interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

describe.each(['express', 'fastify'] as const)(
  "better-auth's client with codes and new passwords, on the example with %s",
  (adapter) => {
    let host: TestApp;
    beforeAll(async () => {
      host = await startPaws({ adapter, hasDevInbox: true });
    });
    afterAll(closePaws);

    const newEmail = () => `${randomUUID()}@example.com`;

    /** A page of the example, with a guest that has added a dog. */
    async function openPage() {
      const browser = host.browser();
      expect(await browser.post('/pets', { name: 'Rex' })).toMatchObject({ status: 201 });
      const cookies = new CookieJar();
      browser.cookies.copyTo(cookies);
      const browserFetch = fetchOfPage(cookies);
      const client = createAuthClient({
        baseURL: `${host.url}/auth`,
        plugins: [anonymousClient(), emailOTPClient()],
        fetchOptions: { customFetchImpl: browserFetch },
      });
      const guestId = (await client.getSession()).data!.user.id;
      const dogs = async () => {
        const pets = (await (await browserFetch(`${host.url}/pets`)).json()) as { name: string }[];
        return pets.map(({ name }) => name);
      };
      return { client, guestId, dogs };
    }

    function letterTo(email: string, about: RegExp): Promise<Letter> {
      return eventually('the mail arrives', async () => {
        const letters = (await host.browser().get('/dev/inbox')).body as Letter[];
        return letters.find(({ to, subject }) => to === email && about.test(subject));
      });
    }

    it('keeps the id and the dogs of a guest whose address is new', async () => {
      const { client, guestId, dogs } = await openPage();
      const email = newEmail();
      const sent = await client.emailOtp.sendVerificationOtp({ email, type: 'sign-in' });
      expect(sent).toEqual({ data: { success: true }, error: null });
      const otp = codeIn(await letterTo(email, /code/));
      const { data, error } = await client.signIn.emailOtp({ email, otp, name: 'Ada' });
      expect(error).toBeNull();
      expect(data).toMatchObject({
        token: expect.any(String),
        user: { id: guestId, email, name: 'Ada', emailVerified: true },
      });
      expect((await client.getSession()).data).toMatchObject({
        user: { id: guestId, isAnonymous: false },
      });
      expect(await dogs()).toEqual(['Rex']);
    });

    it('merges the dogs of a guest into the account that has the address', async () => {
      const account = await newAccount(host);
      const { client, dogs } = await openPage();
      await client.emailOtp.sendVerificationOtp({ email: account.email, type: 'sign-in' });
      const otp = codeIn(await letterTo(account.email, /code/));
      const { data } = await client.signIn.emailOtp({ email: account.email, otp });
      expect(data).toMatchObject({ user: { id: account.userId }, link: { status: 'merged' } });
      expect(await dogs()).toEqual(['Rex']);
    });

    it('hears that a code is wrong, and what to ask for instead of other codes', async () => {
      const { client } = await openPage();
      const email = newEmail();
      const wrong = await client.signIn.emailOtp({ email, otp: '000000' });
      expect(wrong.error).toMatchObject({ status: 400, code: 'INVALID_OR_EXPIRED' });
      const other = await client.emailOtp.sendVerificationOtp({ email, type: 'forget-password' });
      expect(other.error).toMatchObject({ status: 400, code: 'VALIDATION_FAILED' });
    });

    it('sets a new password as a guest, who signs in with it and keeps the dogs', async () => {
      const account = await newAccount(host);
      const { email } = account;
      const { client, guestId, dogs } = await openPage();
      const asked = await client.requestPasswordReset({ email, redirectTo: '/new-password' });
      expect(asked).toEqual({ data: { status: true, message: expect.any(String) }, error: null });
      const { path, token } = resetLinkIn(await letterTo(email, /^New password/));
      const opened = await host.browser().get(path);
      expect(opened.headers.get('location')).toBe(`/new-password?token=${token}`);
      const set = await client.resetPassword({ newPassword, token });
      expect(set).toEqual({ data: { status: true }, error: null });
      expect((await client.getSession()).data).toMatchObject({
        user: { id: guestId, isAnonymous: true },
      });
      expect(await dogs()).toEqual(['Rex']);
      const { data } = await client.signIn.email({ email, password: newPassword });
      expect(data).toMatchObject({ user: { id: account.userId }, link: { status: 'merged' } });
      expect(await dogs()).toEqual(['Rex']);
      const again = await client.resetPassword({ newPassword, token });
      expect(again.error).toMatchObject({ status: 400, code: 'INVALID_OR_EXPIRED' });
    });
  },
);
