import { Inject, Injectable, Logger } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AnonymousException } from '../../common/errors.js';
import { sqlStateOf, UNIQUE_VIOLATION } from '../../common/sql.js';
import { AddressesService } from '../../users/addresses.service.js';
import { IdentitiesService } from '../../users/identities.service.js';
import { NEW_USER_OPTIONS, type NewUserOptions } from '../../users/new-user.settings.js';
import type { User, UserId } from '../../users/user.js';
import { UsersService } from '../../users/users.service.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import type { AccountContext } from '../account/account-context.js';
import { AccountSessionsService } from '../account/account-sessions.service.js';
import { runForAccount } from '../account/account-transaction.js';
import { AuthenticationService } from '../authentication.service.js';
import { VerificationMails } from '../email-verification/verification-mails.js';
import { FlowsService } from '../flows/flows.service.js';
import { SessionCache } from '../sessions/session-cache.js';
import type { IssuedSession } from '../sessions/live-session.js';

/** Tries when somebody else takes or loses the address meanwhile. */
const MOST_ATTEMPTS = 3;

/** An account whose new address has been proven. */
export interface AddressChange {
  readonly token: string;
  readonly email: string;
  readonly account: { readonly id: UserId; readonly epoch: number };
}

/** What became of it. */
export interface AddressChanged {
  readonly user: User;
  /** The session to go on with, where the account was signed in; everywhere else it is signed out. */
  readonly session: IssuedSession | null;
}

/** Who else has the address and never proved it, and what is put in its place. */
interface Rival {
  readonly userId: UserId;
  readonly placeholder: string | null;
}

interface Committed extends AddressChanged {
  readonly oldAddress: string | null;
}

/** The moment at which an account has another address. */
@Injectable()
export class ChangeEmailService {
  private readonly logger = new Logger(ChangeEmailService.name);

  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(NEW_USER_OPTIONS) private readonly options: NewUserOptions,
    private readonly users: UsersService,
    private readonly addresses: AddressesService,
    private readonly identities: IdentitiesService,
    private readonly flows: FlowsService,
    private readonly accountSessions: AccountSessionsService,
    private readonly authentication: AuthenticationService,
    private readonly cache: SessionCache,
    private readonly mails: VerificationMails,
  ) {}

  /**
   * Ends every session of the account and whatever else it has under way. Without a session of the account every other way
   * into it goes too. An account that has the address and never proved it gives way.
   * @param context the session of the request, whoever's it is.
   * @throws AnonymousException `INVALID_OR_EXPIRED`, `EMAIL_TAKEN`, `VALIDATION_FAILED` for an address that the user table
   * does not take, `UNAUTHORIZED` when the session ends meanwhile, `TEMPORARILY_UNAVAILABLE`.
   */
  async complete(
    change: AddressChange,
    context: AccountContext | undefined,
  ): Promise<AddressChanged> {
    const { id } = change.account;
    const own = context?.session.user.id === id ? context : undefined;
    for (let attempt = 1; ; attempt += 1) {
      const rival = await this.rivalOf(change);
      try {
        const { oldAddress, ...changed } = await runForAccount(this.dataSource, (manager) =>
          this.commit(manager, change, rival, own),
        );
        this.cache.forget(id, ...(rival ? [rival.userId] : []));
        await this.tellOldAddress(id, oldAddress);
        return changed;
      } catch (error) {
        if (sqlStateOf(error) === UNIQUE_VIOLATION && attempt < MOST_ATTEMPTS) continue;
        throw refusalOf(error);
      }
    }
  }

  private async commit(
    manager: EntityManager,
    { token, email, account }: AddressChange,
    rival: Rival | undefined,
    own: AccountContext | undefined,
  ): Promise<Committed> {
    const refusal = () => new AnonymousException('INVALID_OR_EXPIRED');
    if (!(await this.flows.redeem(manager, 'change-email', token))) throw refusal();
    await this.addresses.lock(manager, account.id, email);
    if (own) await this.accountSessions.hold(manager, own.session);
    const before = await this.users.findById(manager, account.id);
    if (rival) await this.withdraw(manager, rival, email);
    if (!before || !(await this.addresses.replace(manager, account, email))) throw refusal();
    const oldAddress = before.email;
    if (own) {
      const session = await this.authentication.startOver(manager, own);
      return { user: session.user, session, oldAddress };
    }
    // Somebody else's account may have been put before whoever reads the mail: nobody but them may get into it.
    await this.identities.removeAll(manager, account.id);
    await this.addresses.add(manager, account.id, email);
    const user = await this.authentication.signOutEverywhere(manager, account.id);
    return { user, session: null, oldAddress };
  }

  /** Looked up before the transaction, for the host may take its time to make up a placeholder. */
  private async rivalOf({ email, account }: AddressChange): Promise<Rival | undefined> {
    const holder = await this.addresses.find(this.dataSource, email);
    if (!holder || holder.userId === account.id) return undefined;
    if (holder.isProven) throw new AnonymousException('EMAIL_TAKEN');
    const { userId } = holder;
    return { userId, placeholder: (await this.options.placeholderEmail?.(userId)) ?? null };
  }

  private async withdraw(
    manager: EntityManager,
    { userId, placeholder }: Rival,
    email: string,
  ): Promise<void> {
    const holder = await this.addresses.find(manager, email);
    if (holder?.userId !== userId) return;
    if (holder.isProven) throw new AnonymousException('EMAIL_TAKEN');
    await this.addresses.withdraw(manager, userId, placeholder);
  }

  private async tellOldAddress(id: UserId, address: string | null): Promise<void> {
    if (address === null) return;
    try {
      // Nobody reads mail to what only fills the column.
      if (address !== (await this.options.placeholderEmail?.(id))) this.mails.postChanged(address);
    } catch (error) {
      this.logger.warn(`Nobody was told of a change of address: ${String(error)}`);
    }
  }
}

function refusalOf(error: unknown): unknown {
  const sqlState = sqlStateOf(error) ?? '';
  if (sqlState === UNIQUE_VIOLATION) return new AnonymousException('EMAIL_TAKEN', { cause: error });
  // Classes 22 and 23: the host's column is shorter, or has checks of its own.
  if (!/^2[23]/.test(sqlState)) return error;
  const errors = [{ field: 'email', messages: ['is not taken by this app'] }];
  return new AnonymousException('VALIDATION_FAILED', { errors, cause: error });
}
