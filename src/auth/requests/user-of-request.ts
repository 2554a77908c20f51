import { Inject, Injectable } from '@nestjs/common';
import { AUTH_SETTINGS, type AuthSettings } from '../auth.settings.js';
import type { LiveSession } from '../sessions/live-session.js';
import { HostUsers } from './host-users.js';
import type { HttpRequest } from './http-request.js';
import { principalOf } from './principal.js';

/** Puts users of ours on `request.user`: in the host's shape where users of the host may stand there too. */
@Injectable()
export class UserOfRequest {
  constructor(
    @Inject(AUTH_SETTINGS) private readonly settings: AuthSettings,
    private readonly hostUsers: HostUsers,
  ) {}

  async put(request: HttpRequest, session: LiveSession): Promise<void> {
    const principal = principalOf(session);
    request.user = this.hostUsers.isAsked(request)
      ? await this.settings.passportUser(principal)
      : principal;
  }
}
