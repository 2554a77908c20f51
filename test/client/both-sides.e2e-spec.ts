import { createAuthClient } from 'better-auth/client';
import { magicLinkClient } from 'better-auth/client/plugins';
import { guestClient } from '../../src/client/index.js';
import { fetchOfPage } from '../better-auth/browser.js';
import { CookieJar } from '../support/cookie-jar.js';
import { addNotes, NO_RETRY, notesOf } from '../support/links.js';
import { askForLink, Mailbox } from '../support/mailbox.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

describe("better-auth's client with guestClient, in the browsers of guest and account", () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ extras: { mailer: Mailbox }, options: { linking: NO_RETRY } });
  });
  afterAll(() => host.close());

  const openPage = (cookies = new CookieJar()) =>
    createAuthClient({
      baseURL: `${host.url}/auth`,
      plugins: [magicLinkClient(), guestClient()],
      fetchOptions: { customFetchImpl: fetchOfPage(cookies) },
    });

  /** A guest with a note, and the account that has opened the guest's mail elsewhere. */
  async function twoPages(email: string) {
    const browser = host.browser();
    await addNotes(browser, 'mine');
    const token = await askForLink(host, browser, email);
    const cookies = new CookieJar();
    browser.cookies.copyTo(cookies);
    const [guest, account] = [openPage(cookies), openPage()];
    const { data } = await account.magicLink.verify({ query: { token } });
    const [link] = (await guest.links.list()).data!;
    return { guest, account, accountId: data!.user.id, link: link! };
  }

  it('brings the guest along when both confirm the code', async () => {
    const { guest, account, accountId, link } = await twoPages('both@example.com');
    expect(link).toMatchObject({
      status: 'awaiting-consent',
      policy: 'both-sides',
      agreed: { guest: false, account: false },
    });
    const { code } = (await account.links.get(link.id)).data!;
    expect(code).toBe(link.code);
    expect((await guest.links.confirm(link.id, { code })).data).toMatchObject({
      agreed: { guest: true, account: false },
    });
    const { preview } = (await account.links.get(link.id)).data!;
    const { data } = await account.links.confirm(link.id, { code, preview: preview!.hash });
    expect(data).toMatchObject({ status: 'merged', receipt: { mergedAt: expect.any(Date) } });
    expect((await guest.getSession()).data).toBeNull();
    expect(await notesOf(host, accountId)).toEqual(['mine']);
  });

  it('hears that the code is of something else', async () => {
    const { account, link } = await twoPages('other@example.com');
    const { data, error } = await account.links.confirm(link.id, { code: 'none' });
    expect(data).toBeNull();
    expect(error).toMatchObject({ status: 400, code: 'LINK_CODE_MISMATCH' });
    expect((await account.links.confirm(link.id)).error).toMatchObject({
      code: 'VALIDATION_FAILED',
    });
  });
});
