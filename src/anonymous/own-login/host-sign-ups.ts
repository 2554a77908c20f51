import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { GuestCredential } from '../../auth/account-linker.js';
import { GuestUpgrader } from '../../auth/arrivals/guest-upgrader.js';
import { DomainEvents } from '../../auth/domain-events.js';
import { SessionCache } from '../../auth/sessions/session-cache.js';
import type { ErrorCode } from '../../common/error-codes.js';
import { AnonymousException } from '../../common/errors.js';
import { EVENTS } from '../../common/events.js';
import {
  LOCK_NOT_AVAILABLE,
  runWaitingBriefly,
  sqlStateOf,
  UNIQUE_VIOLATION,
} from '../../common/sql.js';
import { normalizeEmail } from '../../users/email-address.js';
import { FigureCounts } from '../../users/figures/figure-counts.js';
import type { User, UserId } from '../../users/user.js';
import type { AccountProfile } from '../../users/users.service.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';

/** What the host writes for the new account, in the transaction that makes it one. */
export type AccountWork = (manager: EntityManager, userId: UserId) => Promise<unknown>;

/** Guests that become accounts by a sign-up of the host. */
@Injectable()
export class HostSignUps {
  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly upgrader: GuestUpgrader,
    private readonly cache: SessionCache,
    private readonly events: DomainEvents,
    private readonly figures: FigureCounts,
  ) {}

  /** `undefined` when the guest lives no more. */
  async upgrade(
    guest: GuestCredential,
    profile: Partial<AccountProfile>,
    work: AccountWork,
  ): Promise<UserId | undefined> {
    const user = await runWaitingBriefly(this.dataSource, async (manager) => {
      const upgraded = await this.upgradeRow(manager, guest, profile);
      if (upgraded) await work(manager, upgraded.id);
      return upgraded;
    });
    if (!user) return undefined;
    this.cache.forget(user.id);
    this.figures.countUpgrade(user);
    this.events.emit(EVENTS.guestUpgraded, { userId: user.id });
    return user.id;
  }

  private async upgradeRow(
    manager: EntityManager,
    guest: GuestCredential,
    changes: Partial<AccountProfile>,
  ): Promise<User | undefined> {
    try {
      const { email } = changes;
      const profile = email ? { ...changes, email: normalizeEmail(email) } : changes;
      return await this.upgrader.upgrade(manager, guest, profile);
    } catch (error) {
      const code = codeOf(sqlStateOf(error));
      throw code ? new AnonymousException(code, { cause: error }) : error;
    }
  }
}

/** What a client is told about a database error; nothing for those it can do nothing about. */
function codeOf(sqlState: string | undefined): ErrorCode | undefined {
  if (sqlState === LOCK_NOT_AVAILABLE) return 'TEMPORARILY_UNAVAILABLE';
  return sqlState === UNIQUE_VIOLATION ? 'EMAIL_TAKEN' : undefined;
}
