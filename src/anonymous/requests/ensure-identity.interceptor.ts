import {
  type CallHandler,
  type ExecutionContext,
  Inject,
  Injectable,
  Logger,
  type NestInterceptor,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { AccountLinker } from '../../auth/account-linker.js';
import { CredentialReader } from '../../auth/requests/credential-reader.js';
import { toldOf } from '../../auth/responses/unavailable.js';
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
  private readonly logger = new Logger(EnsureIdentityInterceptor.name);

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
    private readonly host: HttpAdapterHost,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    try {
      return await this.ensure(context, next);
    } catch (error) {
      throw toldOf(error, this.host, responseOf(context));
    }
  }

  private async ensure(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
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
        await this.takeBack(guest, request, response);
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

  /** What this fails with is not what the client has to know: the guest that stays is one without rows, for the reaper. */
  private async takeBack(
    guest: IssuedGuest,
    request: HttpRequest,
    response: object,
  ): Promise<void> {
    try {
      if (!(await this.withdraw(guest))) return await this.settle(guest);
      this.authenticator.release(request);
      this.credentials.withdraw(response);
    } catch (error) {
      this.logger.warn(`Guest ${guest.user.id} of a failed request was not taken back.`, error);
    }
  }

  /** A key that stays as it is leads to this guest a little longer: no reason to fail a request that has done its work. */
  private async settle({ isNew, key }: IssuedGuest): Promise<void> {
    if (!isNew || !key) return;
    await this.keys.settle(key).catch((error: unknown) => {
      this.logger.warn('The Idempotency-Key of a request could not be settled.', error);
    });
  }

  private async withdraw({ isNew, key, user }: IssuedGuest): Promise<boolean> {
    return isNew && this.keys.withdraw(user.id, key);
  }
}
