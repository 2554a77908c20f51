import { ensureSession } from '../../src/client/index.js';
import { password } from '../better-auth/browser.js';
import { rowCounts } from '../support/expectations.js';
import { createTestApp, type TestApp } from '../support/test-app.js';
import { allLeft, BrowserOfTabs, FIRST_LOOK, ISSUE, showSession } from './browser-of-tabs.js';

describe.each(['express', 'fastify'] as const)('ensureSession on %s', (adapter) => {
  let host: TestApp;
  let browser: BrowserOfTabs;
  beforeAll(async () => {
    host = await createTestApp({ adapter });
  });
  afterAll(async () => {
    await allLeft();
    await host.close();
  });
  beforeEach(() => {
    browser = new BrowserOfTabs(host);
  });
  afterEach(() => browser.close());

  it('signs nobody in as a guest, and answers what get-session then answers', async () => {
    const client = browser.openTab();
    const { data, error } = await ensureSession(client);
    expect(error).toBeNull();
    expect(data).toMatchObject({ user: { isAnonymous: true }, session: { userId: data!.user.id } });
    const session = await client.getSession();
    expect(session.data).toMatchObject({
      user: data!.user,
      session: { id: data!.session.id, expiresAt: expect.any(Date) },
    });
    expect(Object.keys(data!).toSorted()).toEqual(Object.keys(session.data!).toSorted());
  });

  it('answers the session of a guest with one request', async () => {
    const client = browser.openTab();
    const first = await ensureSession(client);
    browser.requests.length = 0;
    const second = await ensureSession(client);
    expect(second.data!.user.id).toBe(first.data!.user.id);
    expect(browser.lines()).toEqual([FIRST_LOOK]);
  });

  it('leaves an account that is signed in alone', async () => {
    const client = browser.openTab();
    const email = `ada-${adapter}@example.com`;
    const account = await client.signUp.email({ email, password, name: 'Ada' });
    const before = [browser.cookies.header(), await rowCounts(host)];
    browser.requests.length = 0;
    const { data } = await ensureSession(client);
    expect(data!.user).toMatchObject({ id: account.data!.user.id, email, isAnonymous: false });
    expect(browser.lines()).toEqual([FIRST_LOOK]);
    expect([browser.cookies.header(), await rowCounts(host)]).toEqual(before);
  });

  it.each([
    ['the two effects of a strict React', 2],
    ['twenty components', 20],
  ])('issues one guest for %s', async (_, calls) => {
    const { users } = await rowCounts(host);
    const client = browser.openTab();
    const answers = await Promise.all(Array.from({ length: calls }, () => ensureSession(client)));
    expect(new Set(answers.map(({ data }) => data!.user.id)).size).toBe(1);
    expect((await rowCounts(host)).users).toBe(users! + 1);
    expect(browser.lines()).toEqual([FIRST_LOOK, FIRST_LOOK, ISSUE]);
  });

  it('shows the guest in the session store', async () => {
    const client = browser.openTab();
    const component = showSession(client);
    const { data } = await ensureSession(client);
    await component.shows('the guest', (user) => user?.id === data!.user.id);
    component.leave();
  });

  it('issues another guest after a sign-out', async () => {
    const client = browser.openTab();
    const first = await ensureSession(client);
    await client.signOut();
    const second = await ensureSession(client);
    expect(second.data!.user.id).not.toBe(first.data!.user.id);
    expect(new Set(browser.keys()).size).toBe(2);
  });
});
