import { createAuthClient } from 'better-auth/client';
import { anonymousClient } from 'better-auth/client/plugins';
import { createTestApp, type TestApp } from '../support/test-app.js';
import { openBrowser, password } from './browser.js';

describe.each(['express', 'fastify'] as const)(
  "better-auth's client as a guest on %s",
  (adapter) => {
    let host: TestApp;
    beforeAll(async () => {
      host = await createTestApp({ adapter });
    });
    afterAll(() => host.close());

    it('has no session before anybody signs in', async () => {
      const { client } = openBrowser(host);
      expect(await client.getSession()).toEqual({ data: null, error: null });
    });

    it('signs in as a guest and stays that guest', async () => {
      const { client } = openBrowser(host);
      const { data, error } = await client.signIn.anonymous();
      expect(error).toBeNull();
      expect(data).toMatchObject({
        token: expect.any(String),
        user: { id: expect.any(String), isAnonymous: true, email: null },
      });
      const session = await client.getSession();
      expect(session.data).toMatchObject({
        user: { id: data!.user.id, isAnonymous: true },
        session: {
          userId: data!.user.id,
          expiresAt: expect.any(Date),
          createdAt: expect.any(Date),
        },
      });
      expect(session.data!.session.expiresAt.getTime()).toBeGreaterThan(Date.now());
    });

    it('sees the guest that a write of the page was issued', async () => {
      const { client, addNote } = openBrowser(host);
      const note = (await (await addNote('first')).json()) as { userId: string };
      const { data } = await client.getSession();
      expect(data).toMatchObject({ user: { id: note.userId, isAnonymous: true } });
    });

    it('stays the same guest when it signs in as a guest again', async () => {
      const { client } = openBrowser(host);
      const first = await client.signIn.anonymous();
      const second = await client.signIn.anonymous();
      expect(second.error).toBeNull();
      expect(second.data!.user.id).toBe(first.data!.user.id);
    });

    it('shows the guest in the session store that frameworks subscribe to', async () => {
      const { client } = openBrowser(host);
      await client.useSession.value!.refetch();
      expect(client.useSession.value).toMatchObject({ data: null, error: null, isPending: false });
      const { data } = await client.signIn.anonymous();
      await client.useSession.value!.refetch();
      expect(client.useSession.value).toMatchObject({ data: { user: { id: data!.user.id } } });
    });

    it('signs out: the cookie and the guest session are gone', async () => {
      const { client, cookies } = openBrowser(host);
      await client.signIn.anonymous();
      const stolen = openBrowser(host);
      cookies.copyTo(stolen.cookies);
      expect(await client.signOut()).toEqual({ data: { success: true }, error: null });
      expect(cookies.header()).toBe('');
      expect((await client.getSession()).data).toBeNull();
      expect((await stolen.client.getSession()).data).toBeNull();
    });

    it('deletes the guest and everything it owns', async () => {
      const { client, cookies, addNote } = openBrowser(host);
      await addNote('goes too');
      const { data } = await client.getSession();
      expect(await client.deleteAnonymousUser()).toEqual({ data: { success: true }, error: null });
      expect(cookies.header()).toBe('');
      expect((await client.getSession()).data).toBeNull();
      const id = data!.user.id;
      expect(await host.sql('SELECT 1 FROM users WHERE id = $1', [id])).toEqual([]);
      expect(await host.sql('SELECT 1 FROM note WHERE user_id = $1', [id])).toEqual([]);
    });

    it('works without cookies, with the bearer token that the answers carry', async () => {
      let token = '';
      const client = createAuthClient({
        baseURL: `${host.url}/auth`,
        plugins: [anonymousClient()],
        fetchOptions: {
          auth: { type: 'Bearer', token: () => token },
          onSuccess: ({ response }) => {
            token = response.headers.get('set-auth-token') ?? token;
          },
        },
      });
      const { data } = await client.signIn.anonymous();
      expect(token).toBe(data!.token);
      const account = await client.signUp.email({
        email: 'app@example.com',
        password,
        name: 'App',
      });
      expect(account.error).toBeNull();
      expect((await client.getSession()).data).toMatchObject({
        user: { id: data!.user.id, isAnonymous: false },
      });
    });
  },
);
