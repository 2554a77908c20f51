import { randomUUID } from 'node:crypto';
import { Clock } from '../../src/index.js';
import { clearedCookies, refusal } from '../support/expectations.js';
import { guestWithNotes, NO_RETRY, notesOf, signIn } from '../support/links.js';
import { bearer, newAccount } from '../support/people.js';
import { closeApps, startApp } from '../support/running-apps.js';
import type { TestApp } from '../support/test-app.js';
import { TestClock } from '../support/test-clock.js';

describe.each(['express', 'fastify'] as const)(
  'a guest whose token has expired on %s',
  (adapter) => {
    let host: TestApp;
    let clock: TestClock;
    beforeEach(async () => {
      clock = new TestClock();
      host = await startApp({
        adapter,
        options: { linking: NO_RETRY },
        overrides: [{ token: Clock, value: clock }],
      });
    });
    afterEach(closeApps);

    const credentials = () => ({
      email: `${randomUUID()}@example.com`,
      password: 'correct horse battery',
    });

    it('keeps its cookie for as long as it can be claimed', async () => {
      const { client } = await guestWithNotes(host, 'mine');
      clock.advance({ days: 8 });
      expect(await client.get('/access/session')).toMatchObject(refusal(401, 'UNAUTHORIZED'));
      const answer = await client.get('/auth/get-session');
      expect({ body: answer.body, cleared: clearedCookies(answer) }).toEqual({
        body: null,
        cleared: [],
      });
      clock.advance({ days: 23 });
      expect(clearedCookies(await client.get('/auth/get-session'))).toEqual(['__Host-session']);
    });

    it.each(['/auth/anonymous/upgrade', '/auth/sign-up/email'])(
      'still becomes an account with everything it owns by %s',
      async (route) => {
        const { client, userId } = await guestWithNotes(host, 'mine');
        clock.advance({ days: 29 });
        const answer = await client.post(route, credentials());
        expect(answer).toMatchObject({ status: 200, body: { user: { id: userId } } });
        expect((await client.get('/notes')).body).toMatchObject([{ text: 'mine' }]);
      },
    );

    it('is still merged into an account that it signs in to', async () => {
      const account = await newAccount(host);
      const guest = await guestWithNotes(host, 'mine');
      clock.advance({ days: 29 });
      expect(await signIn(guest, account)).toMatchObject({ body: { link: { status: 'merged' } } });
      expect(await notesOf(host, account.userId)).toEqual(['mine']);
    });

    it('can do nothing else', async () => {
      const guest = await guestWithNotes(host, 'mine');
      clock.advance({ days: 8 });
      for (const client of [guest.client, bearer(host, guest.token)]) {
        for (const path of ['/access/session', '/access/guest', '/auth/links']) {
          expect(await client.get(path)).toMatchObject(refusal(401, 'UNAUTHORIZED'));
        }
        const removal = await client.delete('/auth/anonymous');
        expect(removal).toMatchObject(refusal(401, 'UNAUTHORIZED'));
      }
      expect(await notesOf(host, guest.userId)).toEqual(['mine']);
    });

    it('is nobody once the time to claim it is over', async () => {
      const account = await newAccount(host);
      const [one, other] = [await guestWithNotes(host, 'mine'), await guestWithNotes(host, 'hers')];
      clock.advance({ days: 31 });
      const upgrade = await one.client.post('/auth/anonymous/upgrade', credentials());
      expect(upgrade).toMatchObject(refusal(401, 'UNAUTHORIZED'));
      expect(await signIn(other, account)).toMatchObject({ status: 200, body: { link: null } });
      expect(await notesOf(host, other.userId)).toEqual(['hers']);
    });

    it('is claimed by nobody else: after a sign-out the token is dead for good', async () => {
      const account = await newAccount(host);
      const guest = await guestWithNotes(host, 'mine');
      clock.advance({ days: 8 });
      await guest.client.post('/auth/sign-out');
      const old = { client: bearer(host, guest.token) };
      expect(await signIn(old, account)).toMatchObject({ status: 200, body: { link: null } });
    });
  },
);
