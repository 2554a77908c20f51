import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { HttpAdapterHost, Reflector } from '@nestjs/core';
import { toldOf } from '../responses/unavailable.js';
import { SessionKeeper } from '../sessions/session-keeper.js';
import { Access } from './access-level.js';
import { AsksHost } from './asks-host.js';
import { ForgeryPolicy } from './forgery.policy.js';
import { HostUsers } from './host-users.js';
import { requestOf, responseOf } from './http-request.js';
import { permit } from './permit.js';
import { UserOfRequest } from './user-of-request.js';
import { RequestAuthenticator } from './request-authenticator.js';

/**
 * Lets any live identity in, guests included, unless a decorator of the route says otherwise. Puts the
 * {@link Principal} on `request.user`. Unsafe requests that another site made the browser send are refused.
 */
@Injectable()
export class SessionGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authenticator: RequestAuthenticator,
    private readonly forgery: ForgeryPolicy,
    private readonly keeper: SessionKeeper,
    private readonly hostUsers: HostUsers,
    private readonly users: UserOfRequest,
    private readonly host: HttpAdapterHost,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    try {
      return await this.letIn(context);
    } catch (error) {
      // No interceptor sees the errors of a guard.
      throw toldOf(error, this.host, responseOf(context));
    }
  }

  private async letIn(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    const level = this.reflector.getAllAndOverride(Access, targets) ?? 'session';
    if (level === 'public') return true;
    const request = requestOf(context);
    // A global guard runs before the host's is asked; the one beside it decides.
    const asksHost = this.reflector.getAllAndOverride(AsksHost, targets) === true;
    if (asksHost && !this.hostUsers.isAsked(request)) return true;
    if (level !== 'guest' && this.hostUsers.has(request)) return true;
    this.forgery.check(request);
    const authenticated = await this.authenticator.authenticate(request);
    if (!authenticated && level === 'claim' && this.authenticator.isClaimable(request)) return true;
    permit(level, request, authenticated);
    if (authenticated) {
      await this.users.put(request, authenticated.session);
      await this.keeper.keep(request, responseOf(context), authenticated);
    }
    return true;
  }
}
