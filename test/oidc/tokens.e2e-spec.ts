import { newCookies, rowCounts } from '../support/expectations.js';
import { guestWithNotes } from '../support/links.js';
import { closeApps } from '../support/running-apps.js';
import { dropping, type Misbehaviour, type StubIdp, stopIdps } from '../support/stub-idp.js';
import type { TestApp } from '../support/test-app.js';
import { comeBack, ledTo, newPerson, setOut, startWithIdp, whoIs } from '../support/visits.js';

afterAll(closeApps);
afterAll(stopIdps);

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const parts = (token: string) => token.split('.') as [string, string, string];
const past = () => Math.floor(Date.now() / 1000) - 120;
const without = (...names: string[]) => ({ claims: dropping(...names) });

/** One thing wrong with the token of somebody whom the guest could well be. */
const WRONG: Record<string, Misbehaviour> = {
  'another issuer': { claims: (all) => ({ ...all, iss: 'https://evil.example' }) },
  'no issuer': without('iss'),
  'another audience': { claims: (all) => ({ ...all, aud: 'another-app' }) },
  'no audience': without('aud'),
  'two audiences and no authorised party': { claims: (all) => ({ ...all, aud: ['app', 'other'] }) },
  'another authorised party': {
    claims: (all) => ({ ...all, aud: ['app', 'other'], azp: 'other' }),
  },
  'another nonce': { claims: (all) => ({ ...all, nonce: 'n'.repeat(43) }) },
  'no nonce': without('nonce'),
  'an end that is over': { claims: (all) => ({ ...all, exp: past() }) },
  'no end': without('exp'),
  'an end that is no number': { claims: (all) => ({ ...all, exp: 'tomorrow' }) },
  'a beginning to come': { claims: (all) => ({ ...all, nbf: Date.now() }) },
  'no subject': without('sub'),
  'an empty subject': { claims: (all) => ({ ...all, sub: '' }) },
  'a number for a subject': { claims: (all) => ({ ...all, sub: 1 }) },
  'an object for a subject': { claims: (all) => ({ ...all, sub: { id: 1 } }) },
  'a subject of 300 characters': { claims: (all) => ({ ...all, sub: 's'.repeat(300) }) },
  'a subject that no column takes': { claims: (all) => ({ ...all, sub: 'a\u0000b' }) },
  'a signature by somebody else': { foreignKey: true },
  'a key that nobody has published': { header: { kid: 'another' } },
  'no signature': { idToken: (token) => `${parts(token)[0]}.${parts(token)[1]}.` },
  'the algorithm none': {
    idToken: (token) => `${encoded({ alg: 'none' })}.${parts(token)[1]}.`,
  },
  'a symmetric algorithm': {
    idToken: (token) => `${encoded({ alg: 'HS256' })}.${parts(token)[1]}.${parts(token)[2]}`,
  },
  'claims that were changed': {
    idToken: (token) => {
      const [header, claims, signature] = parts(token);
      const changed = { ...JSON.parse(Buffer.from(claims, 'base64url').toString()), sub: 'victim' };
      return `${header}.${encoded(changed)}.${signature}`;
    },
  },
};

/** Answers of which nobody can tell what they are. */
const GARBAGE: Record<string, Misbehaviour> = {
  'a token that is none': { idToken: () => 'garbage' },
  'a token that is an object': { idToken: () => ({ sub: 'victim' }) },
  'no token': { idToken: () => undefined },
};

describe.each(['express', 'fastify'] as const)('the token of a provider on %s', (adapter) => {
  let host: TestApp;
  let idp: StubIdp;
  beforeAll(async () => {
    ({ host, idp } = await startWithIdp({ adapter }));
  });
  afterEach(() => {
    idp.misbehaviour = {};
  });

  it.each(Object.keys({ ...WRONG, ...GARBAGE }))('is refused: %s', async (name) => {
    const guest = await guestWithNotes(host, 'mine');
    const url = await setOut(guest.client, { errorCallbackURL: '/oops' });
    const before = await rowCounts(host);
    idp.misbehaviour = { ...WRONG, ...GARBAGE }[name]!;
    const answer = await comeBack(guest.client, idp.approve(url, newPerson()));
    const { to } = ledTo(answer);
    if (name in WRONG) expect(to).toBe('/oops?error=PROVIDER_ANSWER_INVALID');
    else expect(to).toMatch(/^\/oops\?error=PROVIDER_(ANSWER_INVALID|UNAVAILABLE)$/);
    expect(newCookies(answer)).toEqual([]);
    expect(await rowCounts(host)).toEqual(before);
    expect(await whoIs(guest.client)).toMatchObject({ id: guest.userId, isAnonymous: true });
  });

  it('passes with two audiences when it names us as the authorised party', async () => {
    const browser = host.browser();
    const url = await setOut(browser);
    idp.misbehaviour = { claims: (all) => ({ ...all, aud: ['app', 'other'], azp: 'app' }) };
    expect(ledTo(await comeBack(browser, idp.approve(url, newPerson())))).toMatchObject({
      to: '/',
    });
    expect(await whoIs(browser)).not.toBeNull();
  });

  it('may leave the rest of the person to the userinfo endpoint', async () => {
    const browser = host.browser();
    const person = newPerson();
    const url = await setOut(browser);
    idp.misbehaviour = without('email', 'email_verified', 'name');
    await comeBack(browser, idp.approve(url, person));
    expect(await whoIs(browser)).toMatchObject({ email: person.email, name: 'Ada' });
  });

  it('is not about whom the userinfo endpoint says that it is about', async () => {
    const browser = host.browser();
    const url = await setOut(browser, { errorCallbackURL: '/oops' });
    idp.misbehaviour = {
      ...without('email'),
      replies: {
        '/userinfo': (_, response) => {
          const victim = { sub: 'victim', email: 'victim@example.com', email_verified: true };
          response.setHeader('content-type', 'application/json').end(JSON.stringify(victim));
        },
      },
    };
    const answer = await comeBack(browser, idp.approve(url, newPerson()));
    expect(ledTo(answer)).toEqual({ status: 302, to: '/oops?error=PROVIDER_ANSWER_INVALID' });
    expect(await whoIs(browser)).toBeNull();
  });

  it('leaves nothing of itself here, in the database or in an answer', async () => {
    const browser = host.browser();
    const tokens: string[] = [];
    const url = await setOut(browser);
    idp.misbehaviour = {
      idToken: (token) => {
        tokens.push(token);
        return token;
      },
    };
    const answer = await comeBack(browser, idp.approve(url, newPerson()));
    expect(tokens).toHaveLength(1);
    const seen = JSON.stringify([[...answer.headers], answer.text]);
    for (const table of ['identities', 'users', 'sessions', 'auth_flows']) {
      const rows = await host.sql(`SELECT t::text FROM ${table} t`);
      expect(JSON.stringify(rows)).not.toContain(tokens[0]);
    }
    expect(seen).not.toContain(tokens[0]);
  });
});
