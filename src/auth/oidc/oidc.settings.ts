import { ConfigurationError } from '../../common/errors.js';
import { isSecureUrl } from './endpoint.js';
import type { OidcProvider } from './provider.js';

/** Providers that have been checked, with their issuers in the form that identities are stored under. */
export type OidcSettings = readonly OidcProvider[];

export const OIDC_SETTINGS = Symbol('nestjs-anonymous:oidc-settings');

/** Names that identities of this library have themselves. */
const RESERVED = ['credential', 'email', 'local', 'password'];

/** @throws ConfigurationError naming the provider at fault. */
export function resolveOidcSettings(providers: readonly OidcProvider[] = []): OidcSettings {
  if (!Array.isArray(providers)) {
    throw new ConfigurationError('option "providers" is no list. Write providers: [oidc({ … })].');
  }
  const checked = providers.map(check);
  const twice = repeated(checked.map(({ id }) => id.toLowerCase()));
  if (twice !== undefined) {
    throw new ConfigurationError(
      `option "providers" has the id '${twice}' twice. Give each provider another one.`,
    );
  }
  const issuer = repeated(checked.map((provider) => provider.issuer));
  if (issuer !== undefined) {
    throw new ConfigurationError(
      `option "providers" has the issuer ${issuer} twice. An account is known by issuer and subject, so write it once.`,
    );
  }
  return checked;
}

function check(provider: OidcProvider): OidcProvider {
  const { id, clientId, clientSecret, scopes } = provider;
  if (typeof id !== 'string' || !/^[A-Za-z0-9][\w-]{0,63}$/.test(id) || RESERVED.includes(id)) {
    throw new ConfigurationError(
      `option "providers" has the id ${JSON.stringify(id)}. Write up to 64 letters, digits, - and _, and none of ${RESERVED.join(', ')}.`,
    );
  }
  if (typeof clientId !== 'string' || clientId === '') throw missing(id, 'clientId', '');
  if (clientSecret !== undefined && (typeof clientSecret !== 'string' || clientSecret === '')) {
    throw missing(id, 'clientSecret', ', or leave it out for a public client');
  }
  const isScope = (scope: unknown) => typeof scope === 'string' && /^[!#-[\]-~]+$/.test(scope);
  if (!scopes.every(isScope)) {
    throw new ConfigurationError(
      `provider '${id}' has a scope that is none. Write for example scopes: ['email', 'profile'].`,
    );
  }
  return { ...provider, issuer: issuerOf(provider) };
}

/** One spelling for each issuer: what is stored with identities must not depend on how a host writes it. */
function issuerOf({ id, issuer }: OidcProvider): string {
  const url = typeof issuer === 'string' && URL.canParse(issuer) ? new URL(issuer) : undefined;
  const isPlain = url && `${url.origin}${url.pathname}` === url.href;
  if (!url || !isPlain || !isSecureUrl(url) || url.pathname.includes('/.well-known/')) {
    throw new ConfigurationError(
      `provider '${id}' has the issuer ${JSON.stringify(issuer)}. Write an https URL without a query, as the provider's discovery document has it under "issuer". Plain http works on this machine only, and not in production.`,
    );
  }
  return url.pathname === '/' ? url.origin : url.href;
}

function missing(id: string, name: string, alternative: string): ConfigurationError {
  return new ConfigurationError(
    `provider '${id}' has no ${name}. Write the one that the provider gave you${alternative}.`,
  );
}

function repeated(values: readonly string[]): string | undefined {
  return values.find((value, n) => values.indexOf(value) !== n);
}
