import { Inject, Injectable } from '@nestjs/common';
import { AnonymousException } from '../../common/errors.js';
import { AUTH_SETTINGS, type AuthSettings } from '../auth.settings.js';
import type { SignedIn } from '../authentication.service.js';
import type { SignInContext } from '../sign-in-context.js';
import { type SignInView, signInView } from '../responses/views.js';
import { clientOf } from './client-info.js';
import { CredentialWriter } from './credential-writer.js';
import type { HttpRequest } from './http-request.js';
import { trustedRedirect } from './redirect.js';
import { RequestAuthenticator } from './request-authenticator.js';

/** What the body of every sign-in may say beside the proof. */
export interface SignInWishes {
  readonly callbackURL?: string;
  /** In its place for an account that is made by this. */
  readonly newUserCallbackURL?: string;
  readonly rememberMe?: boolean;
}

/** The HTTP side of every sign-in: who is calling, where they want to go, and the credential they get. */
@Injectable()
export class SignInGateway {
  constructor(
    @Inject(AUTH_SETTINGS) private readonly settings: AuthSettings,
    private readonly authenticator: RequestAuthenticator,
    private readonly credentials: CredentialWriter,
  ) {}

  /** @throws AnonymousException `VALIDATION_FAILED` for a `callbackURL` that leads elsewhere; nothing is done then. */
  async run(
    request: HttpRequest,
    response: object,
    { callbackURL, newUserCallbackURL, rememberMe }: SignInWishes,
    signIn: (context: SignInContext) => Promise<SignedIn>,
  ): Promise<SignInView> {
    const url = this.trusted('callbackURL', callbackURL);
    const newUserUrl = this.trusted('newUserCallbackURL', newUserCallbackURL) ?? url;
    const caller = await this.authenticator.caller(request);
    const endsWithBrowser = rememberMe === false;
    const signedIn = await signIn({ caller, client: clientOf(request), endsWithBrowser });
    this.credentials.write(response, signedIn);
    return signInView(signedIn, signedIn.isNew ? newUserUrl : url);
  }

  /** @throws AnonymousException `VALIDATION_FAILED` when it leads elsewhere. */
  trusted(field: string, target: string | undefined): string | undefined {
    if (target === undefined) return undefined;
    const url = trustedRedirect(target, this.settings.origins);
    if (url !== undefined) return url;
    throw new AnonymousException('VALIDATION_FAILED', {
      errors: [{ field, messages: ['must lead to a trusted origin'] }],
    });
  }
}
