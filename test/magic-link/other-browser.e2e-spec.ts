import { randomUUID } from 'node:crypto';
import { agree } from '../support/both-sides.js';
import { addNotes, guestWithNotes, NO_RETRY, notesOf } from '../support/links.js';
import { askForLink, redeem, startMailApp } from '../support/mailbox.js';
import { newAccount } from '../support/people.js';
import { closeApps } from '../support/running-apps.js';
import type { TestApp } from '../support/test-app.js';

afterAll(closeApps);

const newEmail = () => `${randomUUID()}@example.com`;

describe.each(['express', 'fastify'] as const)(
  'a magic link in another browser on %s',
  (adapter) => {
    let host: TestApp;
    beforeAll(async () => {
      host = await startMailApp({ adapter, options: { linking: NO_RETRY } });
    });

    it('signs in there, and leaves the guest that asked alone until both sides agree', async () => {
      const account = await newAccount(host);
      const guest = await guestWithNotes(host, 'mine');
      const token = await askForLink(host, guest.client, account.email);
      const phone = host.browser();
      const { status, body } = await redeem(phone, token);
      expect({ status, body }).toMatchObject({
        status: 200,
        body: {
          user: { id: account.userId },
          link: { status: 'awaiting-consent', policy: 'both-sides', receipt: null },
        },
      });
      expect(await notesOf(host, guest.userId)).toEqual(['mine']);
      expect((await guest.client.get('/access/guest')).body.userId).toBe(guest.userId);
      const path = `/auth/links/${body.link.id}`;
      expect((await phone.get(path)).body).toMatchObject({ ...body.link, preview: null });
      expect((await agree(phone, path)).body).toMatchObject({ status: 'awaiting-consent' });
      expect(await notesOf(host, guest.userId)).toEqual(['mine']);
    });

    it('makes an account of its own there, when the address is new', async () => {
      const guest = await guestWithNotes(host, 'mine');
      const email = newEmail();
      const token = await askForLink(host, guest.client, email);
      const { body } = await redeem(host.browser(), token);
      expect(body).toMatchObject({ user: { email }, link: { policy: 'both-sides' } });
      expect(body.user.id).not.toBe(guest.userId);
      expect(await notesOf(host, guest.userId)).toEqual(['mine']);
    });

    it('gives nothing to a stranger at a mistyped address: the guest signs in elsewhere, whole', async () => {
      const stranger = host.browser();
      const guest = await guestWithNotes(host, 'mine');
      const { body } = await redeem(stranger, await askForLink(host, guest.client, newEmail()));
      const account = await newAccount(host);
      const { email, password } = account;
      const signedIn = await guest.client.post('/auth/sign-in/email', { email, password });
      expect(signedIn.body.link).toMatchObject({ status: 'merged' });
      expect(await notesOf(host, account.userId)).toEqual(['mine']);
      expect(await stranger.get(`/auth/links/${body.link.id}`)).toMatchObject({ status: 404 });
    });

    it('is agreed to by signing in to the account in the browser of the guest', async () => {
      const account = await newAccount(host);
      const guest = await guestWithNotes(host, 'mine');
      await redeem(host.browser(), await askForLink(host, guest.client, account.email));
      const { body } = await redeem(
        guest.client,
        await askForLink(host, guest.client, account.email),
      );
      expect(body.link).toMatchObject({ status: 'merged', policy: 'merge' });
      expect(await notesOf(host, account.userId)).toEqual(['mine']);
    });

    it('is no bar to a guest that signs up', async () => {
      const guest = await guestWithNotes(host, 'mine');
      await redeem(host.browser(), await askForLink(host, guest.client, newEmail()));
      const { status, body } = await guest.client.post('/auth/sign-up/email', {
        email: newEmail(),
        password: 'correct horse battery',
      });
      expect({ status, id: body.user.id }).toEqual({ status: 200, id: guest.userId });
      expect((await guest.client.get('/auth/links')).body).toEqual([]);
    });

    it('takes nothing from somebody who opens the link of an attacker', async () => {
      const attacker = await newAccount(host);
      await redeem(attacker.client, await askForLink(host, attacker.client, attacker.email));
      const asked = await askForLink(host, attacker.client, attacker.email);
      const victim = await guestWithNotes(host, 'private');
      const { body } = await redeem(victim.client, asked);
      expect(body.user.id).toBe(attacker.userId);
      expect(await notesOf(host, victim.userId)).toEqual(['private']);
      const [link] = (await attacker.client.get('/auth/links')).body;
      expect(link).toMatchObject({ status: 'awaiting-consent', policy: 'both-sides' });
      // The victim's browser is signed in as the attacker by now, so it may say yes a second time. It is the same side.
      for (const { client } of [attacker, victim]) {
        const answer = await agree(client, `/auth/links/${link.id}`);
        expect(answer.body).toMatchObject({ agreed: { guest: false, account: true } });
      }
      expect(await notesOf(host, victim.userId)).toEqual(['private']);
      // Its own token still opens what is its own.
      victim.client.cookies.clear();
      const bearer = { headers: { authorization: `Bearer ${victim.token}` } };
      expect((await victim.client.get('/notes', bearer)).body).toMatchObject([{ text: 'private' }]);
    });

    it('takes nothing from a victim whose browser has a flow of its own', async () => {
      const attacker = host.browser();
      const asked = await askForLink(host, attacker, newEmail());
      const victim = host.browser();
      await addNotes(victim, 'private');
      await askForLink(host, victim, newEmail());
      const { body } = await redeem(victim, asked);
      expect(await notesOf(host, body.user.id)).toEqual([]);
    });
  },
);
