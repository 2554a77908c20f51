import { randomUUID } from 'node:crypto';
import { agree, codeOn, NOBODY, proposed, proposedBetween } from '../support/both-sides.js';
import { eventually } from '../support/barrier.js';
import { refusal } from '../support/expectations.js';
import {
  FAST_RETRY,
  guestWithNotes,
  ledgerOf,
  NO_RETRY,
  notesOf,
  signIn,
} from '../support/links.js';
import { askForLink, redeem, startMailApp } from '../support/mailbox.js';
import { bearer, newAccount } from '../support/people.js';
import { closeApps } from '../support/running-apps.js';

afterEach(closeApps);

describe('a second mail of a guest that is opened elsewhere', () => {
  const start = (linking = NO_RETRY) => startMailApp({ options: { linking } });

  it('takes the place of one to a mistyped address, whoever has said yes there', async () => {
    const host = await start();
    const guest = await guestWithNotes(host, 'mine');
    const stranger = host.browser();
    const mistyped = `${randomUUID()}@example.com`;
    const first = await redeem(stranger, await askForLink(host, guest.client, mistyped));
    const path = `/auth/links/${first.body.link.id}`;
    await agree(stranger, path);
    const second = await proposedBetween(host, guest, await newAccount(host));
    expect(await stranger.get(path)).toMatchObject(refusal(404, 'LINK_NOT_FOUND'));
    expect((await guest.client.get('/auth/links')).body).toMatchObject([{ id: second.linkId }]);
    await agree(guest.client, second.path);
    expect((await agree(second.phone, second.path)).body.status).toBe('merged');
    expect(await notesOf(host, second.account.userId)).toEqual(['mine']);
  });

  it('does not take the place of one that the guest has said yes to', async () => {
    const host = await start();
    const { guest, phone, path, linkId } = await proposed(host, 'mine');
    await agree(guest.client, path);
    const other = await newAccount(host);
    const { body } = await redeem(
      host.browser(),
      await askForLink(host, guest.client, other.email),
    );
    expect(body).toMatchObject({ user: { id: other.userId }, link: null });
    expect((await guest.client.get('/auth/links')).body).toMatchObject([{ id: linkId }]);
    expect((await agree(phone, path)).body.status).toBe('merged');
  });

  it('asks both again about a link that was declined', async () => {
    const host = await start();
    const { guest, account, path, linkId } = await proposed(host, 'mine');
    await guest.client.post(`${path}/decline`);
    const again = await proposedBetween(host, guest, account);
    expect(again.linkId).toBe(linkId);
    expect((await guest.client.get(path)).body).toMatchObject({
      status: 'awaiting-consent',
      agreed: NOBODY,
    });
  });

  it('asks both again about a link that nobody has answered in time', async () => {
    const host = await start({ ...FAST_RETRY, budget: '8s', consentWithin: '1s' });
    const { guest, account, linkId } = await proposed(host, 'mine');
    await eventually('the link is kept', async () => {
      return (await ledgerOf(host, guest.userId))[0]?.status === 'kept';
    });
    expect((await proposedBetween(host, guest, account)).linkId).toBe(linkId);
  });

  it('takes codes again after five that were others', async () => {
    const host = await start();
    const { guest, account, phone, path } = await proposed(host, 'mine');
    for (let n = 0; n < 5; n += 1) await phone.post(`${path}/confirm`, { code: 'none' });
    const again = await proposedBetween(host, guest, account);
    await agree(guest.client, again.path);
    expect((await agree(phone, again.path)).body.status).toBe('merged');
  });

  it('leaves what both have said so far', async () => {
    const host = await start();
    const { guest, account, path, linkId } = await proposed(host, 'mine');
    await agree(guest.client, path);
    expect((await proposedBetween(host, guest, account)).linkId).toBe(linkId);
    expect((await guest.client.get(path)).body.agreed).toEqual({ guest: true, account: false });
  });

  it('leaves a link that the guest’s own browser has opened', async () => {
    const host = await start({ ...NO_RETRY, policy: 'keep' });
    const account = await newAccount(host);
    const guest = await guestWithNotes(host, 'mine');
    const kept = await signIn(guest, account);
    guest.client.cookies.set('__Host-session', guest.token);
    const token = await askForLink(host, guest.client, account.email);
    expect((await redeem(host.browser(), token)).body.link).toEqual(kept.body.link);
  });
});

describe('a token that a guest has signed out', () => {
  it('takes no link from the guest', async () => {
    const host = await startMailApp({ options: { linking: NO_RETRY } });
    const { guest, phone, path } = await proposed(host, 'mine');
    const code = await codeOn(phone, path);
    await agree(guest.client, path);
    expect((await guest.client.post('/auth/sign-out')).status).toBe(200);
    const other = await newAccount(host);
    const signedIn = await signIn({ client: bearer(host, guest.token) }, other);
    expect(signedIn).toMatchObject({ status: 200, body: { link: null } });
    expect(await phone.post(`${path}/confirm`, { code })).toMatchObject({
      status: 200,
      body: { status: 'merged' },
    });
  });
});
