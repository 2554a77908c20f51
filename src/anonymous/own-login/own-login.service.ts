import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AccountLinker, type GuestCredential, type LinkView } from '../../auth/account-linker.js';
import { AUTH_SETTINGS, type AuthSettings } from '../../auth/auth.settings.js';
import { DomainEvents } from '../../auth/domain-events.js';
import type { HttpRequest } from '../../auth/requests/http-request.js';
import { SessionCache } from '../../auth/sessions/session-cache.js';
import type { ErrorCode } from '../../common/error-codes.js';
import { AnonymousException } from '../../common/errors.js';
import { EVENTS } from '../../common/events.js';
import {
  LOCK_NOT_AVAILABLE,
  runInTransaction,
  sqlStateOf,
  UNIQUE_VIOLATION,
} from '../../common/sql.js';
import { normalizeEmail } from '../../users/email-address.js';
import type { User, UserId } from '../../users/user.js';
import { type AccountProfile, UsersService } from '../../users/users.service.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { BoundGuests } from './bound-guests.js';
import { LoginLinks } from './login-links.js';

/** For somebody who holds the guest's row: waiting longer would keep a connection from everybody else. */
const LOCK_TIMEOUT_MS = 2_000;

/** What the host writes for the new account, in the transaction that makes it one. */
export type AccountWork = (manager: EntityManager, userId: UserId) => Promise<unknown>;

/** For a host with its own sign-up and login: what becomes of the guest that is there. */
@Injectable()
export class OwnLoginService {
  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(AUTH_SETTINGS) private readonly settings: AuthSettings,
    private readonly guests: BoundGuests,
    private readonly links: LoginLinks,
    private readonly users: UsersService,
    private readonly linker: AccountLinker,
    private readonly cache: SessionCache,
    private readonly events: DomainEvents,
  ) {}

  /**
   * Links the guest whose credential came with the request to the account that has just signed in. What `@LinksGuest()`
   * does, for a login that is no route of Nest or that sends its response itself. That the caller is this account must have
   * been proven.
   * @param response loses the guest's cookie when the account takes the guest over, unless it has been sent.
   * @returns `null` when there is nothing to link, or the link could not be recorded: then the guest stays alive.
   * @throws AnonymousException `LINK_REFUSED`: by the policy the account must not be signed in over this guest.
   */
  async linkGuest(
    request: HttpRequest,
    response: object,
    accountId: UserId,
  ): Promise<LinkView | null> {
    const intent = await this.links.intend(request, accountId);
    return intent ? this.links.carryOut(intent, response) : null;
  }

  /**
   * Makes the calling guest an account at the host's own sign-up: same row, same id, nothing moves. Every token of the guest
   * is dead afterwards, and its cookie is taken out of the browser.
   * @param profile columns that this library knows; what is left out stays as it is.
   * @param work the host's own columns and rows, through the given manager. If it throws, nothing has happened.
   * @returns the id of the account, or `undefined` when no live guest is there: then the host makes a user as ever.
   * @throws AnonymousException `UPGRADE_DISABLED`, `EMAIL_TAKEN`, `AMBIGUOUS_CREDENTIALS`, `TEMPORARILY_UNAVAILABLE`
   * while somebody holds the guest's row; and what `work` throws.
   */
  async upgradeGuest(
    request: HttpRequest,
    response: object,
    profile: Partial<AccountProfile> = {},
    work: AccountWork = () => Promise.resolve(),
  ): Promise<UserId | undefined> {
    const guest = await this.guests.of(request);
    if (!guest) return undefined;
    if (!this.settings.allowUpgrade) throw new AnonymousException('UPGRADE_DISABLED');
    const user = await runInTransaction(this.dataSource, async (manager) => {
      const upgraded = await this.upgrade(manager, guest, profile);
      if (upgraded) await work(manager, upgraded.id);
      return upgraded;
    });
    if (!user) return undefined;
    this.cache.forget(user.id);
    this.guests.dismiss(response);
    this.events.emit(EVENTS.guestUpgraded, { userId: user.id });
    return user.id;
  }

  private async upgrade(
    manager: EntityManager,
    guest: GuestCredential,
    changes: Partial<AccountProfile>,
  ): Promise<User | undefined> {
    try {
      await manager.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
      const known = await this.users.findById(manager, guest.id);
      if (!known) return undefined;
      const user = await this.users.upgradeGuest(
        manager,
        guest,
        profileOf(known, changes),
        this.linker.notTakenOver(`u.${this.users.table.columns.id}`),
      );
      if (user) await this.linker.forget(manager, user.id);
      return user;
    } catch (error) {
      const code = codeOf(sqlStateOf(error));
      throw code ? new AnonymousException(code, { cause: error }) : error;
    }
  }
}

function profileOf(known: AccountProfile, changes: Partial<AccountProfile>): AccountProfile {
  const { email = known.email, emailVerified = known.emailVerified } = changes;
  const { name = known.name, image = known.image } = changes;
  return { email: email === null ? null : normalizeEmail(email), emailVerified, name, image };
}

/** What a client is told about a database error; nothing for those it can do nothing about. */
function codeOf(sqlState: string | undefined): ErrorCode | undefined {
  if (sqlState === LOCK_NOT_AVAILABLE) return 'TEMPORARILY_UNAVAILABLE';
  return sqlState === UNIQUE_VIOLATION ? 'EMAIL_TAKEN' : undefined;
}
