import { Injectable } from '@nestjs/common';
import { EventEmitter2, OnEvent } from '@nestjs/event-emitter';
import type { AccountLinkedEvent } from '../../src/index.js';
import { eventually } from '../support/barrier.js';
import { Note } from '../support/host.js';
import {
  FAST_RETRY,
  guestWithNotes,
  handlerOf,
  ledgerOf,
  linkInState,
  moveNotes,
  NO_RETRY,
  notesOf,
  reconcile,
  signIn,
} from '../support/links.js';
import { newAccount, newGuest } from '../support/people.js';
import { closeApps, startApp } from '../support/running-apps.js';
import type { TestApp } from '../support/test-app.js';

/** Everything that was said about links, with what the database had at that moment. */
function listen(host: TestApp) {
  const heard: { event: AccountLinkedEvent; notes: string[]; status: string | undefined }[] = [];
  // oxlint-disable-next-line typescript/no-misused-promises -- emitAsync waits for it
  host.app.get(EventEmitter2).on('account.linked', async (event: AccountLinkedEvent) => {
    const notes = await notesOf(host, event.accountId);
    const [link] = await ledgerOf(host, event.guestId);
    heard.push({ event, notes, status: link?.status });
  });
  return heard;
}

const announced = (host: TestApp, guestId: string) =>
  eventually('the link is announced', async () => (await ledgerOf(host, guestId))[0]?.announced);

describe('account.linked', () => {
  afterEach(closeApps);

  it('goes out after the commit with ids and receipt, and the ledger remembers it', async () => {
    const host = await startApp({ options: { linking: NO_RETRY } });
    const heard = listen(host);
    const [account, guest] = [await newAccount(host), await guestWithNotes(host, 'mine')];
    const { body } = await signIn(guest, account);
    await announced(host, guest.userId);
    const event = {
      linkId: body.link.id,
      guestId: guest.userId,
      accountId: account.userId,
      receipt: body.link.receipt,
    };
    expect(heard).toEqual([{ event, notes: ['mine'], status: 'merged' }]);
  });

  it('says nothing while a merge is pending, and once when it is done', async () => {
    let merge = async (): Promise<void> => {
      throw new Error('not yet');
    };
    const handler = handlerOf(Note, (context) => merge().then(() => moveNotes(context)));
    const host = await startApp({ options: { linking: NO_RETRY }, providers: [handler] });
    const heard = listen(host);
    const [account, guest] = [await newAccount(host), await guestWithNotes(host, 'mine')];
    const { body } = await signIn(guest, account);
    expect(body.link.status).toBe('pending');
    expect(heard).toEqual([]);
    merge = async () => {};
    await reconcile(host);
    await announced(host, guest.userId);
    expect(heard).toMatchObject([{ event: { linkId: body.link.id }, status: 'merged' }]);
  });

  it('says nothing when nothing was linked', async () => {
    const host = await startApp({ options: { linking: NO_RETRY } });
    const heard = listen(host);
    const account = await newAccount(host);
    await signIn({ client: host.browser() }, account);
    await signIn(account, account);
    const guest = await newGuest(host);
    await signIn(guest, account);
    await announced(host, guest.userId);
    expect(heard.map(({ event }) => event.guestId)).toEqual([guest.userId]);
  });

  it('does not wait for its listeners', async () => {
    const host = await startApp({ options: { linking: NO_RETRY } });
    let hear: () => void = () => undefined;
    const never = new Promise<void>((resolve) => (hear = resolve));
    // oxlint-disable-next-line typescript/no-misused-promises -- emitAsync waits for it
    host.app.get(EventEmitter2).on('account.linked', () => never);
    const [account, guest] = [await newAccount(host), await guestWithNotes(host, 'mine')];
    expect(await signIn(guest, account)).toMatchObject({ body: { link: { status: 'merged' } } });
    expect(await ledgerOf(host, guest.userId)).toMatchObject([{ announced: false }]);
    hear();
    await announced(host, guest.userId);
  });

  it('comes again to a listener that throws, until it has succeeded', async () => {
    const tries: string[] = [];
    @Injectable()
    class Listener {
      @OnEvent('account.linked', { suppressErrors: false })
      async send({ guestId }: AccountLinkedEvent): Promise<void> {
        tries.push(guestId);
        if (tries.length < 3) throw new Error('the mail server is down');
      }
    }
    const host = await startApp({ options: { linking: FAST_RETRY }, providers: [Listener] });
    const [account, guest] = [await newAccount(host), await guestWithNotes(host, 'mine')];
    const answer = await signIn(guest, account);
    expect(answer).toMatchObject({ status: 200, body: { link: { status: 'merged' } } });
    await announced(host, guest.userId);
    expect(tries).toEqual([guest.userId, guest.userId, guest.userId]);
    expect(await notesOf(host, account.userId)).toEqual(['mine']);
    expect((await linkInState(host, guest.userId, 'merged')).error).toBeNull();
  });

  it('is told by the next instance when the one that merged died before it could', async () => {
    const host = await startApp({ options: { linking: FAST_RETRY } });
    const [account, guest] = [await newAccount(host), await guestWithNotes(host, 'mine')];
    await signIn(guest, account);
    await announced(host, guest.userId);
    const heard = listen(host);
    await host.sql(
      'UPDATE account_links SET announced = false, next_attempt_at = now() WHERE guest_id = $1',
      [guest.userId],
    );
    await announced(host, guest.userId);
    expect(heard).toMatchObject([{ event: { guestId: guest.userId, accountId: account.userId } }]);
  });
});
