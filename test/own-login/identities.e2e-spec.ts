import { clearedCookies, newCookies, refusal, rowCounts } from '../support/expectations.js';
import { guestWithNotes, NO_RETRY, notesOf } from '../support/links.js';
import { bearer, newAccount, newGuest } from '../support/people.js';
import { createTestApp, SECRET, type TestApp } from '../support/test-app.js';
import { forgeToken } from '../support/tokens.js';
import { MEMBERS_SECRET } from './member.strategies.js';
import { membersHost } from './members.js';
import { newMember } from './people.js';

const EXPIRED = { claims: { exp: 1_700_000_000 }, secret: MEMBERS_SECRET };

describe.each(['express', 'fastify'] as const)('a host with its own tokens on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp(membersHost({ adapter, options: { linking: NO_RETRY } }));
  });
  afterAll(() => host.close());

  describe("AuthGuard(['jwt', 'anonymous-guest'])", () => {
    it('lets members and guests in, both in the shape that the host knows', async () => {
      const [guest, member] = [await newGuest(host), await newMember(host)];
      const asGuest = { status: 200, body: { id: guest.userId } };
      expect(await guest.client.get('/members/me')).toEqual(expect.objectContaining(asGuest));
      expect(await bearer(host, guest.token).get('/members/me')).toMatchObject(asGuest);
      const answer = await bearer(host, member.token).get('/members/me');
      expect(answer).toMatchObject({ status: 200, body: { id: member.id } });
    });

    it('takes the member when a guest’s cookie comes along', async () => {
      const [guest, member] = [await newGuest(host), await newMember(host)];
      const answer = await guest.client.get('/members/me', { headers: member.bearer });
      expect(answer).toMatchObject({ status: 200, body: { id: member.id } });
    });

    it('refuses dead guests, forged tokens and nobody', async () => {
      const [guest, member] = [await newGuest(host), await newMember(host)];
      const tokens = [
        forgeToken(guest.token, { secret: 'a secret that neither of the two has ever seen' }),
        forgeToken(member.token, { secret: SECRET }),
        forgeToken(member.token, EXPIRED),
        (await newAccount(host)).token,
      ];
      for (const token of tokens) {
        expect(await bearer(host, token).get('/members/me')).toMatchObject({ status: 401 });
      }
      await bearer(host, guest.token).post('/auth/sign-out');
      expect(await guest.client.get('/members/me')).toMatchObject({ status: 401 });
      expect(await host.browser().get('/members/me')).toMatchObject({ status: 401 });
    });
  });

  describe.each(['notes', 'journal'])('@EnsureIdentity({ or }) at /members/%s', (route) => {
    const path = `/members/${route}`;

    it('writes for a member, and issues nobody', async () => {
      const member = await newMember(host);
      const { users } = await rowCounts(host);
      const answer = await host.browser().post(path, { text: 'a' }, { headers: member.bearer });
      expect(answer).toMatchObject({ status: 201, body: { userId: member.id, text: 'a' } });
      expect(answer.headers.getSetCookie()).toEqual([]);
      expect((await rowCounts(host)).users).toBe(users);
    });

    it('issues a guest for nobody, and knows it again', async () => {
      const { users } = await rowCounts(host);
      const client = host.browser();
      const first = await client.post(path, { text: 'a' });
      expect(first.status).toBe(201);
      expect(newCookies(first)).toHaveLength(1);
      const second = await client.post(path, { text: 'b' });
      expect(second).toMatchObject({ status: 201, body: { userId: first.body.userId } });
      const token = first.headers.get('set-auth-token')!;
      const third = await bearer(host, token).post(path, { text: 'c' });
      expect(third).toMatchObject({ status: 201, body: { userId: first.body.userId } });
      expect((await rowCounts(host)).users).toBe(users! + 1);
    });

    it('takes the member when a guest’s cookie comes along, dead or alive', async () => {
      const [guest, member] = [await newGuest(host), await newMember(host)];
      for (const end of [undefined, 'sign-out']) {
        if (end) await bearer(host, guest.token).post('/auth/sign-out');
        const headers = member.bearer;
        const answer = await guest.client.post(path, { text: 'a' }, { headers });
        expect(answer).toMatchObject({ status: 201, body: { userId: member.id } });
        expect(answer.headers.getSetCookie()).toEqual([]);
      }
    });

    it('answers 401 to a token of the host that has run out, so that it is refreshed', async () => {
      const member = await newMember(host);
      const before = await rowCounts(host);
      for (const token of [forgeToken(member.token, EXPIRED), 'garbage']) {
        const headers = { authorization: `Bearer ${token}` };
        for (const client of [host.browser(), (await guestWithNotes(host)).client]) {
          const answer = await client.post(path, { text: 'a' }, { headers });
          expect(answer.status).toBe(401);
          expect(answer.headers.getSetCookie()).toEqual([]);
        }
      }
      expect((await rowCounts(host)).note).toBe(before.note);
    });

    it('refuses what another site sends for a guest, or to become one', async () => {
      const { client } = await newGuest(host);
      const before = await rowCounts(host);
      const headers = { origin: 'https://evil.example' };
      for (const browser of [client, host.browser()]) {
        const answer = await browser.post(path, { text: 'a' }, { headers });
        expect(answer).toMatchObject(refusal(403, 'INVALID_ORIGIN'));
      }
      expect(await rowCounts(host)).toEqual(before);
    });
  });

  it('takes the guest back when the handler fails', async () => {
    const before = await rowCounts(host);
    const answer = await host.browser().post('/members/notes', { text: 'a', fail: true });
    expect(answer.status).toBe(422);
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await rowCounts(host)).toEqual(before);
  });

  it.each([
    ['banned', 403],
    ['broken', 500],
    ['unknown', 401],
  ])('makes no guest of a member who is %s', async (fault, status) => {
    const member = await newMember(host);
    const { users } = await rowCounts(host);
    const token = forgeToken(member.token, { claims: { fault }, secret: MEMBERS_SECRET });
    const answer = await bearer(host, token).post('/members/notes', { text: 'a' });
    expect(answer.status).toBe(status);
    expect((await rowCounts(host)).users).toBe(users);
  });

  it('reads for members, guests and nobody on one route', async () => {
    const [guest, member] = [await newGuest(host), await newMember(host)];
    await guest.client.post('/members/notes', { text: 'the guest’s' });
    const { headers } = { headers: member.bearer };
    await host.browser().post('/members/notes', { text: 'the member’s' }, { headers });
    expect((await guest.client.get('/members/notes')).body).toEqual([{ text: 'the guest’s' }]);
    const both = await guest.client.get('/members/notes', { headers });
    expect(both.body).toEqual([{ text: 'the member’s' }]);
    expect((await host.browser().get('/members/notes')).body).toEqual([]);
  });

  it('lets a browser be a guest again whose guest was linked behind its back', async () => {
    const [guest, member] = [await guestWithNotes(host, 'mine'), await newMember(host)];
    await bearer(host, guest.token).post('/members/login', member.credentials);
    expect(await notesOf(host, member.id)).toEqual(['mine']);
    const late = await guest.client.post('/members/notes', { text: 'late' });
    expect(late).toMatchObject(refusal(409, 'GUEST_MERGED'));
    expect(clearedCookies(late)).toEqual(['__Host-session']);
    const next = await guest.client.post('/members/notes', { text: 'anew' });
    expect(next.status).toBe(201);
    expect([guest.userId, member.id]).not.toContain(next.body.userId);
  });

  it('leaves other routes the principal', async () => {
    const { client, userId } = await newGuest(host);
    const answer = await client.get('/access/guest');
    expect(answer.body).toMatchObject({ userId, isAnonymous: true });
  });
});
