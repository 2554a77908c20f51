import { google, oidc, type OidcOptions, type OidcProvider } from '../../src/index.js';
import { refusalOf } from '../support/refused-start.js';

const good: OidcOptions = { id: 'idp', issuer: 'https://idp.example', clientId: 'app' };
const start = (providers: unknown) =>
  refusalOf({ options: { providers: providers as readonly OidcProvider[] } });
const unset = (process.env as Record<string, string>).NOT_SET!;

describe('providers that cannot work stop the start', () => {
  it.each<[string, unknown, RegExp]>([
    ['no list', oidc(good), /"providers" is no list/],
    ['no id', [oidc({ ...good, id: '' })], /has the id ""/],
    ['an id that is no part of a path', [oidc({ ...good, id: 'a/b' })], /has the id "a\/b"/],
    ['an id of ours', [oidc({ ...good, id: 'password' })], /has the id "password"/],
    [
      'one id twice',
      [oidc(good), oidc({ ...good, id: 'IDP', issuer: 'https://other.example' })],
      /has the id 'idp' twice/,
    ],
    [
      'one issuer twice',
      [oidc(good), oidc({ ...good, id: 'other', issuer: 'https://idp.example/' })],
      /has the issuer https:\/\/idp\.example twice/,
    ],
    ['no issuer', [oidc({ ...good, issuer: unset })], /provider 'idp' has the issuer undefined/],
    ['an issuer that is no URL', [oidc({ ...good, issuer: 'idp.example' })], /has the issuer "idp/],
    ['an issuer in the clear', [oidc({ ...good, issuer: 'http://idp.example' })], /https URL/],
    [
      'an issuer with a query',
      [oidc({ ...good, issuer: 'https://idp.example/?a=b' })],
      /https URL/,
    ],
    ['an issuer with a password', [oidc({ ...good, issuer: 'https://a:b@idp.example' })], /https/],
    [
      'a discovery document for an issuer',
      [oidc({ ...good, issuer: 'https://idp.example/.well-known/openid-configuration' })],
      /under "issuer"/,
    ],
    ['no client', [oidc({ ...good, clientId: unset })], /provider 'idp' has no clientId/],
    ['a secret that is not set', [oidc({ ...good, clientSecret: unset })], /has no clientSecret/],
    ['an empty secret', [oidc({ ...good, clientSecret: '' })], /has no clientSecret/],
    [
      'Google without its secret',
      [google({ clientId: 'app', clientSecret: unset })],
      /provider 'google' has no clientSecret/,
    ],
    ['a scope that is two', [oidc({ ...good, scopes: ['a b'] })], /has a scope that is none/],
  ])('%s', async (_, providers, words) => {
    const error = await start(providers);
    expect(error.name).toBe('ConfigurationError');
    expect(error.message).toMatch(words);
  });

  it('a provider on this machine, in production', async () => {
    const before = process.env.NODE_ENV;
    process.env.NODE_ENV = 'production';
    try {
      const error = await start([oidc({ ...good, issuer: 'http://localhost:4000' })]);
      expect(error.message).toMatch(/Plain http works on this machine only, and not in production/);
    } finally {
      process.env.NODE_ENV = before;
    }
  });
});

describe('a provider', () => {
  it('asks for what is needed, and for openid once', () => {
    expect(oidc(good).scopes).toEqual(['openid', 'email', 'profile']);
    expect(oidc({ ...good, scopes: ['openid', 'email'] }).scopes).toEqual(['openid', 'email']);
    expect(oidc({ ...good, scopes: [] }).scopes).toEqual(['openid']);
  });

  it('is a public client without a secret, and trusts no address unless told to', () => {
    expect(oidc(good)).toMatchObject({ clientSecret: undefined, trustsMail: 'never' });
    expect(oidc({ ...good, trustEmail: true })).toMatchObject({ trustsMail: 'always' });
  });
});
