import { Injectable } from '@nestjs/common';
import { normalizeEmail } from '../../users/email-address.js';
import { AccountGateway } from '../account/account-gateway.js';
import { verificationPagePath } from '../email-verification/verification-page-path.js';
import { FlowCookie } from '../flows/flow-cookie.js';
import type { HttpRequest } from '../requests/http-request.js';
import { SignInGateway } from '../requests/sign-in-gateway.js';
import type { ChangeEmailDto } from './change-email.dto.js';
import { ChangeEmailRequests } from './change-email-requests.service.js';

/** The HTTP side of asking for another address. What the link does is up to the routes that prove addresses. */
@Injectable()
export class ChangeEmailGateway {
  constructor(
    private readonly account: AccountGateway,
    private readonly signIns: SignInGateway,
    private readonly cookie: FlowCookie,
    private readonly requests: ChangeEmailRequests,
  ) {}

  /** @throws AnonymousException `VALIDATION_FAILED` for a `callbackURL` that leads elsewhere, and as the service. */
  async ask(
    request: HttpRequest,
    response: object,
    { newEmail, callbackURL }: Readonly<ChangeEmailDto>,
  ): Promise<void> {
    this.signIns.trusted('callbackURL', callbackURL);
    await this.requests.start(await this.account.context(request), {
      email: normalizeEmail(newEmail),
      callbackURL,
      browserHash: () => this.cookie.give(request, response),
      page: verificationPagePath(request),
    });
  }
}
