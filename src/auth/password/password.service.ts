import { Inject, Injectable } from '@nestjs/common';
import { randomBytes } from 'node:crypto';
import { AnonymousException } from '../../common/errors.js';
import { normalizeEmail } from '../../users/email-address.js';
import { IdentitiesService } from '../../users/identities.service.js';
import { PreparedStatements } from '../../users/prepared-statements.js';
import { AUTH_SETTINGS, type AuthSettings } from '../auth.settings.js';
import {
  AuthenticationService,
  type SignedIn,
  type SignInContext,
} from '../authentication.service.js';
import { checkNewPassword } from './password.rules.js';
import type { SignInEmailDto } from './sign-in-email.dto.js';
import type { SignUpEmailDto } from './sign-up-email.dto.js';

/** Signing up and in with an e-mail address and a password. */
@Injectable()
export class PasswordService {
  private decoy?: Promise<string>;

  constructor(
    @Inject(AUTH_SETTINGS) private readonly settings: AuthSettings,
    private readonly statements: PreparedStatements,
    private readonly identities: IdentitiesService,
    private readonly authentication: AuthenticationService,
  ) {}

  /**
   * Makes an account: of the calling guest in place, else a new one.
   * @throws AnonymousException `VALIDATION_FAILED`, `EMAIL_TAKEN`, `NOT_ANONYMOUS`, `UPGRADE_DISABLED`, and with
   * `upgradeOnly` also `GUEST_MERGED`.
   */
  async signUp(
    { email, password, name, image }: Readonly<SignUpEmailDto>,
    context: SignInContext,
    { upgradeOnly = false } = {},
  ): Promise<SignedIn> {
    checkNewPassword(password, email, this.settings.passwordMinLength);
    // Before the transaction: a hash takes longer than all the statements together.
    const secretHash = await this.settings.hashing.hash(password);
    return this.authentication.complete(
      {
        kind: 'new-identity',
        identity: { provider: 'password', issuer: 'local', subject: null, secretHash },
        profile: {
          email: normalizeEmail(email),
          emailVerified: false,
          name: name || null,
          image: image ?? null,
        },
        upgradeOnly,
      },
      context,
    );
  }

  /** @throws AnonymousException `INVALID_EMAIL_OR_PASSWORD`, the same for an unknown address and a wrong password. */
  async signIn(
    { email, password }: Readonly<SignInEmailDto>,
    context: SignInContext,
  ): Promise<SignedIn> {
    const refusal = 'INVALID_EMAIL_OR_PASSWORD';
    const record = await this.identities.findPassword(this.statements, normalizeEmail(email));
    const hash = record?.secretHash ?? (await this.decoyHash());
    const matches = await this.settings.hashing.verify(hash, password);
    if (!record || !matches) throw new AnonymousException(refusal);
    const { userId, epoch, secretHash } = record;
    return this.authentication.complete(
      { kind: 'account', userId, epoch, refusal, secretHash },
      context,
    );
  }

  /** What an unknown address is checked against, so that it takes as long as a known one. */
  private decoyHash(): Promise<string> {
    this.decoy ??= this.settings.hashing
      .hash(randomBytes(16).toString('hex'))
      .catch((error: unknown) => {
        // Kept, the failure would tell unknown addresses from known ones until the next start.
        this.decoy = undefined;
        throw error;
      });
    return this.decoy;
  }
}
