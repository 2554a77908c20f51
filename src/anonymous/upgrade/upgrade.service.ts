import { Injectable } from '@nestjs/common';
import type { SignedIn, SignInContext } from '../../auth/authentication.service.js';
import { PasswordService } from '../../auth/password/password.service.js';
import type { SignUpEmailDto } from '../../auth/password/sign-up-email.dto.js';
import { AnonymousException } from '../../common/errors.js';

/** A guest becomes an account in place: the same row, the same id, nothing moves. */
@Injectable()
export class UpgradeService {
  constructor(private readonly passwords: PasswordService) {}

  /**
   * Every token from before the upgrade is dead afterwards.
   * @throws AnonymousException `NOT_ANONYMOUS`, `GUEST_MERGED`, `UPGRADE_DISABLED`, `EMAIL_TAKEN`, `VALIDATION_FAILED`
   */
  async upgrade(body: Readonly<SignUpEmailDto>, context: SignInContext): Promise<SignedIn> {
    if (!context.caller?.isGuest) throw new AnonymousException('NOT_ANONYMOUS');
    return this.passwords.signUp(body, context, { upgradeOnly: true });
  }
}
