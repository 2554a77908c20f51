import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { UsersService } from '../../users/users.service.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { CredentialReader } from '../requests/credential-reader.js';
import { CredentialWriter } from '../requests/credential-writer.js';
import type { HttpRequest } from '../requests/http-request.js';
import { RequestAuthenticator } from '../requests/request-authenticator.js';
import { type CurrentSessionView, currentSessionView } from '../responses/views.js';
import type { SessionClaims } from '../tokens/session-claims.js';
import { SessionCache } from './session-cache.js';
import { SessionsService } from './sessions.service.js';

/** The session of a request: reading it and ending it. */
@Injectable()
export class CurrentSessionService {
  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly authenticator: RequestAuthenticator,
    private readonly reader: CredentialReader,
    private readonly writer: CredentialWriter,
    private readonly sessions: SessionsService,
    private readonly users: UsersService,
    private readonly cache: SessionCache,
  ) {}

  /** A cookie that names no live session, nor a guest that can be claimed, is cleared on the way. */
  async read(request: HttpRequest, response: object): Promise<CurrentSessionView | null> {
    const authenticated = await this.authenticator.authenticate(request);
    if (authenticated) return currentSessionView(authenticated.session);
    const isDead = !this.authenticator.isClaimable(request);
    if (isDead && this.reader.cookie(request) !== undefined) this.writer.clear(response);
    return null;
  }

  /** Ends whatever the request's credentials name, even two different sessions, and always clears the cookie. */
  async end(request: HttpRequest, response: object): Promise<void> {
    for (const claims of this.reader.claimable(request)) {
      await this.endOne(claims);
    }
    this.writer.clear(response);
  }

  private async endOne({ userId, handle, epoch, isGuest }: SessionClaims): Promise<void> {
    if (isGuest) await this.users.retireGuest(this.dataSource, { id: userId, epoch });
    else await this.sessions.end(this.dataSource, userId, handle);
    this.cache.forget(userId);
  }
}
