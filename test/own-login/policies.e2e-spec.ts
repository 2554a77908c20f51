import { LinkingService } from '../../src/index.js';
import { clearedCookies, refusal } from '../support/expectations.js';
import { guestWithNotes, ledgerOf, NO_RETRY, notesOf } from '../support/links.js';
import { createTestApp, type TestApp } from '../support/test-app.js';
import { membersHost } from './members.js';
import { newMember } from './people.js';

describe.each(['express', 'fastify'] as const)('@LinksGuest with a policy on %s', (adapter) => {
  let host: TestApp;
  afterEach(() => host.close());

  const start = async (policy: 'ask' | 'keep' | 'refuse') => {
    host = await createTestApp(
      membersHost({ adapter, options: { linking: { ...NO_RETRY, policy } } }),
    );
    return { guest: await guestWithNotes(host, 'mine'), member: await newMember(host) };
  };

  it.each([
    ['ask', 'awaiting-consent'],
    ['keep', 'kept'],
  ] as const)('leaves the guest its cookie: %s', async (policy, status) => {
    const { guest, member } = await start(policy);
    const answer = await guest.client.post('/members/enter', member.credentials);
    expect(answer).toMatchObject({
      status: 201,
      body: { id: member.id, link: { status, policy, receipt: null } },
    });
    expect(clearedCookies(answer)).toEqual([]);
    expect(await guest.client.get('/access/guest')).toMatchObject({ status: 200 });
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);

    const links = host.app.get(LinkingService);
    expect(await links.decline(answer.body.link.id, member.id)).toMatchObject({
      status: 'declined',
    });
    const again = await guest.client.post('/members/enter', member.credentials);
    expect(again.body.link).toMatchObject({ id: answer.body.link.id, status: 'declined' });
    expect(await links.confirm(answer.body.link.id, member.id)).toMatchObject({
      status: 'merged',
    });
    expect(await notesOf(host, member.id)).toEqual(['mine']);
    expect(await guest.client.get('/access/guest')).toMatchObject({ status: 401 });
  });

  it('refuses before the handler runs, where a guard has named the account', async () => {
    const { guest, member } = await start('refuse');
    // The handler would answer 422.
    const answer = await guest.client.post('/members/login', { ...member.credentials, fail: true });
    expect(answer).toMatchObject(refusal(409, 'LINK_REFUSED'));
    expect(clearedCookies(answer)).toEqual([]);
    expect(await ledgerOf(host, guest.userId)).toEqual([]);
    expect(await guest.client.get('/access/guest')).toMatchObject({ status: 200 });
    const nobody = await host.browser().post('/members/login', member.credentials);
    expect(nobody).toMatchObject({ status: 201, body: { id: member.id } });
  });

  it('refuses after a handler that names the account, and takes its cookies back', async () => {
    const { guest, member } = await start('refuse');
    const answer = await guest.client.post('/members/enter', member.credentials);
    expect(answer).toMatchObject(refusal(409, 'LINK_REFUSED'));
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await guest.client.get('/access/guest')).toMatchObject({ status: 200 });
    const nobody = await host.browser().post('/members/enter', member.credentials);
    expect(nobody).toMatchObject({ status: 201, body: { id: member.id, link: null } });
    expect(nobody.headers.getSetCookie()).toEqual(['member=yes; Path=/']);
  });
});
