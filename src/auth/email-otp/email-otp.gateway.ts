import { Injectable } from '@nestjs/common';
import { normalizeEmail } from '../../users/email-address.js';
import { guestOf } from '../arrivals/bound-guest.js';
import { FlowCookie } from '../flows/flow-cookie.js';
import type { HttpRequest } from '../requests/http-request.js';
import { RequestAuthenticator } from '../requests/request-authenticator.js';
import { SignInGateway } from '../requests/sign-in-gateway.js';
import type { SignInView } from '../responses/views.js';
import { EmailOtpService } from './email-otp.service.js';
import type { SignInEmailOtpDto } from './sign-in-email-otp.dto.js';

/** The HTTP side of mailed codes: the browser that asks, and the one in which the code is typed. */
@Injectable()
export class EmailOtpGateway {
  constructor(
    private readonly codes: EmailOtpService,
    private readonly cookie: FlowCookie,
    private readonly authenticator: RequestAuthenticator,
    private readonly signIns: SignInGateway,
  ) {}

  async ask(request: HttpRequest, response: object, email: string): Promise<void> {
    await this.codes.ask({
      email: normalizeEmail(email),
      guest: guestOf(await this.authenticator.caller(request)),
      browserHash: this.cookie.give(request, response),
    });
  }

  signIn(
    request: HttpRequest,
    response: object,
    { email, otp, name, image, ...wishes }: Readonly<SignInEmailOtpDto>,
  ): Promise<SignInView> {
    return this.signIns.run(request, response, wishes, (context) =>
      this.codes.signIn(
        { email: normalizeEmail(email), otp, name: name || null, image: image ?? null },
        (browserHash) => this.cookie.matches(request, browserHash),
        context,
      ),
    );
  }
}
