import { DevProvider } from '../../examples/paws/dev-provider/dev-provider.js';
import { oidc } from '../../src/index.js';
import { fillIn } from '../support/at-provider.js';
import { addNotes, NO_RETRY, notesOf } from '../support/links.js';
import { closeApps, startApp } from '../support/running-apps.js';
import { ORIGIN, type TestApp } from '../support/test-app.js';
import { comeBack, ledTo, setOut, setOutToLink, providersOf, whoIs } from '../support/visits.js';

describe.each(['express', 'fastify'] as const)('a provider of another make, on %s', (adapter) => {
  let host: TestApp;
  let provider: DevProvider;
  beforeAll(async () => {
    const redirectUris = [`${ORIGIN}/auth/callback/dev`];
    provider = await DevProvider.start({ port: 0, redirectUris });
    const dev = oidc({ id: 'dev', ...provider.client, trustEmail: true });
    host = await startApp({ adapter, options: { linking: NO_RETRY, providers: [dev] } });
  });
  afterAll(closeApps);
  afterAll(() => provider.stop());

  const ada = { name: 'Ada', email: 'ada@example.com', verified: 'on' };
  const dev = { provider: 'dev', errorCallbackURL: '/oops' };

  it('vouches for a guest, whose session cookie is lost on the way, and for the next one', async () => {
    const guest = host.browser();
    await addNotes(guest, 'first');
    const { id } = await whoIs(guest);
    const callback = await fillIn(provider, await setOut(guest, dev), ada);
    const flow = guest.cookies.get('__Host-session.flow')!;
    guest.cookies.clear();
    guest.cookies.set('__Host-session.flow', flow);
    expect(ledTo(await comeBack(guest, callback))).toEqual({ status: 302, to: '/' });
    expect(await whoIs(guest)).toMatchObject({
      id,
      email: ada.email,
      emailVerified: true,
      name: 'Ada',
      isAnonymous: false,
    });
    const phone = host.browser();
    await addNotes(phone, 'second');
    await comeBack(phone, await fillIn(provider, await setOut(phone, dev), ada));
    expect((await whoIs(phone)).id).toBe(id);
    expect(await notesOf(host, id)).toEqual(['first', 'second']);
  });

  it('keeps to itself whose address it has not verified', async () => {
    const browser = host.browser();
    const unverified = { name: 'Ada', email: 'eve@example.com' };
    await comeBack(browser, await fillIn(provider, await setOut(browser, dev), unverified));
    expect(await whoIs(browser)).toMatchObject({ email: null, name: 'Ada', isAnonymous: false });
  });

  it('is left by somebody who would rather not', async () => {
    const browser = host.browser();
    await addNotes(browser, 'mine');
    const url = await setOut(browser, dev);
    const answer = await comeBack(browser, await fillIn(provider, url, { cancel: '1' }));
    expect(ledTo(answer).to).toBe('/oops?error=PROVIDER_REFUSED');
    expect(await whoIs(browser)).toMatchObject({ isAnonymous: true });
  });

  it('takes a code once, and from the flow that it was given to', async () => {
    const [attacker, victim] = [host.browser(), host.browser()];
    const stolen = await fillIn(provider, await setOut(attacker, dev), ada);
    const callback = await fillIn(provider, await setOut(victim, dev), ada);
    const own = callback.searchParams.get('code')!;
    callback.searchParams.set('code', stolen.searchParams.get('code')!);
    expect(ledTo(await comeBack(victim, callback)).to).toBe('/oops?error=PROVIDER_REFUSED');
    expect(await whoIs(victim)).toBeNull();
    stolen.searchParams.set('code', own);
    expect(ledTo(await comeBack(attacker, stolen)).to).toBe('/oops?error=PROVIDER_REFUSED');
    expect(await whoIs(attacker)).toBeNull();
  });

  it('is one more way into an account', async () => {
    const browser = host.browser();
    const person = { ...ada, email: 'first@example.com' };
    await comeBack(browser, await fillIn(provider, await setOut(browser, dev), person));
    const { id } = await whoIs(browser);
    const second = { ...ada, email: 'second@example.com' };
    const url = await setOutToLink(browser, dev);
    expect(ledTo(await comeBack(browser, await fillIn(provider, url, second))).to).toBe('/');
    expect(await providersOf(host, id)).toEqual(['dev', 'dev', 'email']);
    const phone = host.browser();
    await comeBack(phone, await fillIn(provider, await setOut(phone, dev), second));
    expect((await whoIs(phone)).id).toBe(id);
  });
});
