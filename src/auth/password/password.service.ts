import { Inject, Injectable } from '@nestjs/common';
import { randomBytes } from 'node:crypto';
import { AnonymousException } from '../../common/errors.js';
import { normalizeEmail } from '../../users/email-address.js';
import { IdentitiesService } from '../../users/identities.service.js';
import { PreparedStatements } from '../../users/prepared-statements.js';
import { AUTH_SETTINGS, type AuthSettings } from '../auth.settings.js';
import { AuthenticationService, type SignedIn } from '../authentication.service.js';
import type { SignInContext } from '../sign-in-context.js';
import { AddressLimits } from '../limits/address-limits.service.js';
import { Guesses } from '../limits/guesses.service.js';
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
    private readonly limits: AddressLimits,
    private readonly guesses: Guesses,
  ) {}

  /**
   * Makes an account: of the calling guest in place, else a new one.
   * @throws AnonymousException `VALIDATION_FAILED`, `EMAIL_TAKEN`, `NOT_ANONYMOUS`, `UPGRADE_DISABLED`,
   * `TOO_MANY_REQUESTS`, and with `upgradeOnly` also `GUEST_MERGED`.
   */
  async signUp(
    { email, password, name, image }: Readonly<SignUpEmailDto>,
    context: SignInContext,
    { upgradeOnly = false } = {},
  ): Promise<SignedIn> {
    const secretHash = await this.hashNew(email, password);
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

  /**
   * Outside of any transaction: a hash takes longer than all the statements together.
   * @throws AnonymousException `VALIDATION_FAILED` for a password that anybody would guess, `TOO_MANY_REQUESTS`.
   */
  async hashNew(email: string, password: string): Promise<string> {
    checkNewPassword(password, email, this.settings.passwordMinLength);
    await this.limitLookUps(normalizeEmail(email));
    return this.settings.hashing.hash(password);
  }

  /**
   * @throws AnonymousException `INVALID_EMAIL_OR_PASSWORD`, the same for an unknown address and a wrong password;
   * `TOO_MANY_REQUESTS` after many of these, for both alike.
   */
  async signIn(
    { email, password }: Readonly<SignInEmailDto>,
    context: SignInContext,
  ): Promise<SignedIn> {
    const refusal = 'INVALID_EMAIL_OR_PASSWORD';
    const address = normalizeEmail(email);
    const record = await this.guesses.ofPassword(address, context.client, async () => {
      const found = await this.identities.findPassword(this.statements, address);
      const hash = found?.secretHash ?? (await this.decoyHash());
      return (await this.settings.hashing.verify(hash, password)) ? found : undefined;
    });
    if (!record) throw new AnonymousException(refusal);
    const { userId, epoch, secretHash } = record;
    return this.authentication.complete(
      { kind: 'account', userId, epoch, refusal, secretHash },
      context,
    );
  }

  /** That an address is taken can be looked up here, so not without end. */
  private async limitLookUps(email: string): Promise<void> {
    const { places, retryAfterSeconds } = await this.limits.take({ limit: 'signUp', who: [email] });
    if (!places) throw new AnonymousException('TOO_MANY_REQUESTS', { retryAfterSeconds });
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
