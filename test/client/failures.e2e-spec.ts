import { Injectable } from '@nestjs/common';
import { ensureSession } from '../../src/client/index.js';
import { GuestGate, type GuestGateDecision } from '../../src/index.js';
import { rowCounts } from '../support/expectations.js';
import { createTestApp, type TestApp } from '../support/test-app.js';
import { BrowserOfTabs, FIRST_LOOK, ISSUE, type Tab } from './browser-of-tabs.js';

const gate = { isShut: false };

@Injectable()
class Doorkeeper extends GuestGate {
  override async check(): Promise<GuestGateDecision> {
    return gate.isShut ? { outcome: 'deny', code: 'NO_ROBOTS' } : { outcome: 'allow' };
  }
}

describe('an ensureSession that fails', () => {
  let host: TestApp;
  let browser: BrowserOfTabs;
  beforeAll(async () => {
    host = await createTestApp({ extras: { guestGate: Doorkeeper } });
  });
  afterAll(() => host.close());
  beforeEach(() => {
    gate.isShut = false;
    browser = new BrowserOfTabs(host);
  });
  afterEach(() => browser.close());

  it('answers the error of the server, and tries again when it is called again', async () => {
    const client = browser.openTab();
    gate.isShut = true;
    expect(await ensureSession(client)).toEqual({
      data: null,
      error: expect.objectContaining({ status: 403, code: 'NO_ROBOTS' }),
    });
    gate.isShut = false;
    const { data } = await ensureSession(client);
    expect(data!.user.isAnonymous).toBe(true);
  });

  it('answers errors also to a client whose requests throw', async () => {
    gate.isShut = true;
    const client = browser.openTab({}, { throw: true });
    expect(await ensureSession(client)).toMatchObject({ data: null, error: { status: 403 } });
  });

  it.each([FIRST_LOOK, ISSUE])('rejects like fetch when %s does not get through', async (lost) => {
    let isOffline = true;
    const client = browser.openTab({
      sending: ({ line }) => {
        if (isOffline && line === lost) throw new TypeError('Failed to fetch');
      },
    });
    await expect(ensureSession(client)).rejects.toThrow('Failed to fetch');
    isOffline = false;
    expect((await ensureSession(client)).data!.user.isAnonymous).toBe(true);
  });

  it.each([
    ['in the same page', (page: Tab) => page],
    ['after the page was loaded anew', () => browser.openTab()],
  ])('comes back to the guest whose answer was lost, %s', async (_, nextOf) => {
    const { users } = await rowCounts(host);
    const page = browser.openTab({
      answered: ({ line }) => {
        if (line !== ISSUE || browser.keys().length > 1) return;
        browser.cookies.clear();
        throw new TypeError('Failed to fetch');
      },
    });
    await expect(ensureSession(page)).rejects.toThrow('Failed to fetch');
    expect((await rowCounts(host)).users).toBe(users! + 1);
    const { data } = await ensureSession(nextOf(page));
    expect(data!.user.isAnonymous).toBe(true);
    expect((await rowCounts(host)).users).toBe(users! + 1);
  });
});
