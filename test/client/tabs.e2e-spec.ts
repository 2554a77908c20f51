import { ensureSession } from '../../src/client/index.js';
import { fetchOfPage, password } from '../better-auth/browser.js';
import { Barrier, eventually } from '../support/barrier.js';
import { rowCounts } from '../support/expectations.js';
import { createTestApp, type TestApp } from '../support/test-app.js';
import { MemoryLocks, MemoryStorage } from './browser-apis.js';
import { BrowserOfTabs, FIRST_LOOK, ISSUE } from './browser-of-tabs.js';

const open = () => {
  const barrier = new Barrier();
  barrier.open();
  return barrier;
};
describe.each(['same-guest', 'reject'] as const)('two tabs, repeatSignIn: %s', (repeatSignIn) => {
  let host: TestApp;
  let browser: BrowserOfTabs;
  let users: number;
  beforeAll(async () => {
    host = await createTestApp({ options: { guest: { repeatSignIn } } });
  });
  afterAll(() => host.close());
  beforeEach(async () => {
    users = (await rowCounts(host)).users!;
  });
  afterEach(() => browser.close());

  const guests = async () => (await rowCounts(host)).users! - users;
  /** Holds a tab before it asks for a guest, with the key that it has chosen. */
  const holdingAt = (gate: Barrier) => ({
    sending: ({ line }: { line: string }) => (line === ISSUE ? gate.pass() : undefined),
  });
  /** Two tabs that have both seen that nobody is signed in. */
  const twoUnaware = async (gate = open()) => {
    const looked = new Barrier();
    const looks = (line: string) => (line === FIRST_LOOK ? looked.pass() : undefined);
    const hooks = {
      ...holdingAt(gate),
      answered: ({ line }: { line: string }) => looks(line),
    };
    const answers = [browser.openTab(hooks), browser.openTab(hooks)].map((tab) =>
      ensureSession(tab),
    );
    await looked.reached(2);
    looked.open();
    return answers;
  };

  it.each([
    ['Web Locks', { locks: new MemoryLocks(), localStorage: new MemoryStorage() }],
    ['Web Locks and no storage', { locks: new MemoryLocks(), localStorage: 'forbidden' as const }],
  ])('with %s ask for a guest once', async (_, parts) => {
    browser = new BrowserOfTabs(host, parts);
    const [first, second] = await Promise.all(await twoUnaware());
    expect(second!.data!.user.id).toBe(first!.data!.user.id);
    expect(browser.keys()).toHaveLength(1);
    expect(await guests()).toBe(1);
  });

  it('without Web Locks share a key, so that the server makes one guest of both requests', async () => {
    browser = new BrowserOfTabs(host, { localStorage: new MemoryStorage() });
    const gate = new Barrier();
    const answers = await twoUnaware(gate);
    await gate.reached(2);
    gate.open();
    const [first, second] = await Promise.all(answers);
    expect(second!.data!.user.id).toBe(first!.data!.user.id);
    expect(browser.keys()).toEqual([
      expect.stringMatching(/^[\x21-\x7e]{22,}$/),
      browser.keys()[0],
    ]);
    expect(await guests()).toBe(1);
  });

  it('without Web Locks share the guest also when one already writes for it', async () => {
    browser = new BrowserOfTabs(host, { localStorage: new MemoryStorage() });
    const gate = new Barrier();
    const late = ensureSession(browser.openTab(holdingAt(gate)));
    await gate.reached();
    const quick = await ensureSession(browser.openTab());
    const note = await fetchOfPage(browser.cookies)(`${host.url}/notes`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text: 'quick' }),
    });
    expect(await note.json()).toMatchObject({ userId: quick.data!.user.id });
    gate.open();
    expect((await late).data!.user.id).toBe(quick.data!.user.id);
    expect(new Set(browser.keys()).size).toBe(1);
    expect(await guests()).toBe(1);
  });

  it('that choose a key at the same moment agree on one', async () => {
    const localStorage = new MemoryStorage();
    browser = new BrowserOfTabs(host, { localStorage });
    const gate = new Barrier();
    localStorage.staleReads = 2;
    const answers = await twoUnaware(gate);
    await gate.reached(2);
    expect(localStorage.staleReads).toBe(0);
    gate.open();
    const [first, second] = await Promise.all(answers);
    expect(second!.data!.user.id).toBe(first!.data!.user.id);
    expect(new Set(browser.keys()).size).toBe(1);
    expect(await guests()).toBe(1);
  });

  describe('of which one has looked before the other was done', () => {
    /** A tab that is held before it asks for a guest, having seen nobody. */
    const openLateTab = async () => {
      browser = new BrowserOfTabs(host, { localStorage: new MemoryStorage() });
      const held = new Barrier();
      const late = browser.openTab({
        sending: ({ line }) => (line === ISSUE ? held.pass() : undefined),
      });
      const answer = ensureSession(late);
      await held.reached();
      return { answer, held };
    };

    it('end with the same guest', async () => {
      const { answer, held } = await openLateTab();
      const first = await ensureSession(browser.openTab());
      held.open();
      expect((await answer).data!.user.id).toBe(first.data!.user.id);
      expect(await guests()).toBe(1);
    });

    it('end with the account that has signed up in the other', async () => {
      const { answer, held } = await openLateTab();
      const email = `${repeatSignIn}@example.com`;
      const account = await browser.openTab().signUp.email({ email, password, name: 'Ada' });
      held.open();
      expect((await answer).data!.user).toMatchObject({ id: account.data!.user.id, email });
      expect(await guests()).toBe(1);
    });
  });
});

describe('a tab', () => {
  let host: TestApp;
  let browser: BrowserOfTabs;
  beforeAll(async () => {
    host = await createTestApp();
  });
  afterAll(() => host.close());
  afterEach(() => browser.close());

  it('does not wait for ever for one that holds the lock and is stuck', async () => {
    const locks = new MemoryLocks();
    const clock = new AbortController();
    const timeout = jest.spyOn(AbortSignal, 'timeout').mockReturnValue(clock.signal);
    browser = new BrowserOfTabs(host, { locks, localStorage: new MemoryStorage() });
    const stuck = new Barrier();
    const hold = browser.openTab({
      sending: ({ line }) => (line === ISSUE ? stuck.pass() : undefined),
    });
    const held = ensureSession(hold);
    await stuck.reached();
    const waiting = ensureSession(browser.openTab());
    await eventually('both tabs want the lock', () => locks.requested === 2);
    clock.abort(new Error('the time is over'));
    const { data } = await waiting;
    expect(data!.user.isAnonymous).toBe(true);
    expect(timeout).toHaveBeenCalledWith(10_000);
    stuck.open();
    expect((await held).data!.user.id).toBe(data!.user.id);
    timeout.mockRestore();
  });

  it('does without locks that the page may not use', async () => {
    const locks = { request: () => Promise.reject(new Error('SecurityError')) };
    browser = new BrowserOfTabs(host, { locks, localStorage: new MemoryStorage() });
    expect((await ensureSession(browser.openTab())).data!.user.isAnonymous).toBe(true);
  });

  it('tells failed requests from failed locks: it does not ask twice', async () => {
    browser = new BrowserOfTabs(host);
    const tab = browser.openTab({
      sending: ({ line }) => {
        if (line === ISSUE) throw new TypeError('Failed to fetch');
      },
    });
    await expect(ensureSession(tab)).rejects.toThrow('Failed to fetch');
    expect(browser.keys()).toHaveLength(1);
  });
});
