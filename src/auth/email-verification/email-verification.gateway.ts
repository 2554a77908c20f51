import { Injectable } from '@nestjs/common';
import { normalizeEmail } from '../../users/email-address.js';
import { guestOf } from '../arrivals/bound-guest.js';
import { FlowCookie } from '../flows/flow-cookie.js';
import type { HttpRequest } from '../requests/http-request.js';
import { RequestAuthenticator } from '../requests/request-authenticator.js';
import { SignInGateway } from '../requests/sign-in-gateway.js';
import { EmailVerificationService } from './email-verification.service.js';
import type { SendVerificationEmailDto } from './send-verification-email.dto.js';
import { verificationPagePath } from './verification-page-path.js';

/** The HTTP side of asking for a link that proves an address. */
@Injectable()
export class EmailVerificationGateway {
  constructor(
    private readonly verifications: EmailVerificationService,
    private readonly authenticator: RequestAuthenticator,
    private readonly cookie: FlowCookie,
    private readonly signIns: SignInGateway,
  ) {}

  /** @throws AnonymousException `VALIDATION_FAILED` for a `callbackURL` that leads elsewhere; nothing is done then. */
  async ask(
    request: HttpRequest,
    response: object,
    { email, callbackURL }: Readonly<SendVerificationEmailDto>,
  ): Promise<void> {
    this.signIns.trusted('callbackURL', callbackURL);
    await this.verifications.ask(
      {
        email: normalizeEmail(email),
        guest: guestOf(await this.authenticator.caller(request)),
        browserHash: this.cookie.give(request, response),
        details: callbackURL === undefined ? {} : { callbackURL },
      },
      verificationPagePath(request),
    );
  }
}
