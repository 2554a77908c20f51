import { randomUUID } from 'node:crypto';
import { askForCode, typeCode } from '../support/codes.js';
import { guestWithNotes, ledgerOf, NO_RETRY, notesOf } from '../support/links.js';
import { startMailApp } from '../support/mailbox.js';
import { newAccount } from '../support/people.js';
import { closeApps } from '../support/running-apps.js';
import type { TestApp } from '../support/test-app.js';

afterAll(closeApps);

const newEmail = () => `${randomUUID()}@example.com`;

describe('a mailed code in another browser', () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await startMailApp({ options: { linking: NO_RETRY } });
  });
  it('signs in there, and leaves the guest that asked alone until both sides agree', async () => {
    const account = await newAccount(host);
    const guest = await guestWithNotes(host, 'mine');
    const code = await askForCode(host, guest.client, account.email);
    const { status, body } = await typeCode(host.browser(), account.email, code);
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        user: { id: account.userId },
        link: { status: 'awaiting-consent', policy: 'both-sides', receipt: null },
      },
    });
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
    expect((await guest.client.get('/access/guest')).body.userId).toBe(guest.userId);
  });

  it('makes an account of its own there, when the address is new', async () => {
    const guest = await guestWithNotes(host, 'mine');
    const email = newEmail();
    const code = await askForCode(host, guest.client, email);
    const { body } = await typeCode(host.browser(), email, code);
    expect(body).toMatchObject({ user: { email }, link: { policy: 'both-sides' } });
    expect(body.user.id).not.toBe(guest.userId);
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
  });

  it('brings along the guest of whoever types it, as a password does, and not the one that asked', async () => {
    const account = await newAccount(host);
    const laptop = await guestWithNotes(host, 'on the laptop');
    const phone = await guestWithNotes(host, 'on the phone');
    const code = await askForCode(host, laptop.client, account.email);
    const { body } = await typeCode(phone.client, account.email, code);
    expect(body).toMatchObject({ user: { id: account.userId }, link: { status: 'merged' } });
    expect(await notesOf(host, account.userId)).toEqual(['on the phone']);
    expect(await notesOf(host, laptop.userId)).toEqual(['on the laptop']);
    expect(await ledgerOf(host, laptop.userId)).toMatchObject([{ status: 'awaiting-consent' }]);
  });

  it('puts nothing of an attacker into the account of the one whose address it is', async () => {
    const victim = await newAccount(host);
    const attacker = await guestWithNotes(host, 'planted');
    const code = await askForCode(host, attacker.client, victim.email);
    const own = await guestWithNotes(host, 'of the victim');
    const { body } = await typeCode(own.client, victim.email, code);
    expect(await notesOf(host, body.user.id)).toEqual(['of the victim']);
    const links = (await attacker.client.get('/auth/links')).body as { id: string }[];
    for (const { id } of links) {
      await attacker.client.post(`/auth/links/${id}/confirm`, {});
    }
    expect(await notesOf(host, body.user.id)).toEqual(['of the victim']);
  });
});
