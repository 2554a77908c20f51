import { clearedCookies } from '../support/expectations.js';
import {
  guestWithNotes,
  handlerOf,
  ledgerOf,
  linkInState,
  NO_RETRY,
  notesOf,
  reconcile,
  userExists,
} from '../support/links.js';
import { Note } from '../support/host.js';
import { bearer, newAccount } from '../support/people.js';
import { RawConnection } from '../support/raw-connection.js';
import { createTestApp, type TestApp } from '../support/test-app.js';
import { membersHost } from './members.js';
import { newMember } from './people.js';

describe.each(['express', 'fastify'] as const)('@LinksGuest on %s', (adapter) => {
  let host: TestApp;
  /** What the next merges meet. */
  let trouble: Error | undefined;
  beforeAll(async () => {
    const handler = handlerOf(Note, async ({ guest, account, manager }) => {
      if (trouble) throw trouble;
      await manager.query('UPDATE note SET user_id = $2 WHERE user_id = $1', [
        guest.id,
        account.id,
      ]);
    });
    host = await createTestApp(
      membersHost({ adapter, options: { linking: NO_RETRY }, providers: [handler] }),
    );
  });
  afterEach(() => {
    trouble = undefined;
  });
  afterAll(() => host.close());

  it('brings the guest along at the host’s own login', async () => {
    const [guest, member] = [await guestWithNotes(host, 'mine'), await newMember(host)];
    const answer = await guest.client.post('/members/login', member.credentials);
    expect(answer).toMatchObject({ status: 201, body: { id: member.id } });
    expect(answer.body).toEqual({ id: member.id, token: expect.any(String) });
    expect(await notesOf(host, member.id)).toEqual(['mine']);
    expect(await userExists(host, guest.userId)).toBe(false);
    expect(await ledgerOf(host, guest.userId)).toMatchObject([
      { account_id: member.id, status: 'merged', announced: true },
    ]);
  });

  it('takes the cookie of the guest out of the browser, and the token is dead', async () => {
    const [guest, member] = [await guestWithNotes(host, 'mine'), await newMember(host)];
    const answer = await guest.client.post('/members/login', member.credentials);
    expect(clearedCookies(answer)).toEqual(['__Host-session']);
    expect(guest.client.cookies.header()).toBe('');
    expect(await bearer(host, guest.token).get('/members/me')).toMatchObject({ status: 401 });
  });

  it('takes a guest that names itself by a bearer token', async () => {
    const [guest, member] = [await guestWithNotes(host, 'mine'), await newMember(host)];
    const answer = await bearer(host, guest.token).post('/members/login', member.credentials);
    expect(answer.status).toBe(201);
    expect(await notesOf(host, member.id)).toEqual(['mine']);
  });

  it('works for a callback that redirects', async () => {
    const [guest, member] = [await guestWithNotes(host, 'mine'), await newMember(host)];
    const query = new URLSearchParams(member.credentials);
    const headers = { origin: undefined, 'sec-fetch-site': 'cross-site' };
    const answer = await guest.client.get(`/members/callback?${query}`, { headers });
    expect(answer.status).toBe(302);
    expect(answer.headers.get('location')).toBe('/welcome');
    expect(clearedCookies(answer)).toEqual(['__Host-session']);
    expect(await notesOf(host, member.id)).toEqual(['mine']);
  });

  it('works for a handler that has sent the response itself', async () => {
    const [guest, member] = [await guestWithNotes(host, 'mine'), await newMember(host)];
    const query = new URLSearchParams(member.credentials);
    const answer = await guest.client.get(`/members/callback/sent?${query}`);
    expect(answer.status).toBe(302);
    expect(answer.headers.getSetCookie()).toEqual([]);
    await linkInState(host, guest.userId, 'merged');
    expect(await notesOf(host, member.id)).toEqual(['mine']);
  });

  it('takes the account from the answer, and puts the link into it', async () => {
    const [guest, member] = [await guestWithNotes(host, 'mine'), await newMember(host)];
    const answer = await guest.client.post('/members/enter', member.credentials);
    const { id } = (await ledgerOf(host, guest.userId))[0]!;
    expect(answer.body).toEqual({
      id: member.id,
      link: {
        id,
        status: 'merged',
        policy: 'merge',
        receipt: expect.objectContaining({ tables: expect.any(Object) }),
      },
    });
    expect(guest.client.cookies.get('member')).toBe('yes');
    expect(guest.client.cookies.get('__Host-session')).toBeUndefined();
  });

  it('links nobody when the handler fails, or answers with an error', async () => {
    const [guest, member] = [await guestWithNotes(host, 'mine'), await newMember(host)];
    const failing = { ...member.credentials, fail: true };
    expect(await guest.client.post('/members/login', failing)).toMatchObject({ status: 422 });
    const wrong = { ...member.credentials, password: 'wrong' };
    expect(await guest.client.post('/members/login', wrong)).toMatchObject({ status: 401 });
    const answer = await guest.client.post('/members/enter', wrong);
    expect(answer).toMatchObject({ status: 401, body: { link: null } });
    expect(await ledgerOf(host, guest.userId)).toEqual([]);
    expect(await guest.client.get('/access/guest')).toMatchObject({ status: 200 });
  });

  it.each([[{ origin: 'https://evil.example' }], [{ 'sec-fetch-site': 'cross-site' }], [{}]])(
    'lets a request that we would not take from a browser sign in, and links nobody: %j',
    async (from) => {
      const [guest, member] = [await guestWithNotes(host, 'mine'), await newMember(host)];
      const headers = { origin: undefined, ...from };
      for (const route of ['login', 'enter']) {
        const answer = await guest.client.post(`/members/${route}`, member.credentials, {
          headers,
        });
        expect(answer).toMatchObject({ status: 201, body: { id: member.id } });
        expect(clearedCookies(answer)).toEqual([]);
      }
      expect(await ledgerOf(host, guest.userId)).toEqual([]);
      expect(await notesOf(host, guest.userId)).toEqual(['mine']);
    },
  );

  it('signs in as ever when no guest, a dead one or an account comes along', async () => {
    const member = await newMember(host);
    const dead = await guestWithNotes(host, 'dead');
    await bearer(host, dead.token).post('/auth/sign-out');
    const account = await newAccount(host);
    for (const client of [host.browser(), dead.client, account.client]) {
      const answer = await client.post('/members/enter', member.credentials);
      expect(answer).toMatchObject({ status: 201, body: { id: member.id, link: null } });
      expect(clearedCookies(answer)).toEqual([]);
    }
    expect(await notesOf(host, member.id)).toEqual([]);
    expect(await account.client.get('/access/account')).toMatchObject({ status: 200 });
  });

  it('signs in when two guests come along, and links neither', async () => {
    const [one, two] = [await guestWithNotes(host, 'one'), await guestWithNotes(host, 'two')];
    const member = await newMember(host);
    const headers = { authorization: `Bearer ${two.token}` };
    const answer = await one.client.post('/members/login', member.credentials, { headers });
    expect(answer.status).toBe(201);
    expect(await notesOf(host, member.id)).toEqual([]);
  });

  it('links nobody to what is no account', async () => {
    const [guest, other] = [await guestWithNotes(host, 'mine'), await guestWithNotes(host, 'b')];
    const nobody = '01890000-0000-7000-8000-000000000000';
    for (const account of [guest.userId, other.userId, nobody, 'garbage', 7, { a: 1 }, 'throw']) {
      const answer = await guest.client.post('/members/odd', { account });
      expect([account, answer.status]).toEqual([account, 201]);
    }
    expect(await guest.client.post('/members/forgetful')).toMatchObject({ body: { ok: true } });
    expect(await ledgerOf(host, guest.userId)).toEqual([]);
    expect(await guest.client.get('/access/guest')).toMatchObject({ status: 200 });
  });

  it('gives the same link to the same guest and account', async () => {
    const [guest, member] = [await guestWithNotes(host, 'mine'), await newMember(host)];
    const cookie = guest.client.cookies.header();
    const first = await guest.client.post('/members/enter', member.credentials);
    const headers = { cookie };
    const second = await host.browser().post('/members/enter', member.credentials, { headers });
    expect(second.body.link).toEqual(first.body.link);
    expect(clearedCookies(second)).toEqual(['__Host-session']);
    const stranger = await newMember(host);
    const third = await host.browser().post('/members/enter', stranger.credentials, { headers });
    expect(third).toMatchObject({ status: 201, body: { id: stranger.id, link: null } });
  });

  it('does not fail over a merge that fails, which is tried again', async () => {
    const [guest, member] = [await guestWithNotes(host, 'mine'), await newMember(host)];
    trouble = new Error('the merge fails');
    const answer = await guest.client.post('/members/enter', member.credentials);
    expect(answer).toMatchObject({ status: 201, body: { link: { status: 'pending' } } });
    expect(clearedCookies(answer)).toEqual(['__Host-session']);
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
    trouble = undefined;
    await reconcile(host);
    expect(await notesOf(host, member.id)).toEqual(['mine']);
  });

  it('does not fail when the link cannot be recorded; the next login links the guest', async () => {
    const [guest, member] = [await guestWithNotes(host, 'mine'), await newMember(host)];
    const raw = await RawConnection.open(host.databaseUrl);
    try {
      await raw.query('BEGIN');
      await raw.query('LOCK TABLE account_links IN ACCESS EXCLUSIVE MODE');
      const answer = await guest.client.post('/members/login', member.credentials);
      expect(answer).toMatchObject({ status: 201, body: { id: member.id } });
      expect(clearedCookies(answer)).toEqual([]);
    } finally {
      await raw.close();
    }
    expect(await guest.client.get('/access/guest')).toMatchObject({ status: 200 });
    await guest.client.post('/members/login', member.credentials);
    expect(await notesOf(host, member.id)).toEqual(['mine']);
  });
});
