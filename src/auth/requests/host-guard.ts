import {
  type CanActivate,
  type ExecutionContext,
  HttpException,
  HttpStatus,
  Inject,
  mixin,
  type Type,
} from '@nestjs/common';
import { from, isObservable, lastValueFrom } from 'rxjs';
import { AnonymousException } from '../../common/errors.js';
import { CredentialReader } from './credential-reader.js';
import { HostUsers } from './host-users.js';
import { requestOf } from './http-request.js';

/**
 * The host's guard, asked before ours: whom it lets in is the user of the request, whom it refuses may still be ours. A
 * subclass, so that Nest injects what the guard needs in the module of the route.
 */
export function hostGuard(guard: Type<CanActivate>): Type<CanActivate> {
  class HostGuard extends guard {
    @Inject(HostUsers) private readonly hostUsers!: HostUsers;
    @Inject(CredentialReader) private readonly credentials!: CredentialReader;

    override async canActivate(context: ExecutionContext): Promise<boolean> {
      const request = requestOf(context);
      const before = request.user;
      request.user = undefined;
      const refusal = await this.refusalOf(context);
      const isLetIn = refusal === undefined && request.user !== undefined && request.user !== null;
      this.hostUsers.note(request, isLetIn);
      if (isLetIn) return true;
      request.user = before;
      // Somebody whose access token has run out is to refresh it, not to become a guest.
      if (this.credentials.hasForeignBearer(request)) {
        throw refusal ?? new AnonymousException('UNAUTHORIZED');
      }
      return true;
    }

    /** @throws whatever the guard throws beside 401: it could not be asked, or it knows the user and says no. */
    private async refusalOf(context: ExecutionContext): Promise<HttpException | undefined> {
      try {
        const answer = super.canActivate(context);
        const isLetIn = await (isObservable(answer) ? lastValueFrom(from(answer)) : answer);
        return isLetIn ? undefined : new AnonymousException('UNAUTHORIZED');
      } catch (error) {
        const isRefusal =
          error instanceof HttpException && error.getStatus() === Number(HttpStatus.UNAUTHORIZED);
        if (isRefusal) return error;
        throw error;
      }
    }
  }
  return mixin(HostGuard);
}
