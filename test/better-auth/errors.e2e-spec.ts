import { createTestApp, type TestApp } from '../support/test-app.js';
import { openBrowser, password } from './browser.js';

const email = 'ada@example.com';

describe.each(['express', 'fastify'] as const)(
  "errors as better-auth's client shows them on %s",
  (adapter) => {
    let host: TestApp;
    beforeAll(async () => {
      host = await createTestApp({
        adapter,
        options: { guest: { repeatSignIn: 'reject', allowDelete: false } },
      });
      await openBrowser(host).client.signUp.email({ email, password, name: 'Ada' });
    });
    afterAll(() => host.close());

    it('has a code, a status and a message for a wrong password, and the guest stays', async () => {
      const { client } = openBrowser(host);
      const guest = await client.signIn.anonymous();
      const { data, error } = await client.signIn.email({ email, password: 'not the password' });
      expect(data).toBeNull();
      expect(error).toMatchObject({ code: 'INVALID_EMAIL_OR_PASSWORD', status: 401 });
      expect(error!.message).toEqual(expect.any(String));
      expect((await client.getSession()).data!.user.id).toBe(guest.data!.user.id);
    });

    it('answers an unknown address like a wrong password', async () => {
      const { client } = openBrowser(host);
      const wrong = await client.signIn.email({ email, password: 'not the password' });
      const unknown = await client.signIn.email({ email: 'nobody@example.com', password });
      expect(unknown).toEqual(wrong);
    });

    it('says that an address is taken, and the guest stays', async () => {
      const { client } = openBrowser(host);
      const guest = await client.signIn.anonymous();
      const { error } = await client.signUp.email({ email, password, name: 'Not Ada' });
      expect(error).toMatchObject({ code: 'EMAIL_TAKEN', status: 409 });
      expect((await client.getSession()).data!.user.id).toBe(guest.data!.user.id);
    });

    it('refuses a second anonymous sign-in by the code that the client knows', async () => {
      const { client } = openBrowser(host);
      await client.signIn.anonymous();
      const { error } = await client.signIn.anonymous();
      const code = 'ANONYMOUS_USERS_CANNOT_SIGN_IN_AGAIN_ANONYMOUSLY';
      expect(error).toMatchObject({ code, status: 400 });
    });

    it('tells an account that it is signed in already', async () => {
      const { client } = openBrowser(host);
      await client.signIn.email({ email, password });
      const { error } = await client.signIn.anonymous();
      expect(error).toMatchObject({ code: 'ALREADY_SIGNED_IN', status: 409 });
    });

    it('refuses to delete an account, a guest where that is off, and nobody', async () => {
      const account = openBrowser(host);
      await account.client.signIn.email({ email, password });
      expect((await account.client.deleteAnonymousUser()).error).toMatchObject({
        code: 'USER_IS_NOT_ANONYMOUS',
        status: 403,
      });
      const guest = openBrowser(host);
      await guest.client.signIn.anonymous();
      expect((await guest.client.deleteAnonymousUser()).error).toMatchObject({
        code: 'DELETE_ANONYMOUS_USER_DISABLED',
        status: 400,
      });
      const nobody = await openBrowser(host).client.deleteAnonymousUser();
      expect(nobody.error).toMatchObject({ code: 'UNAUTHORIZED', status: 401 });
    });

    it("answers 404 for a route of better-auth's that is none of ours", async () => {
      const { client } = openBrowser(host);
      const { error } = await client.$fetch('/ok');
      expect(error).toMatchObject({ status: 404 });
    });

    it('names the field of a password that is too short', async () => {
      const { client } = openBrowser(host);
      const { error } = await client.signUp.email({
        email: 'b@example.com',
        password: 'x',
        name: '',
      });
      expect(error).toMatchObject({
        code: 'VALIDATION_FAILED',
        status: 400,
        errors: [{ field: 'password' }],
      });
    });
  },
);
