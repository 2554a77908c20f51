import { Inject, Injectable } from '@nestjs/common';
import { normalizeEmail } from '../../users/email-address.js';
import type { SignedIn } from '../authentication.service.js';
import type { SignInContext } from '../sign-in-context.js';
import { EmailVerificationService } from '../email-verification/email-verification.service.js';
import {
  EMAIL_VERIFICATION_SETTINGS,
  type EmailVerificationSettings,
} from '../email-verification/email-verification.settings.js';
import { verificationPagePath } from '../email-verification/verification-page-path.js';
import { FlowCookie } from '../flows/flow-cookie.js';
import type { SignUpEmailDto } from '../password/sign-up-email.dto.js';
import type { HttpRequest } from '../requests/http-request.js';
import { RequestAuthenticator } from '../requests/request-authenticator.js';
import { SignInGateway } from '../requests/sign-in-gateway.js';
import { type IssuedSessionView, type PendingSignUpView, userView } from '../responses/views.js';
import { PendingSignUps } from './pending-sign-ups.service.js';

/** What a route that signs up does where addresses need not be proven first. */
export type SignUp = (context: SignInContext) => Promise<SignedIn>;

/** The HTTP side of signing up by password, of a guest and of somebody new. */
@Injectable()
export class SignUpGateway {
  constructor(
    @Inject(EMAIL_VERIFICATION_SETTINGS) private readonly settings: EmailVerificationSettings,
    private readonly signIns: SignInGateway,
    private readonly authenticator: RequestAuthenticator,
    private readonly cookie: FlowCookie,
    private readonly pending: PendingSignUps,
    private readonly verifications: EmailVerificationService,
  ) {}

  run(
    request: HttpRequest,
    response: object,
    body: Readonly<SignUpEmailDto>,
    signUp: SignUp,
    { upgradeOnly = false } = {},
  ): Promise<IssuedSessionView | PendingSignUpView> {
    return this.settings.isRequired
      ? this.pend(request, response, body, upgradeOnly)
      : this.signUp(request, response, body, signUp);
  }

  /** An account at once, and a mail to prove its address. */
  private async signUp(
    request: HttpRequest,
    response: object,
    body: Readonly<SignUpEmailDto>,
    signUp: SignUp,
  ): Promise<IssuedSessionView> {
    const { token, user, session } = await this.signIns.run(
      request,
      response,
      body,
      async (context) => {
        const signedIn = await signUp(context);
        if (this.verifications.isOpen) await this.verify(request, response, signedIn, body);
        return signedIn;
      },
    );
    return { token, user, session };
  }

  private verify(
    request: HttpRequest,
    response: object,
    { user }: SignedIn,
    { email, callbackURL }: Readonly<SignUpEmailDto>,
  ): Promise<void> {
    return this.verifications.follow(
      user,
      {
        email: normalizeEmail(email),
        guest: undefined,
        browserHash: this.cookie.give(request, response),
        details: callbackURL === undefined ? {} : { callbackURL },
      },
      verificationPagePath(request),
    );
  }

  /** No account before the proof, and no other session than before. */
  private async pend(
    request: HttpRequest,
    response: object,
    body: Readonly<SignUpEmailDto>,
    upgradeOnly: boolean,
  ): Promise<PendingSignUpView> {
    this.signIns.trusted('callbackURL', body.callbackURL);
    const origin = {
      caller: await this.authenticator.caller(request),
      browserHash: () => this.cookie.give(request, response),
      page: verificationPagePath(request),
    };
    const guest = await this.pending.start(body, origin, { upgradeOnly });
    return { token: null, session: null, user: guest && userView(guest) };
  }
}
