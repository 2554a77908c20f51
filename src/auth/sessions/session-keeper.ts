import type { ServerResponse } from 'node:http';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../../common/clock.js';
import { FigureCounts } from '../../users/figures/figure-counts.js';
import { UsersService } from '../../users/users.service.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { AUTH_SETTINGS, type AuthSettings } from '../auth.settings.js';
import { CredentialWriter } from '../requests/credential-writer.js';
import type { HttpRequest } from '../requests/http-request.js';
import type { AuthenticatedRequest } from '../requests/request-authenticator.js';
import type { SessionClaims } from '../tokens/session-claims.js';
import { TokenService } from '../tokens/token.service.js';
import { SessionsService } from './sessions.service.js';

/** How old `last_seen_at` may get before a request brings it up to date. */
const LAST_SEEN_PRECISION_MS = 3_600_000;

/** Keeps a session that is in use alive: a new token past half of its life, and the hour of the last visit. */
@Injectable()
export class SessionKeeper {
  private readonly logger = new Logger(SessionKeeper.name);
  private readonly kept = new WeakSet<object>();

  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(AUTH_SETTINGS) private readonly settings: AuthSettings,
    private readonly clock: Clock,
    private readonly users: UsersService,
    private readonly sessions: SessionsService,
    private readonly tokens: TokenService,
    private readonly credentials: CredentialWriter,
    private readonly figures: FigureCounts,
  ) {}

  /** Once for each request, however many guards it passes. */
  async keep(
    request: HttpRequest,
    response: object,
    { session, claims }: AuthenticatedRequest,
  ): Promise<void> {
    if (this.kept.has(request)) return;
    this.kept.add(request);
    const now = this.clock.now().getTime();
    if (now - session.user.lastSeenAt.getTime() > LAST_SEEN_PRECISION_MS) {
      this.touchAfter(response, session.user.id);
    }
    const halfLife = (claims.issuedAt.getTime() + claims.expiresAt.getTime()) / 2;
    if (now < halfLife) return;
    const renewed = await this.renew(claims, session.user.isAnonymous ? undefined : session);
    // Ended meanwhile: a cookie of it could overwrite that of the session which took its place.
    if (!renewed) return;
    this.credentials.write(response, {
      ...session,
      expiresAt: renewed.expiresAt,
      token: this.tokens.sign(renewed),
    });
  }

  private async renew(
    claims: SessionClaims,
    account: AuthenticatedRequest['session'] | undefined,
  ): Promise<SessionClaims | undefined> {
    const issuedAt = this.clock.now();
    const expiresAt = account
      ? await this.sessions.extend(account)
      : new Date(issuedAt.getTime() + this.settings.guestTtlMs);
    return expiresAt && { ...claims, issuedAt, expiresAt };
  }

  /** After the answer has left: a visit is worth noting, not worth waiting for. */
  private touchAfter(response: object, userId: string): void {
    const { raw = response } = response as { raw?: object };
    (raw as ServerResponse).once('finish', () => {
      this.touch(userId).catch((error: unknown) => {
        this.logger.warn('The last visit of a user could not be noted.', error);
      });
    });
  }

  private async touch(userId: string): Promise<void> {
    const isReturn = await this.users.touch(this.dataSource, userId);
    if (isReturn) this.figures.count('returned');
  }
}
