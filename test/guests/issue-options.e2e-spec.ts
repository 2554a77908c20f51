import { Injectable } from '@nestjs/common';
import { GuestGate, type GuestGateContext, type GuestGateDecision } from '../../src/index.js';
import { refusal, rowCounts } from '../support/expectations.js';
import { newAccount, newGuest } from '../support/people.js';
import { createTestApp, type TestApp, type TestAppSettings } from '../support/test-app.js';

type GuestChoice = NonNullable<NonNullable<TestAppSettings['options']>['guest']>;

@Injectable()
class DoorKeeper extends GuestGate {
  override async check({ client, request }: GuestGateContext): Promise<GuestGateDecision> {
    const wish = request.headers['x-wish'];
    if (wish === 'deny') return { outcome: 'deny', code: 'NO_ROBOTS', message: 'Not you.' };
    if (wish === 'challenge') return { outcome: 'challenge' };
    if (client.userAgent === 'crawler') return { outcome: 'deny' };
    return { outcome: 'allow' };
  }
}

describe.each(['express', 'fastify'] as const)('guests as the options say, on %s', (adapter) => {
  let host: TestApp;
  const start = async (guest: GuestChoice) => {
    host = await createTestApp({ adapter, options: { guest } });
  };

  describe('guest.repeatSignIn: reject', () => {
    beforeAll(() => start({ repeatSignIn: 'reject' }));
    afterAll(() => host.close());

    it('issues the first guest', async () => {
      expect(await host.browser().post('/auth/anonymous')).toMatchObject({ status: 201 });
    });

    it.each(['/auth/anonymous', '/auth/sign-in/anonymous'])(
      'refuses a guest that asks %s again, and leaves its session alone',
      async (path) => {
        const { client, userId } = await newGuest(host);
        const before = await rowCounts(host);
        const answer = await client.post(path);
        expect(answer).toMatchObject(
          refusal(400, 'ANONYMOUS_USERS_CANNOT_SIGN_IN_AGAIN_ANONYMOUSLY'),
        );
        expect(answer.headers.getSetCookie()).toEqual([]);
        expect(await rowCounts(host)).toEqual(before);
        expect(await client.get('/access/guest')).toMatchObject({ status: 200, body: { userId } });
      },
    );

    it('still answers an account with ALREADY_SIGNED_IN', async () => {
      const { client } = await newAccount(host);
      const answer = await client.post('/auth/anonymous');
      expect(answer).toMatchObject(refusal(409, 'ALREADY_SIGNED_IN'));
    });

    it('lets a guest write through @EnsureIdentity again and again', async () => {
      const { client, userId } = await newGuest(host);
      const note = await client.post('/notes', { text: 'again' });
      expect(note).toMatchObject({ status: 201, body: { userId } });
    });
  });

  describe.each([
    ['a synchronous', (n: number) => `Curious Beagle ${n}`],
    ['an asynchronous', async (n: number) => `Curious Beagle ${n}`],
  ])('guest.generateName with %s generator', (_kind, nameOf) => {
    let calls = 0;
    beforeAll(() => start({ generateName: () => nameOf(++calls) }));
    afterAll(() => host.close());

    it('names each guest, in the answer, in the row and in its session', async () => {
      const client = host.browser();
      const { body } = await client.post('/auth/anonymous');
      expect(body.user.name).toBe(`Curious Beagle ${calls}`);
      const rows = await host.sql('SELECT name FROM users WHERE id = $1', [body.user.id]);
      expect(rows).toEqual([{ name: body.user.name }]);
      expect((await client.get('/auth/get-session')).body.user.name).toBe(body.user.name);
      expect((await host.browser().post('/auth/anonymous')).body.user.name).not.toBe(
        body.user.name,
      );
    });
  });

  describe.each([
    ['a synchronous', (id: string) => `${id}@Guest.invalid`],
    ['an asynchronous', async (id: string) => `${id}@Guest.invalid`],
  ])('guest.placeholderEmail with %s generator', (kind, placeholderEmail) => {
    beforeAll(() => start({ placeholderEmail }));
    afterAll(() => host.close());

    it(`fills the e-mail column from ${kind} generator, and the guest stays a guest`, async () => {
      const { body } = await host.browser().post('/auth/anonymous');
      const email = `${body.user.id}@guest.invalid`;
      expect(body.user).toMatchObject({ email, emailVerified: false, isAnonymous: true });
      const rows = await host.sql('SELECT email, is_anonymous FROM users WHERE id = $1', [
        body.user.id,
      ]);
      expect(rows).toEqual([{ email, is_anonymous: true }]);
    });

    it(`gives way to the real address when the guest of ${kind} generator signs up`, async () => {
      const { client, userId } = await newGuest(host);
      const account = { email: `real-${userId}@example.com`, password: 'correct horse battery' };
      const answer = await client.post('/auth/sign-up/email', account);
      expect(answer).toMatchObject({
        status: 200,
        body: { user: { id: userId, email: account.email, isAnonymous: false } },
      });
    });
  });

  describe.each([
    ['a synchronous', () => 'not-an-email'],
    ['an asynchronous', async () => 'not-an-email'],
  ])('guest.placeholderEmail with a broken generator', (kind, placeholderEmail) => {
    beforeAll(() => start({ placeholderEmail }));
    afterAll(() => host.close());

    it.each(['/auth/anonymous', '/auth/sign-in/anonymous', '/notes'])(
      `answers 400 on %s and writes nothing when ${kind} generator makes no address`,
      async (path) => {
        const answer = await host
          .browser()
          .post(path, path === '/notes' ? { text: 'x' } : undefined);
        expect(answer).toMatchObject(refusal(400, 'INVALID_EMAIL_FORMAT'));
        expect(answer.body.message).toBe('Email was not generated in a valid format');
        expect(answer.headers.getSetCookie()).toEqual([]);
        expect(await rowCounts(host)).toMatchObject({ users: 0, sessions: 0, note: 0 });
      },
    );
  });

  describe('the guest gate', () => {
    beforeAll(async () => {
      host = await createTestApp({ adapter, extras: { guestGate: DoorKeeper } });
    });
    afterAll(() => host.close());

    const refusals = [
      [{ 'x-wish': 'deny' }, 'NO_ROBOTS', 'Not you.'],
      [{ 'x-wish': 'challenge' }, 'CHALLENGE_REQUIRED', expect.any(String)],
      [{ 'user-agent': 'crawler' }, 'GUEST_REFUSED', expect.any(String)],
    ].flatMap((row) =>
      ['/auth/anonymous', '/auth/sign-in/anonymous', '/notes'].map((path) => [path, ...row]),
    );

    it.each(refusals)(
      'refuses at %s for %j with its own code, no row and no cookie',
      async (path, headers, code, message) => {
        const before = await rowCounts(host);
        const body = path === '/notes' ? { text: 'x' } : undefined;
        const answer = await host.browser().post(path, body, { headers });
        expect({ status: answer.status, body: answer.body }).toEqual({
          status: 403,
          body: { statusCode: 403, code, message },
        });
        expect(answer.headers.getSetCookie()).toEqual([]);
        expect(answer.headers.get('set-auth-token')).toBeNull();
        expect(await rowCounts(host)).toEqual(before);
      },
    );

    it('lets everybody else in, and is not asked about a guest that exists', async () => {
      const { client, userId } = await newGuest(host);
      const headers = { 'x-wish': 'deny' };
      const again = await client.post('/auth/anonymous', undefined, { headers });
      expect(again).toMatchObject({ status: 200, body: { user: { id: userId } } });
      const note = await client.post('/notes', { text: 'mine' }, { headers });
      expect(note).toMatchObject({ status: 201, body: { userId } });
    });

    it('does not keep anybody from signing up', async () => {
      const headers = { 'x-wish': 'deny' };
      const account = { email: 'ada@example.com', password: 'correct horse battery' };
      const answer = await host.browser().post('/auth/sign-up/email', account, { headers });
      expect(answer).toMatchObject({ status: 200, body: { user: { isAnonymous: false } } });
    });
  });
});
