import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AnonymousException } from '../../common/errors.js';
import { AddressesService } from '../../users/addresses.service.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import type { AccountContext } from '../account/account-context.js';
import { AccountSessionsService } from '../account/account-sessions.service.js';
import { runForAccount } from '../account/account-transaction.js';
import {
  EMAIL_VERIFICATION_SETTINGS,
  type EmailVerificationSettings,
} from '../email-verification/email-verification.settings.js';
import { MailQuota } from '../mail/mail-quota.service.js';
import { VerificationMails } from '../email-verification/verification-mails.js';
import { type AccountState, FlowsService } from '../flows/flows.service.js';
import { PendingFlows } from '../flows/pending-flows.service.js';

const PURPOSE = 'change-email';

/** What an account asks for. */
export interface AddressRequest {
  /** Lower case. */
  readonly email: string;
  /** Where the page behind the link leads. */
  readonly callbackURL: string | undefined;
  /** Gives the browser the cookie of flows. */
  readonly browserHash: () => Buffer;
  /** Path of the page that the link opens. */
  readonly page: string;
}

interface Permission {
  readonly account: AccountState;
  /** Another account has proven the address. */
  readonly isTaken: boolean;
}

/** Accounts that ask for another address. Nothing changes until somebody shows that they read mail there. */
@Injectable()
export class ChangeEmailRequests {
  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(EMAIL_VERIFICATION_SETTINGS) private readonly settings: EmailVerificationSettings,
    private readonly sessions: AccountSessionsService,
    private readonly addresses: AddressesService,
    private readonly flows: FlowsService,
    private readonly pending: PendingFlows,
    private readonly quota: MailQuota,
    private readonly mails: VerificationMails,
  ) {}

  /**
   * Mails a link to the new address. It ends the one that the account asked for before. An address that has had enough gets
   * none.
   * @throws AnonymousException `VALIDATION_FAILED` for the address that the account has, `SESSION_EXPIRED` when the sign-in
   * is too long ago, `EMAIL_TAKEN` unless that is concealed, `UNAUTHORIZED` when the session has ended meanwhile,
   * `TEMPORARILY_UNAVAILABLE`.
   */
  async start(context: AccountContext, request: AddressRequest): Promise<void> {
    const { email, callbackURL, page } = request;
    const { account, isTaken } = await this.permit(context, email);
    const browserHash = request.browserHash();
    if (!(await this.quota.take(PURPOSE, email))) return;
    await this.pending.abandon(this.dataSource, PURPOSE, account.id);
    const { secret } = await this.flows.start({
      purpose: PURPOSE,
      email,
      account,
      guest: undefined,
      browserHash,
      details: callbackURL === undefined ? {} : { callbackURL },
      lifetimeMs: this.settings.linkTtlMs,
    });
    if (isTaken) this.mails.postTaken(email);
    else this.mails.postLink(PURPOSE, email, page, secret);
  }

  private permit(context: AccountContext, email: string): Promise<Permission> {
    return runForAccount(this.dataSource, async (manager) => {
      const { user, isFresh } = await this.sessions.hold(manager, context.session);
      if (user.email?.toLowerCase() === email) {
        const messages = ['is the address of this account already'];
        throw new AnonymousException('VALIDATION_FAILED', {
          errors: [{ field: 'newEmail', messages }],
        });
      }
      if (!isFresh) throw new AnonymousException('SESSION_EXPIRED');
      const isTaken = await this.addresses.isProven(manager, email);
      if (isTaken && !this.settings.isConcealed) throw new AnonymousException('EMAIL_TAKEN');
      return { account: { id: user.id, epoch: user.epoch }, isTaken };
    });
  }
}
