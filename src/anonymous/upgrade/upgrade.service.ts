import { Inject, Injectable } from '@nestjs/common';
import type { SignedIn } from '../../auth/authentication.service.js';
import type { SignInContext } from '../../auth/sign-in-context.js';
import { PasswordService } from '../../auth/password/password.service.js';
import type { SignUpEmailDto } from '../../auth/password/sign-up-email.dto.js';
import {
  EMAIL_VERIFICATION_SETTINGS,
  type EmailVerificationSettings,
} from '../../auth/email-verification/email-verification.settings.js';
import { AnonymousException, ConfigurationError } from '../../common/errors.js';

/** A guest becomes an account in place: the same row, the same id, nothing moves. */
@Injectable()
export class UpgradeService {
  constructor(
    @Inject(EMAIL_VERIFICATION_SETTINGS) private readonly settings: EmailVerificationSettings,
    private readonly passwords: PasswordService,
  ) {}

  /**
   * Every token from before the upgrade is dead afterwards.
   * @throws AnonymousException `NOT_ANONYMOUS`, `GUEST_MERGED`, `UPGRADE_DISABLED`, `EMAIL_TAKEN`, `VALIDATION_FAILED`
   * @throws ConfigurationError with `emailVerification: 'required'`: then only the routes upgrade, by a link in a mail.
   */
  async upgrade(body: Readonly<SignUpEmailDto>, context: SignInContext): Promise<SignedIn> {
    if (this.settings.isRequired) {
      throw new ConfigurationError(
        'UpgradeService.upgrade cannot prove an address, and option "emailVerification" is \'required\'. Send people to POST /auth/anonymous/upgrade.',
      );
    }
    if (!context.caller?.isGuest) throw new AnonymousException('NOT_ANONYMOUS');
    return this.passwords.signUp(body, context, { upgradeOnly: true });
  }
}
