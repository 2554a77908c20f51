import { Injectable } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { EVENTS, owned } from '../../src/index.js';
import { eventually } from '../support/barrier.js';
import { Wallet } from '../support/host.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

const password = 'correct horse battery';

/** What docs/events.md promises to a listener. */
describe('domain events', () => {
  const heard: { name: string; payload: Record<string, unknown> }[] = [];
  /** Links of which the listener wants to hear once more. */
  const refused = new Set<string>();

  @Injectable()
  class Listener {
    @OnEvent(EVENTS.guestIssued)
    issued(payload: Record<string, unknown>): void {
      heard.push({ name: 'guest.issued', payload });
    }

    @OnEvent(EVENTS.guestUpgraded)
    upgraded(payload: Record<string, unknown>): void {
      heard.push({ name: 'guest.upgraded', payload });
    }

    @OnEvent(EVENTS.accountLinked, { suppressErrors: false })
    async linked(payload: Record<string, unknown>): Promise<void> {
      heard.push({ name: 'account.linked', payload });
      if (refused.delete(String(payload.accountId))) throw new Error('not heard');
    }

    @OnEvent(EVENTS.accountLinkFailed)
    failed(payload: Record<string, unknown>): void {
      heard.push({ name: 'account.link-failed', payload });
    }
  }

  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({
      providers: [Listener],
      hostTables: [owned(Wallet, { onCollision: 'refuse' })],
      options: {
        linking: { retry: { every: '50ms', firstDelay: '10ms', maxDelay: '50ms', attempts: 2 } },
      },
    });
  });
  afterAll(() => host.close());
  beforeEach(() => {
    heard.length = 0;
  });

  const payloadsOf = (name: string) =>
    heard.filter((event) => event.name === name).map(({ payload }) => payload);

  /** An account with its address, and a guest in a browser of its own. */
  const meet = async () => {
    const email = `${crypto.randomUUID()}@example.com`;
    const account = await host.browser().post('/auth/sign-up/email', { email, password });
    const browser = host.browser();
    const note = await browser.post('/notes', { text: 'mine' });
    const ids = { accountId: account.body.user.id, guestId: note.body.userId };
    return { browser, ids, signIn: () => browser.post('/auth/sign-in/email', { email, password }) };
  };

  it('says once that a guest was issued, and that it became an account', async () => {
    const browser = host.browser();
    const { userId } = (await browser.post('/notes', { text: 'first' })).body;
    await browser.post('/notes', { text: 'second' });
    expect(payloadsOf('guest.issued')).toEqual([{ guestId: userId }]);
    await browser.post('/auth/sign-up/email', { email: 'ada@example.com', password });
    expect(payloadsOf('guest.upgraded')).toEqual([{ userId }]);
  });

  it('says of no account that it was a guest', async () => {
    await host.browser().post('/auth/sign-up/email', { email: 'new@example.com', password });
    expect(heard).toEqual([]);
  });

  it('says what a merge has moved, with the receipt of the sign-in', async () => {
    const { signIn, ids } = await meet();
    const { link } = (await signIn()).body;
    expect(payloadsOf('account.linked')).toEqual([
      { linkId: link.id, ...ids, receipt: link.receipt },
    ]);
  });

  it('says again what a listener has refused to hear, until it has heard', async () => {
    const { signIn, ids } = await meet();
    refused.add(ids.accountId);
    await signIn();
    await eventually(
      'account.linked is heard again',
      () => payloadsOf('account.linked').length > 1,
    );
    const [first, second] = payloadsOf('account.linked');
    expect(second).toEqual(first);
  });

  it('says that a merge was given up, and why', async () => {
    const { signIn, ids } = await meet();
    for (const id of Object.values(ids)) {
      await host.sql('INSERT INTO wallet (user_id) VALUES ($1)', [id]);
    }
    const { link } = (await signIn()).body;
    await eventually('the link has failed', () => payloadsOf('account.link-failed').length > 0);
    expect(payloadsOf('account.link-failed')).toEqual([
      { linkId: link.id, ...ids, attempts: 2, error: expect.stringContaining('wallet') },
    ]);
    expect(payloadsOf('account.linked')).toEqual([]);
  });
});
