import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { ConfigurationError } from '../../common/errors.js';
import type { User } from '../../users/user.js';
import { FlowsService, type FlowStart } from '../flows/flows.service.js';
import { PendingFlows } from '../flows/pending-flows.service.js';
import { MailQuota } from '../mail/mail-quota.service.js';
import { Outbox } from '../mail/outbox.service.js';
import {
  EMAIL_VERIFICATION_SETTINGS,
  type EmailVerificationSettings,
} from './email-verification.settings.js';
import { VerificationMails } from './verification-mails.js';

const PURPOSE = 'verify-email';

/** What the request for a link says. */
export type VerificationRequest = Omit<FlowStart, 'purpose' | 'lifetimeMs' | 'account'>;

/** Mails links that prove the address of an account, or of a sign-up that waits for it. */
@Injectable()
export class EmailVerificationService implements OnModuleInit {
  private readonly logger = new Logger(EmailVerificationService.name);

  constructor(
    @Inject(EMAIL_VERIFICATION_SETTINGS) private readonly settings: EmailVerificationSettings,
    private readonly flows: FlowsService,
    private readonly pending: PendingFlows,
    private readonly quota: MailQuota,
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

  /** Whether there is anybody to send a link. */
  get isOpen(): boolean {
    return this.outbox.isOpen;
  }

  /**
   * Mails a link to an account that has never proven the address, or a new one to a sign-up that waits for it; to others
   * nothing, nor to an address that has had enough. Neither the answer nor the statements tell which it was.
   * @param page path of the page that the link opens.
   * @throws AnonymousException `TEMPORARILY_UNAVAILABLE` when too much mail waits, whatever the address.
   */
  async ask(request: VerificationRequest, page: string): Promise<void> {
    this.outbox.checkRoom();
    const { email } = request;
    if (!(await this.quota.take(PURPOSE, email))) return;
    const lifetimeMs = this.settings.linkTtlMs;
    const signUp = await this.pending.renew('sign-up', email, lifetimeMs);
    const { secret, holder } = await this.flows.start({ ...request, purpose: PURPOSE, lifetimeMs });
    const signUpMail = holder?.isProven ? 'sign-in' : 'sign-up';
    if (signUp !== undefined) this.mails.postLink(signUpMail, email, page, signUp);
    else if (holder?.isProven === false) this.mails.postLink(PURPOSE, email, page, secret);
  }

  /** The same for an account that has just been made. It is an account whatever becomes of the mail. */
  async follow(user: User, request: VerificationRequest, page: string): Promise<void> {
    try {
      if (!(await this.quota.take(PURPOSE, request.email))) return;
      const { secret } = await this.flows.start({
        ...request,
        purpose: PURPOSE,
        account: { id: user.id, epoch: user.epoch },
        lifetimeMs: this.settings.linkTtlMs,
      });
      this.mails.postLink(PURPOSE, request.email, page, secret);
    } catch (error) {
      this.logger.warn(`No link was sent after a sign-up: ${String(error)}`);
    }
  }
}
