import { Injectable, Logger } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { GuestCredential } from '../../auth/account-linker.js';
import { CredentialWriter } from '../../auth/requests/credential-writer.js';
import { ForgeryPolicy } from '../../auth/requests/forgery.policy.js';
import type { HttpRequest } from '../../auth/requests/http-request.js';
import { RequestAuthenticator } from '../../auth/requests/request-authenticator.js';

/** The guest whose credential comes with a request to a login of the host. */
@Injectable()
export class BoundGuests {
  private readonly logger = new Logger(BoundGuests.name);

  constructor(
    private readonly forgery: ForgeryPolicy,
    private readonly authenticator: RequestAuthenticator,
    private readonly credentials: CredentialWriter,
    private readonly host: HttpAdapterHost,
  ) {}

  /**
   * As the credential tells; the statement that uses it checks it. The login itself is the host's, so it may answer other
   * sites, but nobody's guest is brought along by a request that another site made.
   * @throws AnonymousException `AMBIGUOUS_CREDENTIALS`
   */
  async of(request: HttpRequest): Promise<GuestCredential | undefined> {
    const caller = await this.authenticator.caller(request);
    if (!caller?.isGuest || this.isForged(request)) return undefined;
    return { id: caller.userId, epoch: caller.epoch };
  }

  /** Takes a guest's credential that is dead by now out of the browser, if the answer has not left yet. */
  dismiss(response: object): void {
    if (this.host.httpAdapter.isHeadersSent(response)) return;
    this.credentials.withdraw(response);
    this.credentials.clear(response);
  }

  private isForged(request: HttpRequest): boolean {
    try {
      this.forgery.check(request);
      return false;
    } catch (error) {
      this.logger.warn('A guest stays out of a login that another site has sent.', error);
      return true;
    }
  }
}
