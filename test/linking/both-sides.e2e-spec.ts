import { agree, codeOn, NOBODY, proposed } from '../support/both-sides.js';
import { refusal } from '../support/expectations.js';
import { addNotes, NO_RETRY, notesOf, userExists } from '../support/links.js';
import { startMailApp } from '../support/mailbox.js';
import { anotherBrowser, bearer, newAccount, newGuest } from '../support/people.js';
import { closeApps } from '../support/running-apps.js';
import type { TestApp } from '../support/test-app.js';

afterAll(closeApps);

describe.each(['express', 'fastify'] as const)(
  'a link that both sides confirm on %s',
  (adapter) => {
    let host: TestApp;
    beforeAll(async () => {
      host = await startMailApp({ adapter, options: { linking: NO_RETRY } });
    });

    it('shows the same code on both screens, and who has agreed', async () => {
      const { guest, phone, linkId, path } = await proposed(host, 'mine');
      const link = { id: linkId, status: 'awaiting-consent', policy: 'both-sides', receipt: null };
      const code = await codeOn(phone, path);
      expect(code).toMatch(/^[B-DF-HJ-NP-TV-XZ]{6}$/);
      for (const client of [guest.client, phone]) {
        expect((await client.get('/auth/links')).body).toEqual([{ ...link, code, agreed: NOBODY }]);
        expect((await client.get(path)).body).toEqual({
          ...link,
          code,
          agreed: NOBODY,
          preview: null,
        });
      }
    });

    it('is merged when both have agreed, the guest first', async () => {
      const { guest, account, phone, linkId, path } = await proposed(host, 'mine');
      expect(await agree(guest.client, path)).toMatchObject({
        status: 200,
        body: { id: linkId, status: 'awaiting-consent', agreed: { guest: true, account: false } },
      });
      await addNotes(guest.client, 'later');
      expect(await notesOf(host, account.userId)).toEqual([]);
      const { preview } = (await phone.get(path)).body;
      expect(preview.tables).toEqual({ note: { rows: 2, collisions: 0, decidedBy: 'reassign' } });
      const merged = await agree(phone, path, { preview: preview.hash });
      expect({ status: merged.status, body: merged.body }).toEqual({
        status: 200,
        body: {
          id: linkId,
          status: 'merged',
          policy: 'both-sides',
          receipt: {
            tables: { note: { moved: 2, folded: 0, dropped: 0 } },
            mergedAt: expect.any(String),
          },
        },
      });
      expect(await notesOf(host, account.userId)).toEqual(['later', 'mine']);
      expect(await guest.client.get('/access/session')).toMatchObject(refusal(401, 'UNAUTHORIZED'));
      expect(await userExists(host, guest.userId)).toBe(false);
      expect((await phone.get(path)).body).toEqual({ ...merged.body, preview: null });
    });

    it('is merged when both have agreed, the account first', async () => {
      const { guest, account, phone, linkId, path } = await proposed(host, 'mine');
      expect(await agree(phone, path)).toMatchObject({
        status: 200,
        body: { status: 'awaiting-consent', agreed: { guest: false, account: true } },
      });
      expect(await notesOf(host, guest.userId)).toEqual(['mine']);
      const { status, body } = await agree(guest.client, path);
      // What collided with rows of the account is no business of the guest.
      expect({ status, body }).toEqual({
        status: 200,
        body: { id: linkId, status: 'merged', policy: 'both-sides', receipt: null },
      });
      expect(await notesOf(host, account.userId)).toEqual(['mine']);
      expect(await guest.client.get('/access/session')).toMatchObject(refusal(401, 'UNAUTHORIZED'));
      expect(await bearer(host, guest.token).get('/notes')).toMatchObject({ body: [] });
      expect((await phone.get('/access/account')).body.userId).toBe(account.userId);
    });

    it('is not agreed to by one side, however often it says so', async () => {
      const { guest, account, phone, path } = await proposed(host, 'mine');
      const laptop = (await anotherBrowser(host, account)).client;
      for (const client of [phone, laptop, phone]) {
        expect((await agree(client, path)).body).toMatchObject({
          status: 'awaiting-consent',
          agreed: { guest: false, account: true },
        });
      }
      expect(await notesOf(host, guest.userId)).toEqual(['mine']);
    });

    it('shows nothing of the guest before the guest agrees, and nothing of the account to the guest', async () => {
      const { guest, phone, path } = await proposed(host, 'mine');
      expect((await phone.get(path)).body.preview).toBeNull();
      await agree(phone, path);
      expect((await phone.get(path)).body.preview).toBeNull();
      const guessed = await agree(phone, path, { preview: 'x'.repeat(43) });
      expect(guessed).toMatchObject({
        ...refusal(400, 'VALIDATION_FAILED'),
        body: { errors: [{ field: 'preview' }] },
      });
      expect(guessed.body).not.toHaveProperty('preview');
      expect((await guest.client.get(path)).body.preview).toBeNull();
      expect(await agree(guest.client, path, { preview: 'x'.repeat(43) })).toMatchObject({
        body: { code: 'VALIDATION_FAILED', errors: [{ field: 'preview' }] },
      });
      expect(await notesOf(host, guest.userId)).toEqual(['mine']);
    });

    it('is not merged when it would do something else than was shown', async () => {
      const { guest, phone, path } = await proposed(host, 'mine');
      await agree(guest.client, path);
      const { preview } = (await phone.get(path)).body;
      await addNotes(guest.client, 'later');
      const stale = await agree(phone, path, { preview: preview.hash });
      expect(stale).toMatchObject(refusal(409, 'LINK_PREVIEW_STALE'));
      expect(stale.body.preview.tables).toMatchObject({ note: { rows: 2 } });
      expect(await notesOf(host, guest.userId)).toEqual(['later', 'mine']);
      expect(await agree(phone, path, { preview: stale.body.preview.hash })).toMatchObject({
        body: { status: 'merged' },
      });
    });

    it.each([{}, { code: '' }, { code: null }, { code: 7 }, { code: 'B'.repeat(33) }])(
      'is not confirmed with %j for a code',
      async (body) => {
        const { guest, phone, path } = await proposed(host, 'mine');
        for (const client of [guest.client, phone]) {
          expect(await client.post(`${path}/confirm`, body)).toMatchObject({
            status: 400,
            body: { code: 'VALIDATION_FAILED', errors: [{ field: 'code' }] },
          });
        }
        expect((await phone.get(path)).body.agreed).toEqual(NOBODY);
      },
    );

    it('takes the code as people type it', async () => {
      const { guest, phone, path } = await proposed(host, 'mine');
      const code = await codeOn(phone, path);
      const typed = ` ${code.slice(0, 3).toLowerCase()}-${code.slice(3)} `;
      expect(await guest.client.post(`${path}/confirm`, { code: typed })).toMatchObject({
        status: 200,
        body: { agreed: { guest: true, account: false } },
      });
    });

    it('is no business of others', async () => {
      const { guest, phone, path } = await proposed(host, 'mine');
      const code = await codeOn(phone, path);
      for (const { client } of [await newAccount(host), await newGuest(host)]) {
        expect((await client.get('/auth/links')).body).toEqual([]);
        for (const answer of [
          await client.get(path),
          await client.post(`${path}/confirm`, { code }),
          await client.post(`${path}/decline`),
        ]) {
          expect(answer).toMatchObject(refusal(404, 'LINK_NOT_FOUND'));
        }
      }
      expect(await host.browser().post(`${path}/confirm`, { code })).toMatchObject(
        refusal(401, 'UNAUTHORIZED'),
      );
      expect((await guest.client.get(path)).body.agreed).toEqual(NOBODY);
    });

    it.each(['guest', 'account'] as const)(
      'is declined by the %s, which takes back every yes',
      async (side) => {
        const { guest, account, phone, path } = await proposed(host, 'mine');
        const clients = { guest: guest.client, account: phone };
        const other = side === 'guest' ? phone : guest.client;
        await agree(other, path);
        expect(await clients[side].post(`${path}/decline`)).toMatchObject({
          status: 200,
          body: { status: 'declined', agreed: NOBODY },
        });
        expect((await agree(clients[side], path)).body).toMatchObject({
          status: 'awaiting-consent',
          agreed: { ...NOBODY, [side]: true },
        });
        expect(await notesOf(host, guest.userId)).toEqual(['mine']);
        expect((await agree(other, path)).body.status).toBe('merged');
        expect(await notesOf(host, account.userId)).toEqual(['mine']);
      },
    );
  },
);
