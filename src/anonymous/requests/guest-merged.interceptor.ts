import {
  type CallHandler,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import { catchError, type Observable } from 'rxjs';
import { DataSource } from 'typeorm';
import { requestOf } from '../../auth/requests/http-request.js';
import { RequestAuthenticator } from '../../auth/requests/request-authenticator.js';
import { isUnavailable } from '../../auth/responses/unavailable.js';
import { AnonymousException } from '../../common/errors.js';
import { FOREIGN_KEY_VIOLATION, sqlStateOf } from '../../common/sql.js';
import { UsersService } from '../../users/users.service.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';

/**
 * Tells a guest whose request failed because the guest was merged meanwhile: a write that came too late fails on its
 * foreign key, and 409 `GUEST_MERGED` says why. An account that was deleted meanwhile gets 401. Acts on nothing else.
 */
@Injectable()
export class GuestMergedInterceptor implements NestInterceptor {
  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly users: UsersService,
    private readonly authenticator: RequestAuthenticator,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http') return next.handle();
    const request = requestOf(context);
    return next.handle().pipe(
      catchError(async (error: unknown) => {
        // Nobody can be asked then, and a client that waits for one timeout shall not wait for a second.
        if (isUnavailable(error)) throw error;
        const user = (await this.authenticator.known(request))?.session.user;
        const code = user?.isAnonymous ? 'GUEST_MERGED' : 'UNAUTHORIZED';
        const mayBeGone = user?.isAnonymous || sqlStateOf(error) === FOREIGN_KEY_VIOLATION;
        if (user && mayBeGone && (await this.isGone(user.id))) {
          throw new AnonymousException(code, { cause: error });
        }
        throw error;
      }),
    );
  }

  private async isGone(userId: string): Promise<boolean> {
    try {
      return (await this.users.findById(this.dataSource, userId)) === undefined;
    } catch {
      return false;
    }
  }
}
