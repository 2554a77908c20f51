import { Inject, Injectable } from '@nestjs/common';
import { parse } from 'cookie';
import { AUTH_SETTINGS, type AuthSettings } from '../auth.settings.js';
import type { SessionClaims } from '../tokens/session-claims.js';
import { TokenService } from '../tokens/token.service.js';
import { type HttpRequest, headerOf, isRepeated } from './http-request.js';

/** Reads the credential that a request carries: the cookie of a browser, or a bearer token. */
@Injectable()
export class CredentialReader {
  constructor(
    @Inject(AUTH_SETTINGS) private readonly settings: AuthSettings,
    private readonly tokens: TokenService,
  ) {}

  cookie(request: HttpRequest): string | undefined {
    const header = headerOf(request, 'cookie');
    return header === undefined ? undefined : parse(header)[this.settings.cookie.name];
  }

  /** Node keeps the first of two `Authorization` headers; whoever sends two is not taken at either word. */
  bearer(request: HttpRequest): string | undefined {
    const header = headerOf(request, 'authorization');
    if (header === undefined || isRepeated(request, 'authorization')) return undefined;
    return /^Bearer +(\S+) *$/i.exec(header)?.[1];
  }

  /** Whether there is a bearer token that names none of our keys: the host's, or garbage. */
  hasForeignBearer(request: HttpRequest): boolean {
    const token = this.bearer(request);
    return token !== undefined && this.tokens.keyOf(token) === undefined;
  }

  /** The claims of every genuine token on the request, bearer first: it was sent on purpose, the cookie by itself. */
  claims(request: HttpRequest): SessionClaims[] {
    return this.read(request, (token) => this.tokens.verify(token));
  }

  /** The same for signing up and in, where a guest's token may have expired. */
  claimable(request: HttpRequest): SessionClaims[] {
    return this.read(request, (token) => this.tokens.verifyClaim(token));
  }

  private read(
    request: HttpRequest,
    verify: (token: string) => SessionClaims | undefined,
  ): SessionClaims[] {
    return [this.bearer(request), this.cookie(request)]
      .map((token) => (token === undefined ? undefined : verify(token)))
      .filter((claims) => claims !== undefined);
  }
}
