import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import { catchError, concatMap, type Observable } from 'rxjs';
import { CredentialWriter } from '../../auth/requests/credential-writer.js';
import { isSafe, requestOf, responseOf } from '../../auth/requests/http-request.js';
import { principalOf } from '../../auth/requests/principal.js';
import { RequestAuthenticator } from '../../auth/requests/request-authenticator.js';
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
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = requestOf(context);
    if (isSafe(request) || (await this.authenticator.authenticate(request))) return next.handle();
    const guest = await this.guests.issue(request, { isSettled: false });
    this.authenticator.adopt(request, { session: guest, claims: guest.claims });
    request.user = principalOf(guest);
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

  private async settle({ isNew, key }: IssuedGuest): Promise<void> {
    if (isNew && key) await this.keys.settle(key);
  }

  private async withdraw({ isNew, key, user }: IssuedGuest): Promise<boolean> {
    return isNew && this.keys.withdraw(user.id, key);
  }
}
