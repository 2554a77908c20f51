import { ensureSession } from '../../src/client/index.js';
import { rowCounts } from '../support/expectations.js';
import { createTestApp, type TestApp } from '../support/test-app.js';
import { MemoryLocks, MemoryStorage } from './browser-apis.js';
import { BrowserOfTabs, ISSUE } from './browser-of-tabs.js';

describe('the key with which a browser asks for its guest', () => {
  let host: TestApp;
  let browser: BrowserOfTabs;
  let localStorage: MemoryStorage;
  let item: string;
  beforeAll(async () => {
    host = await createTestApp();
    item = `nestjs-anonymous:${host.url}/auth`;
  });
  afterAll(() => host.close());
  beforeEach(() => {
    localStorage = new MemoryStorage();
    browser = new BrowserOfTabs(host, { localStorage, locks: new MemoryLocks() });
  });
  afterEach(() => browser.close());

  const stored = () => localStorage.items.get(item);
  const failOnce = () => {
    let isFirst = true;
    return browser.openTab({
      sending: ({ line }) => {
        if (line !== ISSUE || !isFirst) return;
        isFirst = false;
        throw new TypeError('Failed to fetch');
      },
    });
  };

  it('has 128 random bits, and another browser has another', async () => {
    await ensureSession(browser.openTab());
    browser.cookies.clear();
    await ensureSession(browser.openTab());
    const [first, second] = browser.keys();
    expect(first).toMatch(/^[\da-f]{32}$/);
    expect(second).toMatch(/^[\da-f]{32}$/);
    expect(second).not.toBe(first);
  });

  it('is kept until it has done its work', async () => {
    const client = failOnce();
    await expect(ensureSession(client)).rejects.toThrow('Failed to fetch');
    expect(stored()).toMatch(/^[\da-f]{32}@\d+$/);
    await ensureSession(client);
    expect(browser.keys()).toEqual([browser.keys()[1], browser.keys()[0]]);
    expect([...localStorage.items]).toEqual([]);
  });

  it('leaves the key alone that another tab has chosen meanwhile', async () => {
    const other = `${'ab'.repeat(16)}@${Date.now()}`;
    const client = browser.openTab({
      answered: ({ line }) => {
        if (line === ISSUE) localStorage.setItem(item, other);
      },
    });
    await ensureSession(client);
    expect(stored()).toBe(other);
  });

  it('is not even chosen while somebody is signed in', async () => {
    await ensureSession(browser.openTab());
    const write = jest.spyOn(localStorage, 'setItem');
    await ensureSession(browser.openTab());
    expect(write).not.toHaveBeenCalled();
  });

  it.each([
    ['50 seconds old', () => `${'ab'.repeat(16)}@${Date.now() - 50_000}`, false],
    ['49 seconds old', () => `${'ab'.repeat(16)}@${Date.now() - 49_000}`, true],
    ['from the future', () => `${'ab'.repeat(16)}@${Date.now() + 60_000}`, false],
    ['no key', () => `null`, false],
    ['no header', () => `${'a\n'.repeat(16)}@${Date.now()}`, false],
  ])('that is found in the storage, %s, is used or replaced', async (_, found, isUsed) => {
    localStorage.setItem(item, found());
    const { error } = await ensureSession(browser.openTab());
    expect(error).toBeNull();
    expect(browser.keys()[0] === 'ab'.repeat(16)).toBe(isUsed);
    expect(browser.keys()[0]).toMatch(/^[\da-f]{32}$/);
  });

  it.each([
    ['may not be touched', 'forbidden' as const],
    ['is not there', undefined],
    [
      'is full',
      Object.assign(new MemoryStorage(), {
        setItem: () => {
          throw new Error('QuotaExceededError');
        },
      }),
    ],
  ])('is remembered by the page where the storage %s', async (_, storage) => {
    browser.close();
    browser = new BrowserOfTabs(host, { localStorage: storage });
    const client = failOnce();
    await expect(ensureSession(client)).rejects.toThrow('Failed to fetch');
    await ensureSession(client);
    expect(browser.keys()).toEqual([browser.keys()[1], expect.stringMatching(/^[\da-f]{32}$/)]);
  });

  it('is left out where nothing random can be had', async () => {
    const random = Object.getOwnPropertyDescriptor(globalThis, 'crypto')!;
    Reflect.deleteProperty(globalThis, 'crypto');
    try {
      expect((await ensureSession(browser.openTab())).error).toBeNull();
      expect(browser.keys()).toEqual([null]);
    } finally {
      Object.defineProperty(globalThis, 'crypto', random);
    }
  });

  it('is never shared by the visitors of a server, whose clients live in one process', async () => {
    const { users } = await rowCounts(host);
    Reflect.deleteProperty(globalThis, 'document');
    const [ada, bob] = [browser, new BrowserOfTabs(host, { localStorage })];
    Reflect.deleteProperty(globalThis, 'document');
    const answers = await Promise.all([
      ensureSession(ada.openTab()),
      ensureSession(bob.openTab()),
      ensureSession(ada.openTab()),
    ]);
    bob.close();
    expect(new Set(answers.map(({ data }) => data!.user.id)).size).toBe(3);
    expect(new Set([...ada.keys(), ...bob.keys()]).size).toBe(3);
    expect((await rowCounts(host)).users).toBe(users! + 3);
    expect([...localStorage.items]).toEqual([]);
  });
});
