import { randomUUID } from 'node:crypto';
import { refusal } from '../support/expectations.js';
import { eventually } from '../support/barrier.js';
import {
  addNotes,
  FAST_RETRY,
  guestWithNotes,
  ledgerOf,
  NO_RETRY,
  notesOf,
  signIn,
} from '../support/links.js';
import { bearer, newAccount, newGuest } from '../support/people.js';
import { closeApps, startApp } from '../support/running-apps.js';
import type { TestApp } from '../support/test-app.js';
import { ReconcilerService } from '../../src/index.js';

afterAll(closeApps);

const ask = { ...NO_RETRY, policy: 'ask' as const };

/** A guest with one note whose browser has signed in to an account, and the guest's own bearer. */
async function waiting(host: TestApp) {
  const account = await newAccount(host);
  const guest = await guestWithNotes(host, 'mine');
  const { body } = await signIn(guest, account);
  const path = `/auth/links/${body.link.id}`;
  return {
    account,
    guest,
    browser: guest.client,
    asGuest: bearer(host, guest.token),
    link: body.link,
    path,
  };
}

describe.each(['express', 'fastify'] as const)('a link that waits for consent on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await startApp({ adapter, options: { linking: ask } });
  });

  it('is shown to the account and the guest, with what a merge would do', async () => {
    const { browser, asGuest, link, path } = await waiting(host);
    expect(link).toMatchObject({ status: 'awaiting-consent', policy: 'ask', receipt: null });
    for (const client of [browser, asGuest]) {
      expect(await client.get('/auth/links')).toMatchObject({ status: 200, body: [link] });
      const { status, body } = await client.get(path);
      expect({ status, body }).toEqual({
        status: 200,
        body: {
          ...link,
          preview: {
            tables: { note: { rows: 1, collisions: 0, decidedBy: 'reassign' } },
            hash: expect.stringMatching(/^[\w-]{43}$/),
          },
        },
      });
    }
  });

  it('is nobody else’s business', async () => {
    const { path, asGuest } = await waiting(host);
    const [account, guest] = [await newAccount(host), await newGuest(host)];
    for (const { client } of [account, guest]) {
      expect((await client.get('/auth/links')).body).toEqual([]);
      expect(await client.get(path)).toMatchObject(refusal(404, 'LINK_NOT_FOUND'));
      expect(await client.post(`${path}/decline`)).toMatchObject(refusal(404, 'LINK_NOT_FOUND'));
      expect(await client.post(`${path}/confirm`)).toMatchObject(refusal(404, 'LINK_NOT_FOUND'));
    }
    expect(await asGuest.post(`${path}/confirm`)).toMatchObject(refusal(403, 'UPGRADE_REQUIRED'));
    expect(await host.browser().get(path)).toMatchObject(refusal(401, 'UNAUTHORIZED'));
  });

  it.each([randomUUID(), 'no-id', '%00', '1'])(
    'that does not exist is not found: %s',
    async (id) => {
      const { client } = await newAccount(host);
      expect(await client.get(`/auth/links/${id}`)).toMatchObject(refusal(404, 'LINK_NOT_FOUND'));
      expect(await client.post(`/auth/links/${id}/confirm`)).toMatchObject(
        refusal(404, 'LINK_NOT_FOUND'),
      );
    },
  );

  it('merges what was shown when the account confirms, and once only', async () => {
    const { browser, account, link, path } = await waiting(host);
    const { preview } = (await browser.get(path)).body;
    const confirm = () => browser.post(`${path}/confirm`, { preview: preview.hash });
    const first = await confirm();
    expect(first).toMatchObject({ status: 200, body: { id: link.id, status: 'merged' } });
    expect(await confirm()).toMatchObject({ status: 200, body: first.body });
    expect(await notesOf(host, account.userId)).toEqual(['mine']);
    expect((await browser.get(path)).body).toEqual({ ...first.body, preview: null });
  });

  it('is not merged when it would do something else by now', async () => {
    const { browser, asGuest, guest, path } = await waiting(host);
    const { preview } = (await browser.get(path)).body;
    await addNotes(asGuest, 'later');
    const stale = await browser.post(`${path}/confirm`, { preview: preview.hash });
    expect(stale).toMatchObject(refusal(409, 'LINK_PREVIEW_STALE'));
    expect(stale.body.preview).toMatchObject({ tables: { note: { rows: 2 } } });
    expect(await notesOf(host, guest.userId)).toEqual(['later', 'mine']);
    const { hash } = stale.body.preview;
    expect(await browser.post(`${path}/confirm`, { preview: hash })).toMatchObject({
      body: { status: 'merged' },
    });
  });

  it('can be confirmed after it was declined, by either side', async () => {
    const { browser, asGuest, account, path } = await waiting(host);
    for (const client of [asGuest, browser]) {
      const answer = await client.post(`${path}/decline`);
      expect(answer).toMatchObject({ status: 200, body: { status: 'declined', receipt: null } });
    }
    expect(await asGuest.get('/access/guest')).toMatchObject({ status: 200 });
    expect(await browser.post(`${path}/confirm`)).toMatchObject({ body: { status: 'merged' } });
    expect(await notesOf(host, account.userId)).toEqual(['mine']);
    expect(await browser.post(`${path}/decline`)).toMatchObject(refusal(409, 'GUEST_MERGED'));
  });

  it('cannot be confirmed once the guest is gone', async () => {
    const { browser, asGuest, path } = await waiting(host);
    expect(await asGuest.delete('/auth/anonymous')).toMatchObject({ status: 200 });
    expect(await browser.get(path)).toMatchObject(refusal(404, 'LINK_NOT_FOUND'));
    expect(await browser.post(`${path}/confirm`)).toMatchObject(refusal(404, 'LINK_NOT_FOUND'));
  });

  it('is gone once the guest has become an account of its own', async () => {
    const { guest, asGuest, browser, path } = await waiting(host);
    const body = { email: `${randomUUID()}@example.com`, password: 'correct horse battery' };
    const upgraded = await asGuest.post('/auth/anonymous/upgrade', body);
    expect(upgraded).toMatchObject({ status: 200, body: { user: { id: guest.userId } } });
    expect(await browser.post(`${path}/confirm`)).toMatchObject(refusal(404, 'LINK_NOT_FOUND'));
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
  });

  it.each([{ preview: 'x' }, { preview: 7 }, { other: true }, []])(
    'is refused with a body like %j',
    async (body) => {
      const { browser, guest, path } = await waiting(host);
      const answer = await browser.post(`${path}/confirm`, body);
      expect(answer).toMatchObject(refusal(400, 'VALIDATION_FAILED'));
      expect(await ledgerOf(host, guest.userId)).toMatchObject([{ status: 'awaiting-consent' }]);
    },
  );
});

describe('a link that nobody confirms', () => {
  it('is kept in the end, and can still be confirmed', async () => {
    const linking = { ...FAST_RETRY, policy: 'ask' as const, consentWithin: '1ms' as const };
    const host = await startApp({ options: { linking } });
    const { guest, browser, path } = await waiting(host);
    await eventually('the link is kept', async () => {
      const [link] = await ledgerOf(host, guest.userId);
      return link?.status === 'kept';
    });
    expect(await browser.post(`${path}/confirm`)).toMatchObject({ status: 200 });
    await eventually('the guest is gone', async () => {
      const [link] = await ledgerOf(host, guest.userId);
      return link?.status === 'merged';
    });
  });

  it('waits for its time', async () => {
    const host = await startApp({ options: { linking: { ...ask, consentWithin: '7d' } } });
    const { guest } = await waiting(host);
    expect(await host.app.get(ReconcilerService).run()).toBe(0);
    expect(await ledgerOf(host, guest.userId)).toMatchObject([{ status: 'awaiting-consent' }]);
  });
});
