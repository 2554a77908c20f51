import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AccountLinker, type GuestCredential } from '../../auth/account-linker.js';
import { AUTH_SETTINGS, type AuthSettings } from '../../auth/auth.settings.js';
import { DomainEvents } from '../../auth/domain-events.js';
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

/** For somebody who holds the guest's row: waiting longer would keep a connection from everybody else. */
const LOCK_TIMEOUT_MS = 2_000;

/** What the host writes for the new account, in the transaction that makes it one. */
export type AccountWork = (manager: EntityManager, userId: UserId) => Promise<unknown>;

/** Guests that become accounts by a sign-up of the host. */
@Injectable()
export class GuestUpgrades {
  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(AUTH_SETTINGS) private readonly settings: AuthSettings,
    private readonly users: UsersService,
    private readonly linker: AccountLinker,
    private readonly cache: SessionCache,
    private readonly events: DomainEvents,
  ) {}

  /** `undefined` when the guest lives no more. */
  async upgrade(
    guest: GuestCredential,
    profile: Partial<AccountProfile>,
    work: AccountWork,
  ): Promise<UserId | undefined> {
    if (!this.settings.allowUpgrade) throw new AnonymousException('UPGRADE_DISABLED');
    const user = await runInTransaction(this.dataSource, async (manager) => {
      const upgraded = await this.upgradeRow(manager, guest, profile);
      if (upgraded) await work(manager, upgraded.id);
      return upgraded;
    });
    if (!user) return undefined;
    this.cache.forget(user.id);
    this.events.emit(EVENTS.guestUpgraded, { userId: user.id });
    return user.id;
  }

  private async upgradeRow(
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
