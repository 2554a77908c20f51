import { Injectable } from '@nestjs/common';
import { AnonymousException } from '../../common/errors.js';
import { clientOf } from '../requests/client-info.js';
import { CredentialWriter } from '../requests/credential-writer.js';
import type { HttpRequest } from '../requests/http-request.js';
import { RequestAuthenticator } from '../requests/request-authenticator.js';
import type { IssuedSession } from '../sessions/live-session.js';
import type { AccountContext } from './account-context.js';

/** The HTTP side of what people do to their account: who is calling, and the credential they go on with. */
@Injectable()
export class AccountGateway {
  constructor(
    private readonly authenticator: RequestAuthenticator,
    private readonly credentials: CredentialWriter,
  ) {}

  /** @throws AnonymousException `UNAUTHORIZED` on a route whose guard lets others than accounts in. */
  async context(request: HttpRequest): Promise<AccountContext> {
    const authenticated = await this.authenticator.known(request);
    if (!authenticated) throw new AnonymousException('UNAUTHORIZED');
    return { session: authenticated.session, client: clientOf(request) };
  }

  /** Hands out a session in the place of the one that the request came with. */
  replace(response: object, session: IssuedSession): void {
    this.credentials.withdraw(response);
    this.credentials.write(response, session);
  }

  /** The session of the request is over, even if the guard has just renewed it. */
  end(response: object): void {
    this.credentials.withdraw(response);
    this.credentials.clear(response);
  }
}
