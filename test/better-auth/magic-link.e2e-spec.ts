import { createAuthClient } from 'better-auth/client';
import { anonymousClient, magicLinkClient } from 'better-auth/client/plugins';
import { CookieJar } from '../support/cookie-jar.js';
import { eventually } from '../support/barrier.js';
import { addNotes, NO_RETRY, notesOf } from '../support/links.js';
import { Mailbox, mailboxOf, tokenIn } from '../support/mailbox.js';
import { newAccount } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';
import { fetchOfPage } from './browser.js';

describe.each(['express', 'fastify'] as const)(
  "better-auth's client with magic links on %s",
  (adapter) => {
    let host: TestApp;
    beforeAll(async () => {
      host = await createTestApp({
        adapter,
        extras: { mailer: Mailbox },
        options: { linking: NO_RETRY },
      });
    });
    afterAll(() => host.close());

    /** A page with a guest that has made something. */
    async function openPage() {
      const browser = host.browser();
      await addNotes(browser, 'made as a guest');
      const cookies = new CookieJar();
      browser.cookies.copyTo(cookies);
      const client = createAuthClient({
        baseURL: `${host.url}/auth`,
        plugins: [anonymousClient(), magicLinkClient()],
        fetchOptions: { customFetchImpl: fetchOfPage(cookies) },
      });
      const { data } = await client.getSession();
      return { client, guestId: data!.user.id };
    }

    async function mailedTo(email: string): Promise<string> {
      const letter = await eventually('the mail arrives', () =>
        mailboxOf(host).letters.find(
          ({ to, text }) => to === email && text.includes('/magic-link/'),
        ),
      );
      return tokenIn(letter);
    }

    it('keeps the id and the rows of a guest whose address is new', async () => {
      const { client, guestId } = await openPage();
      const email = `new-on-${adapter}@example.com`;
      const asked = await client.signIn.magicLink({
        email,
        name: 'Ada',
        callbackURL: '/home',
        newUserCallbackURL: '/welcome',
        errorCallbackURL: '/oops',
      });
      expect(asked).toEqual({ data: { status: true }, error: null });
      const token = await mailedTo(email);
      const { data, error } = await client.magicLink.verify({ query: { token } });
      expect(error).toBeNull();
      expect(data).toMatchObject({
        token: expect.any(String),
        user: { id: guestId, email, name: 'Ada', emailVerified: true },
        session: { userId: guestId },
      });
      expect((await client.getSession()).data).toMatchObject({
        user: { id: guestId, isAnonymous: false },
      });
      expect(await notesOf(host, guestId)).toEqual(['made as a guest']);
    });

    it('merges the rows of a guest into the account that has the address', async () => {
      const account = await newAccount(host);
      const { client } = await openPage();
      await client.signIn.magicLink({ email: account.email });
      const token = await mailedTo(account.email);
      const { data } = await client.magicLink.verify({ query: { token } });
      expect(data).toMatchObject({
        user: { id: account.userId },
        link: { status: 'merged', receipt: { tables: { note: { moved: 1 } } } },
      });
      expect(await notesOf(host, account.userId)).toEqual(['made as a guest']);
    });

    it('hears that a link works no more', async () => {
      const { client } = await openPage();
      const { data, error } = await client.magicLink.verify({ query: { token: 'nothing' } });
      expect(data).toBeNull();
      expect(error).toMatchObject({ status: 400, code: 'INVALID_OR_EXPIRED' });
    });
  },
);
