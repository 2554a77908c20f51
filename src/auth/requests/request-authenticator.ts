import { Injectable } from '@nestjs/common';
import { AnonymousException } from '../../common/errors.js';
import { SessionCache } from '../sessions/session-cache.js';
import type { LiveSession } from '../sessions/live-session.js';
import { SessionsService } from '../sessions/sessions.service.js';
import type { SessionClaims } from '../tokens/session-claims.js';
import { CredentialReader } from './credential-reader.js';
import { type HttpRequest, isSafe } from './http-request.js';

export interface AuthenticatedRequest {
  readonly session: LiveSession;
  /** What the token of this session says. */
  readonly claims: SessionClaims;
}

/** Finds out who is calling: once for each request, with one statement. */
@Injectable()
export class RequestAuthenticator {
  private readonly found = new WeakMap<object, Promise<AuthenticatedRequest | undefined>>();

  constructor(
    private readonly credentials: CredentialReader,
    private readonly sessions: SessionsService,
    private readonly cache: SessionCache,
  ) {}

  /**
   * The live session of the request, if any. Dead credentials count as none.
   * @throws AnonymousException `AMBIGUOUS_CREDENTIALS` when cookie and bearer are alive for different users.
   */
  authenticate(request: HttpRequest): Promise<AuthenticatedRequest | undefined> {
    const known = this.found.get(request);
    if (known) return known;
    const found = this.find(request);
    this.found.set(request, found);
    return found;
  }

  /** What {@link authenticate} has found before; asks nobody. */
  known(request: HttpRequest): Promise<AuthenticatedRequest | undefined> {
    return this.found.get(request) ?? Promise.resolve(undefined);
  }

  /** Makes a session that began inside the request the session of the request. */
  adopt(request: HttpRequest, authenticated: AuthenticatedRequest): void {
    this.found.set(request, Promise.resolve(authenticated));
  }

  /** Takes back what was adopted: the request is nobody's again. */
  release(request: HttpRequest): void {
    this.found.set(request, Promise.resolve(undefined));
  }

  /**
   * Who the credentials of the request claim to be, without asking the database unless there are two. For sign-in: the
   * statement that uses the claim checks it.
   */
  async caller(request: HttpRequest): Promise<SessionClaims | undefined> {
    const [first, second] = this.credentials.claimable(request);
    return second ? ((await this.authenticate(request))?.claims ?? first) : first;
  }

  /** Whether the request names a guest whose token has expired and which may still sign up or in. */
  isClaimable(request: HttpRequest): boolean {
    return (
      this.credentials.claims(request).length === 0 &&
      this.credentials.claimable(request).length > 0
    );
  }

  private async find(request: HttpRequest): Promise<AuthenticatedRequest | undefined> {
    const live: AuthenticatedRequest[] = [];
    for (const claims of this.credentials.claims(request)) {
      if (live[0]?.claims.userId === claims.userId) continue;
      const session = await this.confirm(request, claims);
      if (session) live.push({ session, claims });
    }
    if (live.length > 1) throw new AnonymousException('AMBIGUOUS_CREDENTIALS');
    return live[0];
  }

  private async confirm(
    request: HttpRequest,
    claims: SessionClaims,
  ): Promise<LiveSession | undefined> {
    const cached = isSafe(request) ? this.cache.find(claims) : undefined;
    if (cached) return cached;
    const before = this.cache.now();
    const session = await this.sessions.find(claims);
    if (session) this.cache.remember(session, before);
    return session;
  }
}
