/** An OpenID Connect provider, as {@link oidc} and {@link google} describe it. */
export interface OidcProvider {
  readonly id: string;
  readonly issuer: string;
  readonly clientId: string;
  /** `undefined`: a public client, which has PKCE only. */
  readonly clientSecret: string | undefined;
  readonly scopes: readonly string[];
  /** Whose verified addresses count: nobody's, everybody's, or those of mailboxes that the provider runs itself. */
  readonly trustsMail: 'never' | 'always' | 'own-mailboxes';
}

/** What {@link oidc} takes. */
export interface OidcOptions {
  /**
   * What clients send as `provider`, and the end of the callback's path: `/auth/callback/<id>`. Up to 64 letters, digits,
   * `-` and `_`. May be changed: accounts are known by issuer and subject.
   */
  readonly id: string;
  /** As the provider writes it itself. Over https; over http only on this machine and not in production. */
  readonly issuer: string;
  readonly clientId: string;
  /** Leave it out for a public client. PKCE is used in any case. */
  readonly clientSecret?: string;
  /** What is asked for beside `openid`. @default ['email', 'profile'] */
  readonly scopes?: readonly string[];
  /**
   * Whether an address that this provider calls verified belongs to the person. With `true` that person gets into the
   * account that has the address: say so only of a provider that checks every address and gives none to somebody else.
   * @default false: its accounts have no address here
   */
  readonly trustEmail?: boolean;
}

/** What {@link google} takes. */
export interface GoogleOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  /**
   * Whether verified addresses count that Google does not run the mailbox of. Google checks such an address once, and whoever
   * has it by now may be somebody else. `false` trusts no address at all.
   * @default only addresses at gmail.com and of Google Workspace
   */
  readonly trustEmail?: boolean;
}

/** A provider that speaks OpenID Connect: Keycloak, Auth0, Okta, Entra ID of one tenant, and the like. */
export function oidc(options: OidcOptions): OidcProvider {
  const { id, issuer, clientId, clientSecret, scopes = ['email', 'profile'], trustEmail } = options;
  // A variable that is not set shall not make a public client of a confidential one.
  const isUnset = 'clientSecret' in options && clientSecret === undefined;
  return {
    id,
    issuer,
    clientId,
    clientSecret: isUnset ? '' : clientSecret,
    scopes: [...new Set(['openid', ...scopes])],
    trustsMail: trustEmail === true ? 'always' : 'never',
  };
}

/** Google, under the id `google`. */
export function google({ clientId, clientSecret, trustEmail }: GoogleOptions): OidcProvider {
  const issuer = 'https://accounts.google.com';
  const provider = oidc({ id: 'google', issuer, clientId, clientSecret, trustEmail });
  return trustEmail === undefined ? { ...provider, trustsMail: 'own-mailboxes' } : provider;
}
