import { Inject, Injectable, Logger } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AnonymousException } from '../../common/errors.js';
import { AddressesService } from '../../users/addresses.service.js';
import { IdentitiesService } from '../../users/identities.service.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { runForAccount } from '../account/account-transaction.js';
import { type AddressAccount, AddressProofsService } from '../arrivals/address-proofs.service.js';
import { AUTH_SETTINGS, type AuthSettings } from '../auth.settings.js';
import { AuthenticationService } from '../authentication.service.js';
import { FlowsService, type LiveFlow } from '../flows/flows.service.js';
import { MailQuota } from '../mail/mail-quota.service.js';
import { MAIL_SETTINGS, type MailSettings } from '../mail/mail.settings.js';
import { Outbox } from '../mail/outbox.service.js';
import { checkNewPassword } from '../password/password.rules.js';
import { SessionCache } from '../sessions/session-cache.js';
import type { SessionClaims } from '../tokens/session-claims.js';
import { changedMail, resetMail } from './reset-mails.js';

const PURPOSE = 'reset-password';
const NOTICE_USEFUL_MS = 3_600_000;

/** Who asks for a new password. */
export interface ResetRequest {
  /** Normalised. */
  readonly email: string;
  /** The page of the app that takes the new password; without it, our own does. */
  readonly redirectTo?: string;
}

/** A new password for whoever reads the mail to an account's address. */
@Injectable()
export class PasswordResetsService {
  private readonly logger = new Logger(PasswordResetsService.name);

  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(AUTH_SETTINGS) private readonly auth: AuthSettings,
    @Inject(MAIL_SETTINGS) private readonly settings: MailSettings,
    private readonly flows: FlowsService,
    private readonly quota: MailQuota,
    private readonly outbox: Outbox,
    private readonly proofs: AddressProofsService,
    private readonly addresses: AddressesService,
    private readonly identities: IdentitiesService,
    private readonly authentication: AuthenticationService,
    private readonly cache: SessionCache,
  ) {}

  /**
   * Mails a link to the address of an account. For any other address it does the same, but for the mail; that of an account
   * gets none either when it has had enough.
   * @param page path that the link leads to, without the token.
   * @throws AnonymousException `TEMPORARILY_UNAVAILABLE` when too much mail waits, whatever the address.
   */
  async ask({ email, redirectTo }: ResetRequest, page: string): Promise<void> {
    this.outbox.checkRoom();
    if (!(await this.quota.take(PURPOSE, email))) return;
    const lifetimeMs = this.settings.passwordResetTtlMs;
    const { secret, holder } = await this.flows.start({
      purpose: PURPOSE,
      email,
      guest: undefined,
      browserHash: null,
      details: redirectTo === undefined ? {} : { redirectTo },
      lifetimeMs,
    });
    if (!holder) return;
    const { host, origin } = this.auth.baseUrl;
    const url = `${origin}${page}/${secret}`;
    this.outbox.post(resetMail({ to: email, host, url, lifetimeMs }), lifetimeMs);
  }

  /** The flow that a link belongs to. Changes nothing. @throws AnonymousException `INVALID_OR_EXPIRED` */
  async find(token: string): Promise<LiveFlow> {
    const flow = await this.flows.find(PURPOSE, token);
    if (!flow) throw refusal();
    return flow;
  }

  /** Where the app takes new passwords, by a link that works no more. */
  async targetOf(token: string): Promise<string | undefined> {
    return (await this.flows.findDetails(PURPOSE, token)).redirectTo;
  }

  /**
   * Gives the account of a link its new password, and ends all that was before: every session, every flow that has begun,
   * and, where nobody had proven the address, every other way in. Signs nobody in. A password that is refused leaves the link
   * as good as before.
   * @param caller who the request's credential names.
   * @throws AnonymousException `INVALID_OR_EXPIRED`, `VALIDATION_FAILED`, `TEMPORARILY_UNAVAILABLE`
   */
  async reset(
    token: string,
    newPassword: string,
    caller: SessionClaims | undefined,
  ): Promise<void> {
    const { email } = await this.find(token);
    checkNewPassword(newPassword, email, this.auth.passwordMinLength, 'newPassword');
    const account = await this.proofs.find(email, caller);
    if (!account) throw refusal();
    // Before the transaction: a hash takes longer than all the statements together.
    const secretHash = await this.auth.hashing.hash(newPassword);
    await runForAccount(this.dataSource, async (manager) => {
      if (!(await this.flows.redeem(manager, PURPOSE, token))) throw refusal();
      await this.replace(manager, account, email, secretHash);
    });
    this.cache.forget(account.userId);
    this.tell(email);
  }

  private async replace(
    manager: EntityManager,
    account: AddressAccount,
    email: string,
    secretHash: string,
  ): Promise<void> {
    const { userId } = account;
    // Waits for sign-ins that are about to begin a session, so that it is there to be ended.
    await this.addresses.lock(manager, userId, email);
    if (!(await this.proofs.admit(manager, account, { email }))) throw refusal();
    await this.identities.putPassword(manager, userId, secretHash);
    await this.authentication.signOutEverywhere(manager, userId);
  }

  /** After the change: it stands, whatever becomes of the mail. */
  private tell(email: string): void {
    try {
      this.outbox.post(changedMail(email, this.auth.baseUrl.host), NOTICE_USEFUL_MS);
    } catch (error) {
      this.logger.warn('An account could not be told that its password was changed.', error);
    }
  }
}

function refusal(): AnonymousException {
  return new AnonymousException('INVALID_OR_EXPIRED');
}
