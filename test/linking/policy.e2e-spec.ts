import type { LinkDecision, LinkPolicyContext } from '../../src/index.js';
import { LinkPolicy } from '../../src/index.js';
import { refusal, rowCounts } from '../support/expectations.js';
import {
  addNotes,
  FAST_RETRY,
  guestWithNotes,
  ledgerOf,
  linkInState,
  NO_RETRY,
  notesOf,
  signIn,
  userExists,
} from '../support/links.js';
import { bearer, newAccount } from '../support/people.js';
import { closeApps, startApp } from '../support/running-apps.js';

afterEach(closeApps);

describe("the policy 'refuse'", () => {
  it('signs nobody in over a guest, and leaves the guest signed in', async () => {
    const host = await startApp({ options: { linking: { ...NO_RETRY, policy: 'refuse' } } });
    const account = await newAccount(host);
    const guest = await guestWithNotes(host, 'mine');
    const before = await rowCounts(host);
    const answer = await signIn(guest, account);
    expect(answer).toMatchObject(refusal(409, 'LINK_REFUSED'));
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await rowCounts(host)).toEqual(before);
    expect((await guest.client.get('/notes')).body).toMatchObject([{ text: 'mine' }]);
  });

  it('lets an account in that has no guest with it, or a dead one', async () => {
    const host = await startApp({ options: { linking: { ...NO_RETRY, policy: 'refuse' } } });
    const account = await newAccount(host);
    expect(await signIn({ client: host.browser() }, account)).toMatchObject({ status: 200 });
    const guest = await guestWithNotes(host, 'mine');
    await guest.client.delete('/auth/anonymous');
    const answer = await signIn({ client: bearer(host, guest.token) }, account);
    expect(answer).toMatchObject({ status: 200, body: { link: null } });
  });
});

describe("the policy 'keep'", () => {
  it('signs in and leaves both as they are, until the account confirms', async () => {
    const host = await startApp({ options: { linking: { ...NO_RETRY, policy: 'keep' } } });
    const account = await newAccount(host);
    const guest = await guestWithNotes(host, 'mine');
    const { status, body } = await signIn(guest, account);
    expect({ status, link: body.link }).toEqual({
      status: 200,
      link: { id: expect.any(String), status: 'kept', policy: 'keep', receipt: null },
    });
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
    const old = bearer(host, guest.token);
    await addNotes(old, 'later');
    const confirmed = await guest.client.post(`/auth/links/${body.link.id}/confirm`);
    expect(confirmed).toMatchObject({
      status: 200,
      body: { id: body.link.id, status: 'merged', receipt: { tables: { note: { moved: 2 } } } },
    });
    expect(await notesOf(host, account.userId)).toEqual(['later', 'mine']);
    expect(await userExists(host, guest.userId)).toBe(false);
    expect(await old.get('/access/session')).toMatchObject(refusal(401, 'UNAUTHORIZED'));
  });
});

describe('a policy class', () => {
  let decide: (context: LinkPolicyContext) => LinkDecision | Promise<LinkDecision>;
  class ScriptedPolicy extends LinkPolicy {
    override decide(context: LinkPolicyContext) {
      return decide(context);
    }
  }
  const start = (linking = NO_RETRY) =>
    startApp({ options: { linking }, extras: { linkPolicy: ScriptedPolicy } });

  it('decides from what a merge would do', async () => {
    const host = await start();
    decide = async ({ preview }) =>
      ((await preview()).tables.note?.rows ?? 0) > 1 ? 'ask' : 'merge';
    const account = await newAccount(host);
    const [small, large] = [
      await guestWithNotes(host, 'one'),
      await guestWithNotes(host, 'two', 'three'),
    ];
    expect((await signIn(small, account)).body.link.status).toBe('merged');
    expect((await signIn(large, account)).body.link.status).toBe('awaiting-consent');
  });

  it.each<[string, typeof decide]>([
    ['throws', () => Promise.reject(new Error('no idea'))],
    ['answers nonsense', () => 'perhaps' as LinkDecision],
    ['never answers', () => new Promise(() => undefined)],
  ])('that %s leaves the link pending, and is asked again', async (_, answer) => {
    const host = await start({ ...FAST_RETRY, timeout: '400ms' });
    decide = answer;
    const account = await newAccount(host);
    const guest = await guestWithNotes(host, 'mine');
    const { status, body } = await signIn(guest, account);
    expect({ status, link: body.link.status }).toEqual({ status: 200, link: 'pending' });
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
    decide = () => 'merge';
    await linkInState(host, guest.userId, 'merged');
    expect(await notesOf(host, account.userId)).toEqual(['mine']);
  });

  it('that refuses too late declines the link and takes nobody out', async () => {
    const host = await start(FAST_RETRY);
    decide = () => Promise.reject(new Error('no idea'));
    const account = await newAccount(host);
    const guest = await guestWithNotes(host, 'mine');
    await signIn(guest, account);
    decide = () => 'refuse';
    await linkInState(host, guest.userId, 'declined');
    expect(await guest.client.get('/access/account')).toMatchObject({ status: 200 });
    expect(await bearer(host, guest.token).get('/access/guest')).toMatchObject({ status: 200 });
    expect(await ledgerOf(host, guest.userId)).toHaveLength(1);
  });
});
