import { createTestApp, type TestApp } from '../support/test-app.js';
import { openBrowser, password } from './browser.js';

const newPassword = 'a better horse battery';

describe.each(['express', 'fastify'] as const)(
  "better-auth's client and one's own account on %s",
  (adapter) => {
    let host: TestApp;
    beforeAll(async () => {
      host = await createTestApp({ adapter });
    });
    afterAll(() => host.close());

    /** One account, signed in to in two browsers. */
    async function twoBrowsers() {
      const email = `${crypto.randomUUID()}@example.com`;
      const [mine, other] = [openBrowser(host), openBrowser(host)];
      await mine.client.signUp.email({ email, password, name: 'Ada' });
      await other.client.signIn.email({ email, password });
      return { email, mine: mine.client, other: other.client, notes: mine };
    }

    it('lists the sessions and ends one of them', async () => {
      const { mine, other } = await twoBrowsers();
      const here = (await mine.getSession()).data!.session.token;
      const { data, error } = await mine.listSessions();
      expect(error).toBeNull();
      expect(data).toHaveLength(2);
      expect(data![0]).toMatchObject({ expiresAt: expect.any(Date), userAgent: expect.anything() });
      const { token } = data!.find((session) => session.token !== here)!;
      expect(await mine.revokeSession({ token })).toEqual({ data: { status: true }, error: null });
      expect((await other.getSession()).data).toBeNull();
      expect((await mine.getSession()).data).not.toBeNull();
    });

    it('ends the other sessions, then all', async () => {
      const { mine, other } = await twoBrowsers();
      expect((await mine.revokeOtherSessions()).data).toEqual({ status: true });
      expect((await other.getSession()).data).toBeNull();
      expect((await mine.revokeSessions()).data).toEqual({ status: true });
      expect((await mine.getSession()).data).toBeNull();
    });

    it('changes the password and stays signed in, alone', async () => {
      const { email, mine, other } = await twoBrowsers();
      const { data, error } = await mine.changePassword({
        currentPassword: password,
        newPassword,
        revokeOtherSessions: true,
      });
      expect(error).toBeNull();
      expect(data).toMatchObject({ token: expect.any(String), user: { email, name: 'Ada' } });
      expect((await other.getSession()).data).toBeNull();
      expect((await mine.getSession()).data).toMatchObject({ user: { email } });
      const { error: refused } = await other.signIn.email({ email, password });
      expect(refused).toMatchObject({ code: 'INVALID_EMAIL_OR_PASSWORD' });
      expect((await other.signIn.email({ email, password: newPassword })).error).toBeNull();
    });

    it('changes the password and leaves the others signed in, unless asked', async () => {
      const { mine, other } = await twoBrowsers();
      const { data } = await mine.changePassword({ currentPassword: password, newPassword });
      expect(data).toMatchObject({ token: null });
      expect((await other.getSession()).data).not.toBeNull();
      const { error } = await mine.changePassword({ currentPassword: password, newPassword });
      expect(error).toMatchObject({ code: 'INVALID_PASSWORD', status: 400 });
    });

    it('updates name and picture, and the session store shows them', async () => {
      const { mine } = await twoBrowsers();
      const image = 'https://cdn.example/ada.png';
      expect(await mine.updateUser({ name: 'Ada L.', image })).toEqual({
        data: { status: true },
        error: null,
      });
      await mine.useSession.value!.refetch();
      expect(mine.useSession.value).toMatchObject({ data: { user: { name: 'Ada L.', image } } });
      await mine.updateUser({ image: null });
      expect((await mine.getSession()).data!.user).toMatchObject({ name: 'Ada L.', image: null });
    });

    it('lists the ways in', async () => {
      const { mine } = await twoBrowsers();
      const { id } = (await mine.getSession()).data!.user;
      const { data } = await mine.listAccounts();
      expect(data).toMatchObject([
        { providerId: 'credential', accountId: id, userId: id, scopes: [] },
      ]);
    });

    it('deletes the account, with the password only', async () => {
      const { email, mine, other, notes } = await twoBrowsers();
      await notes.addNote('mine');
      expect((await mine.deleteUser()).error).toMatchObject({ code: 'USER_ALREADY_HAS_PASSWORD' });
      expect((await mine.deleteUser({ password: 'not it' })).error).toMatchObject({
        code: 'INVALID_PASSWORD',
      });
      expect(await mine.deleteUser({ password, callbackURL: '/bye' })).toEqual({
        data: { success: true, message: 'User deleted' },
        error: null,
      });
      for (const client of [mine, other]) expect((await client.getSession()).data).toBeNull();
      expect((await mine.signIn.email({ email, password })).error).toMatchObject({ status: 401 });
    });
  },
);
