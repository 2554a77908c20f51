import { ensureSession } from '../../src/client/index.js';
import { password } from '../better-auth/browser.js';
import { NO_RETRY, notesOf } from '../support/links.js';
import { askForLink, Mailbox } from '../support/mailbox.js';
import { newAccount } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';
import { allLeft, BrowserOfTabs, FIRST_LOOK, showSession, type Tab } from './browser-of-tabs.js';

describe.each(['express', 'fastify'] as const)(
  "better-auth's client with guestClient on %s",
  (adapter) => {
    let host: TestApp;
    let browser: BrowserOfTabs;
    beforeAll(async () => {
      host = await createTestApp({
        adapter,
        options: { linking: { ...NO_RETRY, policy: 'ask' } },
        extras: { mailer: Mailbox },
      });
    });
    afterAll(async () => {
      await allLeft();
      await host.close();
    });
    beforeEach(() => {
      browser = new BrowserOfTabs(host);
    });
    afterEach(() => browser.close());

    /** A guest with one note that has signed in to an account, which was asked what to do with it. */
    const waiting = async () => {
      const { email, userId } = await newAccount(host);
      const client = browser.openTab();
      const guestId = (await ensureSession(client)).data!.user.id;
      await host.sql(`INSERT INTO note (user_id, text) VALUES ($1, 'mine')`, [guestId]);
      await client.signIn.email({ email, password });
      const [link] = (await client.links.list()).data!;
      return { client, guestId, accountId: userId, link: link! };
    };
    const looks = () => browser.lines().filter((line) => line === FIRST_LOOK).length;

    it('upgrades the guest: same id, and the session store shows the account', async () => {
      const client = browser.openTab();
      const guest = (await ensureSession(client)).data!.user;
      const component = showSession(client);
      const email = `upgraded-${adapter}@example.com`;
      const { data, error } = await client.anonymous.upgrade({ email, password, name: 'Ada' });
      expect(error).toBeNull();
      expect(data).toEqual({
        token: expect.any(String),
        user: {
          ...guest,
          email,
          name: 'Ada',
          image: null,
          isAnonymous: false,
          updatedAt: expect.any(Date),
        },
        session: expect.objectContaining({ userId: guest.id, expiresAt: expect.any(Date) }),
      });
      await component.shows('the account', (user) => user?.email === email);
      component.leave();
    });

    it('answers what is wrong with an upgrade, and refreshes nothing', async () => {
      const { email } = await newAccount(host);
      const client = browser.openTab();
      await ensureSession(client);
      const refreshes = countRefreshes(client);
      const { data, error } = await client.anonymous.upgrade({ email, password });
      expect(data).toBeNull();
      expect(error).toMatchObject({
        status: 409,
        code: 'EMAIL_TAKEN',
        message: expect.any(String),
      });
      expect(refreshes()).toBe(0);
    });

    it('shows links and what confirming them would do', async () => {
      const { client, link } = await waiting();
      expect(link).toEqual({
        id: expect.any(String),
        status: 'awaiting-consent',
        policy: 'ask',
        receipt: null,
      });
      expect(await client.links.get(link.id)).toEqual({
        data: {
          ...link,
          preview: {
            tables: { note: { rows: 1, collisions: 0, decidedBy: 'reassign' } },
            hash: expect.any(String),
          },
        },
        error: null,
      });
    });

    it('confirms a link with the preview that was shown, and refreshes the session', async () => {
      const { client, guestId, accountId, link } = await waiting();
      const { preview } = (await client.links.get(link.id)).data!;
      const component = showSession(client);
      const before = looks();
      const { data, error } = await client.links.confirm(link.id, { preview: preview!.hash });
      expect(error).toBeNull();
      expect(data).toEqual({
        ...link,
        status: 'merged',
        receipt: {
          tables: expect.objectContaining({ note: { moved: 1, folded: 0, dropped: 0 } }),
          mergedAt: expect.any(Date),
        },
      });
      expect(await notesOf(host, guestId)).toEqual([]);
      expect(await notesOf(host, accountId)).toEqual(['mine']);
      await component.shows('the account', (user) => user?.id === accountId && looks() > before);
      component.leave();
    });

    it('confirms a link without a preview', async () => {
      const { client, link } = await waiting();
      expect((await client.links.confirm(link.id)).data).toMatchObject({ status: 'merged' });
    });

    it('gives the new preview when the one that was shown has changed', async () => {
      const { client, guestId, link } = await waiting();
      const { preview } = (await client.links.get(link.id)).data!;
      await host.sql(`INSERT INTO note (user_id, text) VALUES ($1, 'more')`, [guestId]);
      const { error } = await client.links.confirm(link.id, { preview: preview!.hash });
      expect(error).toMatchObject({ status: 409, code: 'LINK_PREVIEW_STALE' });
      expect(error!.preview).toEqual((await client.links.get(link.id)).data!.preview);
      const again = await client.links.confirm(link.id, { preview: error!.preview!.hash });
      expect(again.data).toMatchObject({ status: 'merged' });
    });

    it('declines a link', async () => {
      const { client, guestId, link } = await waiting();
      expect(await client.links.decline(link.id)).toEqual({
        data: { ...link, status: 'declined' },
        error: null,
      });
      expect(await notesOf(host, guestId)).toEqual(['mine']);
    });

    it.each(['nobody', '../sign-out', ''])('knows no link %j', async (id) => {
      const { client } = await waiting();
      const answer = await client.links.confirm(id);
      expect(answer).toMatchObject({ data: null, error: { status: 404 } });
      expect((await client.getSession()).data).not.toBeNull();
    });

    it.each([
      ['deleteAnonymousUser', (client: Tab) => client.deleteAnonymousUser()],
      [
        'DELETE /auth/anonymous',
        ({ anonymous }: Tab) =>
          (anonymous as unknown as Request)({ fetchOptions: { method: 'DELETE' } }),
      ],
    ])('refreshes the session store when the guest is deleted by %s', async (_, remove) => {
      const client = browser.openTab();
      const { id } = (await ensureSession(client)).data!.user;
      const component = showSession(client);
      await client.$store.atoms.session!.get().refetch();
      await component.shows('the guest', (user) => user?.id === id);
      expect(await remove(client)).toMatchObject({ data: { success: true } });
      await component.shows('nobody', (user) => user === undefined);
      component.leave();
    });

    it.each(['GET', 'POST'])('refreshes it when a magic link is verified by %s', async (method) => {
      const client = browser.openTab();
      const component = showSession(client);
      const token = await askForLink(
        host,
        host.browser(),
        `by-${method.toLowerCase()}-${adapter}@example.com`,
      );
      const before = looks();
      const verify = client.magicLink.verify;
      // The client's types know the method of better-auth's server alone.
      const posted = { method, body: { token } as never };
      const fetchOptions = method === 'POST' ? posted : { method };
      const { error } = await verify({ query: { token }, fetchOptions });
      expect(error).toBeNull();
      await component.shows('what get-session answers', () => looks() > before);
      component.leave();
    });

    it('leaves the session store alone when it is told to', async () => {
      const client = browser.openTab();
      await ensureSession(client);
      const refreshes = countRefreshes(client);
      const account = { email: `quiet-${adapter}@example.com`, password };
      const { error } = await client.anonymous.upgrade(account, { disableSignal: true });
      expect(error).toBeNull();
      expect(refreshes()).toBe(0);
    });

    it('stays in nobody’s way: what anonymousClient adds is there', async () => {
      const client = browser.openTab();
      const { data } = await client.signIn.anonymous();
      expect(data!.user.isAnonymous).toBe(true);
      expect((await client.getSession()).data!.user.id).toBe(data!.user.id);
    });

    it('works with a bearer token that a hook keeps', async () => {
      let token = '';
      const client = browser.openTab(
        { answered: () => browser.cookies.clear() },
        {
          auth: { type: 'Bearer', token: () => token },
          onSuccess: ({ response }) => {
            token = response.headers.get('set-auth-token') ?? token;
          },
        },
      );
      const { data } = await ensureSession(client);
      const component = showSession(client);
      const email = `app-${adapter}@example.com`;
      await client.anonymous.upgrade({ email, password });
      await component.shows('the account', (user) => user?.email === email);
      expect((await client.getSession()).data!.user.id).toBe(data!.user.id);
      component.leave();
    });
  },
);

/** Every path of the client is a function, whether it has a type or not. */
type Request = (options: { fetchOptions: { method: string } }) => Promise<unknown>;

function countRefreshes({ $store }: Tab): () => number {
  let signals = 0;
  $store.listen('$sessionSignal', () => (signals += 1));
  const before = signals;
  return () => signals - before;
}
