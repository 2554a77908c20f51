import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AnonymousException } from '../../common/errors.js';
import { AddressesService } from '../../users/addresses.service.js';
import { normalizeEmail } from '../../users/email-address.js';
import type { User } from '../../users/user.js';
import { UsersService } from '../../users/users.service.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { AUTH_SETTINGS, type AuthSettings } from '../auth.settings.js';
import {
  EMAIL_VERIFICATION_SETTINGS,
  type EmailVerificationSettings,
} from '../email-verification/email-verification.settings.js';
import { VerificationMails } from '../email-verification/verification-mails.js';
import { FlowsService } from '../flows/flows.service.js';
import { MailQuota } from '../mail/mail-quota.service.js';
import { PasswordService } from '../password/password.service.js';
import type { SignUpEmailDto } from '../password/sign-up-email.dto.js';
import { SessionsService } from '../sessions/sessions.service.js';
import type { SessionClaims } from '../tokens/session-claims.js';

/** Who signs up, and where. */
export interface SignUpOrigin {
  readonly caller: SessionClaims | undefined;
  /** Gives the browser the cookie of flows; called once nothing but mail can fail. */
  readonly browserHash: () => Buffer;
  /** Path of the page that the link opens. */
  readonly page: string;
}

/**
 * Sign-ups that wait for the proof of their address. Until then nothing but a flow is written: a guest stays a guest, and
 * nobody is kept from the address.
 */
@Injectable()
export class PendingSignUps {
  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(AUTH_SETTINGS) private readonly auth: AuthSettings,
    @Inject(EMAIL_VERIFICATION_SETTINGS) private readonly settings: EmailVerificationSettings,
    private readonly users: UsersService,
    private readonly addresses: AddressesService,
    private readonly sessions: SessionsService,
    private readonly passwords: PasswordService,
    private readonly flows: FlowsService,
    private readonly quota: MailQuota,
    private readonly mails: VerificationMails,
  ) {}

  /**
   * Mails a link that ends in the account. The latest mail to an address counts; none goes out to one that has had enough.
   * @returns the guest that asks, as it is.
   * @throws AnonymousException `VALIDATION_FAILED`, `EMAIL_TAKEN` unless that is concealed, `NOT_ANONYMOUS`,
   * `UPGRADE_DISABLED`, `TOO_MANY_REQUESTS`, `TEMPORARILY_UNAVAILABLE` when too much mail waits, and with `upgradeOnly` also
   * `GUEST_MERGED`.
   */
  async start(
    { email: address, password, name, image, callbackURL, rememberMe }: Readonly<SignUpEmailDto>,
    origin: SignUpOrigin,
    { upgradeOnly = false } = {},
  ): Promise<User | null> {
    const { caller, page } = origin;
    const email = normalizeEmail(address);
    const secretHash = await this.passwords.hashNew(email, password);
    const guest = await this.guestToUpgrade(caller, upgradeOnly);
    // The one place that decides what somebody hears who signs up with the address of somebody else. Where that is nothing,
    // the work and the answer are the same, and so is what the link does: it signs in to whoever's the address is.
    // An address that nobody has proven keeps nobody from it.
    const isTaken = await this.addresses.isProven(this.dataSource, email);
    if (isTaken && !this.settings.isConcealed) throw new AnonymousException('EMAIL_TAKEN');
    const browserHash = origin.browserHash();
    if (!(await this.quota.take('sign-up', email))) return guest ?? null;
    const lifetimeMs = this.settings.linkTtlMs;
    const { secret } = await this.flows.start({
      purpose: 'sign-up',
      email,
      guest: guest && { id: guest.id, epoch: guest.epoch },
      browserHash,
      details: {
        secretHash,
        ...(name && { name }),
        ...(image && { image }),
        ...(callbackURL !== undefined && { callbackURL }),
        ...(rememberMe === false && { rememberMe: 'false' }),
      },
      lifetimeMs,
    });
    this.mails.postLink(isTaken ? 'sign-in' : 'sign-up', email, page, secret);
    return guest ?? null;
  }

  private async guestToUpgrade(
    caller: SessionClaims | undefined,
    upgradeOnly: boolean,
  ): Promise<User | undefined> {
    if (!caller?.isGuest) {
      if (upgradeOnly) throw new AnonymousException('NOT_ANONYMOUS');
      return undefined;
    }
    const session = await this.sessions.find(caller);
    if (!session) {
      const found = await this.users.findById(this.dataSource, caller.userId);
      if (found && !found.isAnonymous) throw new AnonymousException('NOT_ANONYMOUS');
      if (upgradeOnly) throw new AnonymousException('GUEST_MERGED');
    } else if (!this.auth.allowUpgrade) {
      throw new AnonymousException('UPGRADE_DISABLED');
    }
    return session?.user;
  }
}
