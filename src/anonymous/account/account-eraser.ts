import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { AccountContext } from '../../auth/account/account-context.js';
import {
  AccountSessionsService,
  type HeldAccount,
} from '../../auth/account/account-sessions.service.js';
import { runForAccount } from '../../auth/account/account-transaction.js';
import { PasswordCheck } from '../../auth/account/password-check.js';
import { SessionCache } from '../../auth/sessions/session-cache.js';
import { AnonymousException } from '../../common/errors.js';
import { FOREIGN_KEY_VIOLATION, sqlStateOf } from '../../common/sql.js';
import { DeparturesService } from '../../linking/ledger/departures.service.js';
import { IdentitiesService } from '../../users/identities.service.js';
import { UsersService } from '../../users/users.service.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { BelongingsEraser } from '../deletion/belongings-eraser.js';
import type { DeleteUserDto } from './delete-user.dto.js';

/** Removes an account with everything it owns, or nothing at all. */
@Injectable()
export class AccountEraser {
  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly users: UsersService,
    private readonly identities: IdentitiesService,
    private readonly sessions: AccountSessionsService,
    private readonly passwords: PasswordCheck,
    private readonly belongings: BelongingsEraser,
    private readonly departures: DeparturesService,
    private readonly cache: SessionCache,
  ) {}

  /**
   * By an account itself: with its password, or, when it has none, soon after it has signed in.
   * @throws AnonymousException `INVALID_OR_EXPIRED` for any token, `CREDENTIAL_ACCOUNT_NOT_FOUND`, `INVALID_PASSWORD`,
   * `USER_ALREADY_HAS_PASSWORD`, `SESSION_EXPIRED`, `USER_HAS_DEPENDENTS` when a row of somebody else refers to one of the
   * account's, `UNAUTHORIZED`, `TEMPORARILY_UNAVAILABLE`.
   */
  async erase(
    context: AccountContext,
    { password, token }: Readonly<DeleteUserDto>,
  ): Promise<void> {
    if (token !== undefined && token !== null) throw new AnonymousException('INVALID_OR_EXPIRED');
    const userId = context.session.user.id;
    const hash =
      password === undefined || password === null
        ? undefined
        : await this.passwords.verify(userId, password);
    try {
      await runForAccount(this.dataSource, async (manager) => {
        const held = await this.sessions.hold(manager, context.session);
        await this.permit(manager, held, hash);
        await this.remove(manager, held);
      });
    } catch (error) {
      if (sqlStateOf(error) !== FOREIGN_KEY_VIOLATION) throw error;
      throw new AnonymousException('USER_HAS_DEPENDENTS', { cause: error });
    }
    this.cache.forget(userId);
  }

  /** @param checked the hash that the given password fits; `undefined` when none was given. */
  private async permit(
    manager: EntityManager,
    { user, isFresh }: HeldAccount,
    checked: string | undefined,
  ): Promise<void> {
    const current = await this.identities.passwordHashOf(manager, user.id);
    if (checked !== undefined) {
      if (checked !== current) throw new AnonymousException('INVALID_PASSWORD');
    } else if (current !== undefined) {
      throw new AnonymousException('USER_ALREADY_HAS_PASSWORD');
    } else if (!isFresh) {
      throw new AnonymousException('SESSION_EXPIRED');
    }
  }

  private async remove(manager: EntityManager, { user }: HeldAccount): Promise<void> {
    await this.belongings.discard(manager, user.id);
    const table = await this.belongings.remove(manager, user.id);
    if (table !== undefined) throw new AnonymousException('USER_HAS_DEPENDENTS', { cause: table });
    await this.departures.abandon(manager, user.id);
    if (!(await this.users.deleteAccount(manager, user.id))) {
      throw new AnonymousException('UNAUTHORIZED', { cause: 'a handler has deleted the account' });
    }
  }
}
