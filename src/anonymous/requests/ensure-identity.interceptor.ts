import {
  type CallHandler,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AccountLinker } from '../../auth/account-linker.js';
import { CredentialReader } from '../../auth/requests/credential-reader.js';
import { AnonymousException } from '../../common/errors.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { catchError, concatMap, type Observable } from 'rxjs';
import { CredentialWriter } from '../../auth/requests/credential-writer.js';
import {
  type HttpRequest,
  isSafe,
  requestOf,
  responseOf,
} from '../../auth/requests/http-request.js';
import { HostUsers } from '../../auth/requests/host-users.js';
import { RequestAuthenticator } from '../../auth/requests/request-authenticator.js';
import { UserOfRequest } from '../../auth/requests/user-of-request.js';
import { GuestsService, type IssuedGuest } from '../guests/guests.service.js';
import { IssueKeysService } from '../guests/issue-keys.service.js';

/** Issues a guest for a request that is about to make something and has nobody to make it for. */
@Injectable()
export class EnsureIdentityInterceptor implements NestInterceptor {
  constructor(
    private readonly authenticator: RequestAuthenticator,
    private readonly credentials: CredentialWriter,
    private readonly guests: GuestsService,
    private readonly keys: IssueKeysService,
    private readonly reader: CredentialReader,
    private readonly linker: AccountLinker,
    private readonly hostUsers: HostUsers,
    private readonly users: UserOfRequest,
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = requestOf(context);
    if (isSafe(request) || this.hostUsers.has(request)) return next.handle();
    if (await this.authenticator.authenticate(request)) return next.handle();
    await this.refuseMerged(request, responseOf(context));
    const guest = await this.guests.issue(request, { isSettled: false });
    this.authenticator.adopt(request, { session: guest, claims: guest.claims });
    await this.users.put(request, guest);
    // Before the handler, so that one which streams its answer still delivers the credential.
    const response = responseOf(context);
    this.credentials.write(response, guest);
    return next.handle().pipe(
      concatMap(async (answer: unknown) => {
        await this.settle(guest);
        return answer;
      }),
      catchError(async (error: unknown) => {
        if (await this.withdraw(guest)) {
          this.authenticator.release(request);
          this.credentials.withdraw(response);
        } else {
          await this.settle(guest);
        }
        throw error;
      }),
    );
  }

  /**
   * The request was on its way while its guest was linked. The cookie of a new guest would take the place of the account's,
   * which the next request carries. Where the host has its own login no account's does: the dead one goes, so that
   * whoever signs out there can be a guest again.
   */
  private async refuseMerged(request: HttpRequest, response: object): Promise<void> {
    for (const { userId, isGuest } of this.reader.claims(request)) {
      if (isGuest && (await this.linker.isTakenOver(this.dataSource, userId))) {
        if (this.hostUsers.isAsked(request)) this.credentials.clear(response);
        throw new AnonymousException('GUEST_MERGED');
      }
    }
  }

  private async settle({ isNew, key }: IssuedGuest): Promise<void> {
    if (isNew && key) await this.keys.settle(key);
  }

  private async withdraw({ isNew, key, user }: IssuedGuest): Promise<boolean> {
    return isNew && this.keys.withdraw(user.id, key);
  }
}
