import { createHash } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type { ClientAuth, Configuration, IDToken, ServerMetadata } from 'openid-client';
import { AnonymousException } from '../../common/errors.js';
import type { ClientLibrary } from './client-library.js';
import { isSecureUrl } from './endpoint.js';
import {
  type ExternalPerson,
  externalPerson,
  isSubject,
  type PersonClaims,
} from './external-person.js';
import type { OidcProvider } from './provider.js';
import { failureOf } from './provider-failure.js';
import { fetchOfProvider } from './provider-fetch.js';

/** The secrets of one visit to the provider. */
export interface Visit {
  readonly state: string;
  readonly nonce: string;
  /** Of PKCE. */
  readonly verifier: string;
  /** Where the provider sends the person back to. */
  readonly redirectUri: string;
}

/** What the person brings back, as the query of the callback. */
export type ProviderAnswer = Readonly<Partial<Record<'code' | 'iss' | 'error', string>>>;

/** For all that one request of a person makes a provider do. */
const PATIENCE_MS = 4_500;

/** Speaks with one provider. */
export class ProviderClient {
  private readonly logger = new Logger(ProviderClient.name);
  private discovered?: Promise<Configuration>;

  constructor(
    private readonly provider: OidcProvider,
    private readonly library: ClientLibrary,
  ) {}

  /**
   * Where to send somebody who wants to sign in.
   * @throws AnonymousException `PROVIDER_UNAVAILABLE`
   */
  authorizationUrl(
    { state, nonce, verifier, redirectUri }: Visit,
    loginHint?: string,
  ): Promise<string> {
    return this.within(async () => {
      const url = this.library.buildAuthorizationUrl(await this.configuration(), {
        redirect_uri: redirectUri,
        scope: this.provider.scopes.join(' '),
        state,
        nonce,
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
        ...(loginHint !== undefined && { login_hint: loginHint }),
      });
      return url.href;
    });
  }

  /**
   * Who came back. Every claim is checked, and the signature with keys of the issuer's own. The tokens are dropped.
   * @throws AnonymousException `PROVIDER_REFUSED`, `PROVIDER_ANSWER_INVALID`, `PROVIDER_UNAVAILABLE`
   */
  identify(visit: Visit, answer: ProviderAnswer): Promise<ExternalPerson> {
    return this.within(async () => {
      const configuration = await this.configuration();
      const url = new URL(visit.redirectUri);
      url.search = new URLSearchParams({ ...answer, state: visit.state }).toString();
      const tokens = await this.library.authorizationCodeGrant(configuration, url, {
        pkceCodeVerifier: visit.verifier,
        expectedNonce: visit.nonce,
        expectedState: visit.state,
        idTokenExpected: true,
      });
      const idToken = tokens.claims();
      if (!idToken || !isSubject(idToken.sub)) {
        throw new AnonymousException('PROVIDER_ANSWER_INVALID', { cause: 'sub' });
      }
      const claims = await this.claimsOf(configuration, idToken, tokens.access_token);
      return externalPerson(this.provider, idToken.sub, claims);
    });
  }

  /** Some providers say no more in the token than who it is about. What is said in it counts, and all of it together. */
  private async claimsOf(
    configuration: Configuration,
    idToken: IDToken,
    accessToken: string,
  ): Promise<PersonClaims> {
    const hasMore = configuration.serverMetadata().userinfo_endpoint !== undefined;
    if (idToken.email !== undefined || !hasMore) return idToken;
    return this.library.fetchUserInfo(configuration, accessToken, idToken.sub);
  }

  /** Asks the provider what it is like: once, when somebody wants to go there, and again if it did not answer. */
  private configuration(): Promise<Configuration> {
    this.discovered ??= this.discover().catch((cause: unknown) => {
      this.discovered = undefined;
      throw new AnonymousException('PROVIDER_UNAVAILABLE', { cause });
    });
    return this.discovered;
  }

  private async discover(): Promise<Configuration> {
    const { customFetch, discovery, allowInsecureRequests, enableNonRepudiationChecks } =
      this.library;
    const { issuer, clientId } = this.provider;
    const configuration = await discovery(new URL(issuer), clientId, {}, this.authentication(), {
      algorithm: 'oidc',
      timeout: PATIENCE_MS / 1000,
      [customFetch]: fetchOfProvider,
      // That leaves the check to `fetchOfProvider`, which lets this machine pass in development.
      execute: [allowInsecureRequests, enableNonRepudiationChecks],
    });
    checkMetadata(configuration.serverMetadata(), issuer);
    return configuration;
  }

  /** By the header, as the specification has it, unless the provider takes the secret in the body only. */
  private authentication(): ClientAuth {
    const { clientSecret } = this.provider;
    if (clientSecret === undefined) return this.library.None();
    const basic = this.library.ClientSecretBasic(clientSecret);
    const post = this.library.ClientSecretPost(clientSecret);
    return (server, ...request) => {
      const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
      return (methods.includes('client_secret_basic') ? basic : post)(server, ...request);
    };
  }

  private async within<Result>(work: () => Promise<Result>): Promise<Result> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('no answer in time')), PATIENCE_MS);
    });
    try {
      return await Promise.race([work(), tooLate]);
    } catch (error) {
      const failure = error instanceof AnonymousException ? error : failureOf(error);
      this.report(failure);
      throw failure;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Somebody who changed their mind is no news. Never logs what the provider has said: it holds tokens. */
  private report({ code, cause }: AnonymousException): void {
    if (code === 'PROVIDER_REFUSED') return;
    const reason = cause instanceof Error ? cause.message : String(cause);
    this.logger.warn(`Provider ${this.provider.id}: ${code}, ${reason}`);
  }
}

/** What is wrong with a discovery document is found before anybody is sent away, and before it is kept. */
function checkMetadata(metadata: ServerMetadata, issuer: string): void {
  // For some providers the library takes an issuer that has a place for the tenant in it.
  if (metadata.issuer !== issuer && metadata.issuer !== `${issuer}/`) {
    throw new TypeError('the discovery document is that of another issuer');
  }
  for (const name of ['authorization_endpoint', 'token_endpoint', 'jwks_uri'] as const) {
    const url: unknown = metadata[name];
    if (typeof url !== 'string' || !URL.canParse(url) || !isSecureUrl(new URL(url))) {
      throw new TypeError(`${name} of the discovery document is no https URL`);
    }
  }
}
