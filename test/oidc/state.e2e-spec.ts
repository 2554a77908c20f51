import { newCookies, rowCounts } from '../support/expectations.js';
import { addNotes, guestWithNotes, notesOf } from '../support/links.js';
import { newAccount } from '../support/people.js';
import { closeApps, startApp } from '../support/running-apps.js';
import { StubIdp, stopIdps } from '../support/stub-idp.js';
import type { TestApp } from '../support/test-app.js';
import { comeBack, ledTo, newPerson, setOut, whoIs } from '../support/visits.js';

afterAll(closeApps);
afterAll(stopIdps);

const refused = { status: 302, to: '/oops?error=INVALID_OR_EXPIRED' };

describe.each(['express', 'fastify'] as const)('the state of a visit on %s', (adapter) => {
  let host: TestApp;
  let idp: StubIdp;
  let second: StubIdp;
  beforeAll(async () => {
    idp = await StubIdp.start();
    second = await StubIdp.start();
    const providers = [
      idp.provider({ trustEmail: true }),
      second.provider({ id: 'second', trustEmail: true }),
    ];
    host = await startApp({ adapter, options: { providers } });
  });

  const setOutForErrors = (client: Parameters<typeof setOut>[0]) =>
    setOut(client, { errorCallbackURL: '/oops' });

  it('is worth nothing in another browser, which gets no session and loses nothing', async () => {
    const attacker = host.browser();
    const planted = idp.approve(await setOutForErrors(attacker), newPerson());
    const victims = [
      host.browser(),
      (await guestWithNotes(host, 'of the victim')).client,
      (await newAccount(host)).client,
    ];
    // One that is with a provider itself, and so has a flow cookie.
    const alsoOut = (await guestWithNotes(host, 'of the victim')).client;
    await setOutForErrors(alsoOut);
    for (const victim of [...victims, alsoOut]) {
      const before = { rows: await rowCounts(host), who: await whoIs(victim) };
      const answer = await comeBack(victim, planted);
      expect(ledTo(answer)).toEqual(refused);
      expect(newCookies(answer)).toEqual([]);
      expect({ rows: await rowCounts(host), who: await whoIs(victim) }).toEqual(before);
    }
    expect((await victims[1]!.get('/notes')).body).toMatchObject([{ text: 'of the victim' }]);
    // They have used nothing up.
    expect(ledTo(await comeBack(attacker, planted))).toEqual({ status: 302, to: '/' });
  });

  it('is worth nothing with a code of the attacker in the flow of the victim', async () => {
    const person = newPerson();
    const stolen = idp.approve(await setOut(host.browser()), person).searchParams.get('code')!;
    const guest = await guestWithNotes(host, 'mine');
    const callback = idp.approve(await setOutForErrors(guest.client), newPerson());
    callback.searchParams.set('code', stolen);
    const answer = await comeBack(guest.client, callback);
    expect(ledTo(answer)).toEqual({ status: 302, to: '/oops?error=PROVIDER_REFUSED' });
    expect(newCookies(answer)).toEqual([]);
    expect(await whoIs(guest.client)).toMatchObject({ id: guest.userId, isAnonymous: true });
  });

  it('is worth nothing with that code either when the provider checks no verifier', async () => {
    idp.misbehaviour = { noPkce: true };
    const stolen = idp.approve(await setOut(host.browser()), newPerson()).searchParams.get('code')!;
    const browser = host.browser();
    const callback = idp.approve(await setOutForErrors(browser), newPerson());
    callback.searchParams.set('code', stolen);
    const answer = await comeBack(browser, callback);
    idp.misbehaviour = {};
    expect(ledTo(answer)).toEqual({ status: 302, to: '/oops?error=PROVIDER_ANSWER_INVALID' });
    expect(newCookies(answer)).toEqual([]);
  });

  it('works once, however often and fast it comes', async () => {
    idp.misbehaviour = { reusesCodes: true };
    const browser = host.browser();
    const callback = idp.approve(await setOutForErrors(browser), newPerson());
    const answers = await Promise.all([1, 2, 3, 4].map(() => comeBack(browser, callback)));
    answers.push(await comeBack(browser, callback));
    idp.misbehaviour = {};
    expect(answers.map((answer) => String(ledTo(answer).to)).toSorted()).toEqual([
      '/',
      ...Array.from({ length: 4 }, () => refused.to),
    ]);
    expect(
      answers.flatMap(newCookies).filter((line) => line.startsWith('__Host-session=')),
    ).toHaveLength(1);
  });

  it('has ten minutes', async () => {
    const browser = host.browser();
    const late = idp.approve(await setOutForErrors(browser), newPerson());
    const inTime = idp.approve(await setOutForErrors(browser), newPerson());
    const [longest] = await host.sql<{ minutes: number }>(
      `SELECT max(extract(epoch FROM expires_at - created_at))::float / 60 AS minutes FROM auth_flows WHERE purpose = 'oidc'`,
    );
    expect(longest!.minutes).toBeCloseTo(10);
    await host.sql(
      `UPDATE auth_flows SET expires_at = expires_at - interval '600001 ms' WHERE purpose = 'oidc'`,
    );
    expect(ledTo(await comeBack(browser, late))).toEqual(refused);
    await host.sql(
      `UPDATE auth_flows SET expires_at = expires_at + interval '600001 ms' WHERE purpose = 'oidc'`,
    );
    expect(ledTo(await comeBack(browser, inTime))).toEqual({ status: 302, to: '/' });
  });

  it('belongs to the provider that it was made for', async () => {
    const browser = host.browser();
    const callback = idp.approve(await setOutForErrors(browser), newPerson());
    const elsewhere = new URL(callback);
    elsewhere.pathname = '/auth/callback/second';
    elsewhere.searchParams.set('iss', second.issuer);
    const asked = second.requests.length;
    const answer = await comeBack(browser, elsewhere);
    expect(ledTo(answer)).toEqual(refused);
    expect(newCookies(answer)).toEqual([]);
    expect(second.requests.slice(asked)).not.toContain('/token');
    expect(ledTo(await comeBack(browser, callback))).toEqual({ status: 302, to: '/' });
  });

  it.each([
    ['another issuer', 'https://evil.example'],
    ['none, although the provider says that it names itself', null],
  ])('does not pass with an answer that names %s', async (_, iss) => {
    const browser = host.browser();
    idp.misbehaviour = { iss };
    const callback = idp.approve(await setOutForErrors(browser), newPerson());
    idp.misbehaviour = {};
    const asked = idp.requests.length;
    const answer = await comeBack(browser, callback);
    expect(ledTo(answer)).toEqual({ status: 302, to: '/oops?error=PROVIDER_ANSWER_INVALID' });
    expect(newCookies(answer)).toEqual([]);
    expect(idp.requests.slice(asked)).not.toContain('/token');
  });

  it('lets several visits of one browser go on at once', async () => {
    const browser = host.browser();
    await addNotes(browser, 'mine');
    const { id } = await whoIs(browser);
    const [first, other] = [newPerson(), newPerson()];
    const callbacks = [
      idp.approve(await setOut(browser), first),
      second.approve(await setOut(browser, { provider: 'second' }), other),
    ];
    expect(ledTo(await comeBack(browser, callbacks[1]!))).toEqual({ status: 302, to: '/' });
    expect(await whoIs(browser)).toMatchObject({ id, email: other.email });
    // The second one signs in to another account, anew, and takes nothing from the first.
    expect(ledTo(await comeBack(browser, callbacks[0]!))).toEqual({ status: 302, to: '/' });
    expect(await whoIs(browser)).toMatchObject({ email: first.email });
    expect(await notesOf(host, id)).toEqual(['mine']);
  });

  it.each([
    ['access_denied', 'access_denied'],
    ['interaction_required', 'interaction_required'],
    ['markup', '<script>'],
    ['a very long one', 'x'.repeat(4000)],
  ])('ends with the refusal of the provider, and leaves the guest alone: %s', async (_, error) => {
    const guest = await guestWithNotes(host, 'mine');
    const callback = idp.refuse(await setOutForErrors(guest.client), error);
    const answer = await comeBack(guest.client, callback);
    expect(ledTo(answer)).toEqual({ status: 302, to: '/oops?error=PROVIDER_REFUSED' });
    expect(await whoIs(guest.client)).toMatchObject({ id: guest.userId, isAnonymous: true });
    expect(ledTo(await comeBack(guest.client, callback))).toEqual(refused);
  });

  it.each([
    ['an empty query', 'idp', ''],
    ['no state', 'idp', '?code=x'],
    ['an empty state', 'idp', '?state=&code=x'],
    ['a state that nobody has made', 'idp', `?state=${'a'.repeat(43)}&code=x`],
    ['a state that is very long', 'idp', `?state=${'a'.repeat(10_000)}`],
    ['a list of states', 'idp', '?state[]=a&code=x'],
    ['null characters', 'idp', '?state=%00&code=%00'],
    ['two states', 'idp', '?state=a&state=b&error=access_denied'],
    ['another provider', 'nobody', '?state=a&code=x'],
    ['__proto__', '__proto__', '?state=a&code=x'],
    ['constructor', 'constructor', '?code=x'],
    ['a path', '%2e%2e%2fidp', '?code=x'],
  ])('says on a page that it is nothing: %s', async (_, provider, query) => {
    const browser = host.browser();
    await setOut(browser);
    const answer = await browser.get(`/auth/callback/${provider}${query}`);
    const [status, words] =
      provider === 'idp' ? [400, 'not valid, has expired'] : [404, 'no such provider'];
    expect({ status: answer.status, type: answer.headers.get('content-type') }).toEqual({
      status,
      type: 'text/html; charset=utf-8',
    });
    expect(answer.text).toContain(words);
    expect(newCookies(answer)).toEqual([]);
  });

  it.each([
    ['empty', ''],
    ['very long', 'x'.repeat(10_000)],
    ['a null character', '\u0000'],
    ['two words', 'a b'],
  ])('ends without a session for a code that is none: %s', async (_, code) => {
    const browser = host.browser();
    const callback = idp.approve(await setOutForErrors(browser), newPerson());
    callback.searchParams.set('code', code);
    const answer = await comeBack(browser, callback);
    expect(ledTo(answer)).toEqual({
      status: 302,
      to: expect.stringMatching(/^\/oops\?error=PROVIDER_(REFUSED|ANSWER_INVALID)$/),
    });
    expect(newCookies(answer)).toEqual([]);
  });
});
