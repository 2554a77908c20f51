import { createTestApp, type TestApp } from '../support/test-app.js';
import { openBrowser, password } from './browser.js';

describe.each(['express', 'fastify'] as const)(
  "better-auth's client with accounts on %s",
  (adapter) => {
    let host: TestApp;
    beforeAll(async () => {
      host = await createTestApp({ adapter });
    });
    afterAll(() => host.close());

    it('signs up without a guest', async () => {
      const { client } = openBrowser(host);
      const email = 'new@example.com';
      const { data, error } = await client.signUp.email({ email, password, name: 'New' });
      expect(error).toBeNull();
      expect(data).toMatchObject({
        token: expect.any(String),
        user: { email, name: 'New', emailVerified: false, createdAt: expect.any(Date) },
      });
      expect((await client.getSession()).data).toMatchObject({
        user: { id: data!.user.id, email, isAnonymous: false },
        session: { userId: data!.user.id, token: expect.any(String) },
      });
    });

    it('keeps the id and the rows of a guest that signs up', async () => {
      const { client, addNote, notes } = openBrowser(host);
      await addNote('before');
      const guest = await client.getSession();
      const email = 'upgraded@example.com';
      const { data } = await client.signUp.email({ email, password, name: 'Upgraded' });
      expect(data!.user.id).toBe(guest.data!.user.id);
      expect((await client.getSession()).data).toMatchObject({
        user: { id: guest.data!.user.id, email, isAnonymous: false },
      });
      expect(await notes()).toEqual(['before']);
    });

    it('merges the rows of a guest that signs in, and keeps the session of the account', async () => {
      const email = 'merged@example.com';
      const account = await openBrowser(host).client.signUp.email({ email, password, name: 'M' });
      const { client, addNote, notes } = openBrowser(host);
      await addNote('made as a guest');
      const guest = await client.getSession();
      const { data, error } = await client.signIn.email({ email, password });
      expect(error).toBeNull();
      expect(data).toMatchObject({
        redirect: false,
        user: { id: account.data!.user.id, email },
        link: { status: 'merged', receipt: { tables: { note: { moved: 1 } } } },
      });
      expect((await client.getSession()).data).toMatchObject({
        user: { id: data!.user.id, email },
      });
      expect(await notes()).toEqual(['made as a guest']);
      const left = await host.sql('SELECT 1 FROM users WHERE id = $1', [guest.data!.user.id]);
      expect(left).toEqual([]);
    });

    it('has no link when nobody was there before', async () => {
      const email = 'alone@example.com';
      await openBrowser(host).client.signUp.email({ email, password, name: 'Alone' });
      const { data } = await openBrowser(host).client.signIn.email({ email, password });
      expect(data).toMatchObject({ redirect: false, link: null });
    });

    it('signs an account out, and in again as another guest', async () => {
      const { client, cookies } = openBrowser(host);
      const { data } = await client.signUp.email({ email: 'out@example.com', password, name: 'O' });
      expect(await client.signOut()).toEqual({ data: { success: true }, error: null });
      expect(cookies.header()).toBe('');
      expect((await client.getSession()).data).toBeNull();
      const guest = await client.signIn.anonymous();
      expect(guest.data!.user.id).not.toBe(data!.user.id);
    });

    it('shows the account in the session store that frameworks subscribe to', async () => {
      const { client } = openBrowser(host);
      await client.signIn.anonymous();
      await client.useSession.value!.refetch();
      await client.signUp.email({ email: 'store@example.com', password, name: 'Store' });
      await client.useSession.value!.refetch();
      expect(client.useSession.value).toMatchObject({
        data: { user: { email: 'store@example.com', isAnonymous: false } },
        error: null,
      });
    });
  },
);
