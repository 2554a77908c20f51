import { Inject, Injectable } from '@nestjs/common';
import type { HttpRequest } from '../../auth/requests/http-request.js';
import { RequestAuthenticator } from '../../auth/requests/request-authenticator.js';
import { AnonymousException } from '../../common/errors.js';
import { GUEST_SETTINGS, type GuestSettings } from './guest.settings.js';
import { GuestsService, type IssuedGuest } from './guests.service.js';

/** Signing in as a guest, asked for on purpose. */
@Injectable()
export class GuestSignInService {
  constructor(
    @Inject(GUEST_SETTINGS) private readonly settings: GuestSettings,
    private readonly authenticator: RequestAuthenticator,
    private readonly guests: GuestsService,
  ) {}

  /**
   * A new guest for nobody, the same guest for a guest.
   * @throws AnonymousException `ALREADY_SIGNED_IN` for an account, `ANONYMOUS_USERS_CANNOT_SIGN_IN_AGAIN_ANONYMOUSLY`
   * for a guest with `repeatSignIn: 'reject'`, and what {@link GuestsService.issue} throws.
   */
  async signIn(request: HttpRequest): Promise<IssuedGuest> {
    const authenticated = await this.authenticator.authenticate(request);
    if (!authenticated) return this.guests.issue(request);
    if (!authenticated.session.user.isAnonymous) throw new AnonymousException('ALREADY_SIGNED_IN');
    if (this.settings.repeatSignIn === 'reject') {
      throw new AnonymousException('ANONYMOUS_USERS_CANNOT_SIGN_IN_AGAIN_ANONYMOUSLY');
    }
    return this.guests.renew(authenticated.session);
  }
}
