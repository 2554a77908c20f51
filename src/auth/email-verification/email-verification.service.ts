import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ConfigurationError } from '../../common/errors.js';
import { AddressesService } from '../../users/addresses.service.js';
import type { User } from '../../users/user.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { type AccountState, FlowsService, type FlowStart } from '../flows/flows.service.js';
import { Outbox } from '../mail/outbox.service.js';
import {
  EMAIL_VERIFICATION_SETTINGS,
  type EmailVerificationSettings,
} from './email-verification.settings.js';
import { VerificationMails } from './verification-mails.js';

/** What the request for a link says. */
export type VerificationRequest = Omit<FlowStart, 'purpose' | 'lifetimeMs' | 'account'>;

/** Mails links that prove the address of an account, or of a sign-up that waits for it. */
@Injectable()
export class EmailVerificationService implements OnModuleInit {
  private readonly logger = new Logger(EmailVerificationService.name);

  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(EMAIL_VERIFICATION_SETTINGS) private readonly settings: EmailVerificationSettings,
    private readonly addresses: AddressesService,
    private readonly flows: FlowsService,
    private readonly mails: VerificationMails,
    private readonly outbox: Outbox,
  ) {}

  /** @throws ConfigurationError when addresses have to be proven and nobody delivers mail. */
  onModuleInit(): void {
    if (!this.settings.isRequired || this.outbox.isOpen) return;
    throw new ConfigurationError(
      "option \"emailVerification\" is 'required', and nobody delivers mail. Write `mail: { from: 'Paws <hello@paws.example>', smtp: { url: process.env.SMTP_URL } }`, or give a class as `mailer`.",
    );
  }

  /** How long a link works. */
  get lifetimeMs(): number {
    return this.settings.linkTtlMs;
  }

  /** Whether there is anybody to send a link. */
  get isOpen(): boolean {
    return this.outbox.isOpen;
  }

  /**
   * Mails a link to an account that has never proven the address, or a new one to a sign-up that waits for it; to others
   * nothing. Neither the answer nor the statements tell which it was.
   * @param page path of the page that the link opens.
   */
  async ask(request: VerificationRequest, page: string): Promise<void> {
    const { email } = request;
    const { lifetimeMs } = this;
    const signUp = await this.flows.renew('sign-up', email, lifetimeMs);
    const holder = await this.addresses.find(this.dataSource, email);
    const account = holder ? { id: holder.userId, epoch: holder.epoch } : null;
    const token = await this.start(request, account);
    if (signUp !== undefined) this.tryToPost('sign-up', email, page, signUp);
    else if (holder?.isProven === false) this.tryToPost('verify-email', email, page, token);
  }

  /** The same for an account that has just been made. It is an account whatever becomes of the mail. */
  async follow(user: User, request: VerificationRequest, page: string): Promise<void> {
    try {
      const token = await this.start(request, { id: user.id, epoch: user.epoch });
      this.mails.postLink('verify-email', request.email, page, token);
    } catch (error) {
      this.logger.warn(`No link was sent after a sign-up: ${String(error)}`);
    }
  }

  private start(request: VerificationRequest, account: AccountState | null): Promise<string> {
    const { lifetimeMs } = this;
    return this.flows.start({ ...request, account, purpose: 'verify-email', lifetimeMs });
  }

  /** An outbox that is full must not tell the addresses that get mail from the others. */
  private tryToPost(...mail: Parameters<VerificationMails['postLink']>): void {
    try {
      this.mails.postLink(...mail);
    } catch (error) {
      this.logger.warn(`No link was sent: ${String(error)}`);
    }
  }
}
