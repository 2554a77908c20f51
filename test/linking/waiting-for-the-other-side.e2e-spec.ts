import { randomUUID } from 'node:crypto';
import { LinkingService, ReconcilerService } from '../../src/index.js';
import { agree, codeOn, NOBODY, proposed } from '../support/both-sides.js';
import { eventually } from '../support/barrier.js';
import { refusal } from '../support/expectations.js';
import type { HttpAnswer } from '../support/http-client.js';
import { FAST_RETRY, ledgerOf, NO_RETRY, notesOf, signIn } from '../support/links.js';
import { startMailApp } from '../support/mailbox.js';
import type { Person } from '../support/people.js';
import { closeApps } from '../support/running-apps.js';

afterEach(closeApps);

describe('a link that waits for the other side', () => {
  const start = (linking = NO_RETRY) => startMailApp({ options: { linking } });

  it('forgets who had agreed when its time is over, and can be taken up again by both', async () => {
    const host = await start({ ...FAST_RETRY, budget: '8s', consentWithin: '2s' });
    const { guest, account, phone, path } = await proposed(host, 'mine');
    expect((await agree(guest.client, path)).body.agreed).toEqual({ guest: true, account: false });
    await eventually('the link is kept', async () => {
      const [link] = await ledgerOf(host, guest.userId);
      return link?.status === 'kept';
    });
    expect((await phone.get(path)).body).toMatchObject({ agreed: NOBODY, preview: null });
    expect((await agree(phone, path)).body).toMatchObject({
      status: 'awaiting-consent',
      agreed: { guest: false, account: true },
    });
    expect((await agree(guest.client, path)).body.status).toBe('merged');
    expect(await notesOf(host, account.userId)).toEqual(['mine']);
  });

  it('forgets it also when an older instance declines, which knows nothing of that', async () => {
    const host = await start();
    const { guest, phone, path, linkId } = await proposed(host, 'mine');
    await agree(guest.client, path);
    const decline = `UPDATE account_links SET status = 'declined', next_attempt_at = NULL WHERE id = $1`;
    await host.sql(decline, [linkId]);
    expect((await phone.get(path)).body).toMatchObject({ agreed: NOBODY, preview: null });
    expect((await agree(phone, path)).body).toMatchObject({
      status: 'awaiting-consent',
      agreed: { guest: false, account: true },
    });
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
  });

  it('is nobody’s work before both have agreed', async () => {
    const host = await start();
    const { guest, path } = await proposed(host, 'mine');
    await agree(guest.client, path);
    expect(await host.app.get(ReconcilerService).run()).toBe(0);
    expect(await ledgerOf(host, guest.userId)).toMatchObject([{ status: 'awaiting-consent' }]);
  });

  it.each<[string, (guest: Person) => Promise<HttpAnswer>]>([
    ['is deleted', ({ client }) => client.delete('/auth/anonymous')],
    [
      'becomes an account',
      ({ client }) =>
        client.post('/auth/sign-up/email', {
          email: `${randomUUID()}@example.com`,
          password: 'correct horse battery',
        }),
    ],
  ])('goes with a guest that %s', async (_, leave) => {
    const host = await start();
    const { guest, account, phone, path } = await proposed(host, 'mine');
    const code = await codeOn(phone, path);
    await agree(phone, path);
    expect(await leave(guest)).toMatchObject({ status: 200 });
    expect(await phone.post(`${path}/confirm`, { code })).toMatchObject(
      refusal(404, 'LINK_NOT_FOUND'),
    );
    expect(await notesOf(host, account.userId)).toEqual([]);
  });

  it('is merged without a code when the account signs in where the guest is', async () => {
    const host = await start();
    const { guest, account, phone, path } = await proposed(host, 'mine');
    await agree(phone, path);
    expect((await signIn(guest, account)).body.link).toMatchObject({ status: 'merged' });
    expect(await notesOf(host, account.userId)).toEqual(['mine']);
  });

  it('can be confirmed by a host that has its own routes', async () => {
    const host = await start();
    const { guest, account, phone, linkId, path } = await proposed(host, 'mine');
    const linking = host.app.get(LinkingService);
    const code = await codeOn(phone, path);
    await expect(linking.confirm(linkId, account.userId)).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
    });
    expect(await linking.confirm(linkId, guest.userId, { code })).toMatchObject({
      status: 'awaiting-consent',
      agreed: { guest: true, account: false },
    });
    expect(await linking.confirm(linkId, account.userId, { code })).toMatchObject({
      status: 'merged',
      receipt: { tables: { note: { moved: 1 } } },
    });
  });
});
