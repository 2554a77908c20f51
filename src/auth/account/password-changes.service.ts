import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AnonymousException } from '../../common/errors.js';
import { IdentitiesService } from '../../users/identities.service.js';
import type { User } from '../../users/user.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { AUTH_SETTINGS, type AuthSettings } from '../auth.settings.js';
import { AuthenticationService } from '../authentication.service.js';
import { checkNewPassword } from '../password/password.rules.js';
import type { IssuedSession } from '../sessions/live-session.js';
import { SessionCache } from '../sessions/session-cache.js';
import type { AccountContext } from './account-context.js';
import { AccountSessionsService } from './account-sessions.service.js';
import { runForAccount } from './account-transaction.js';
import type { ChangePasswordDto } from './change-password.dto.js';
import { PasswordCheck } from './password-check.js';

/** What became of a change. */
export interface PasswordChanged {
  readonly user: User;
  /** The session to go on with, when all others were ended; `null` when they go on. */
  readonly session: IssuedSession | null;
}

/** Changes the password of an account, or gives it its first. */
@Injectable()
export class PasswordChangesService {
  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(AUTH_SETTINGS) private readonly settings: AuthSettings,
    private readonly identities: IdentitiesService,
    private readonly sessions: AccountSessionsService,
    private readonly check: PasswordCheck,
    private readonly authentication: AuthenticationService,
    private readonly cache: SessionCache,
  ) {}

  /**
   * Of two changes at once the first wins; for the other the current password is wrong by then.
   * @throws AnonymousException `VALIDATION_FAILED`, `CREDENTIAL_ACCOUNT_NOT_FOUND`, `INVALID_PASSWORD`, `UNAUTHORIZED`
   * when the session has ended meanwhile, `TEMPORARILY_UNAVAILABLE`.
   */
  async change(
    context: AccountContext,
    { currentPassword, newPassword, revokeOtherSessions = false }: Readonly<ChangePasswordDto>,
  ): Promise<PasswordChanged> {
    const userId = context.session.user.id;
    this.checkNew(newPassword, context);
    const from = await this.check.verify(userId, currentPassword);
    const to = await this.settings.hashing.hash(newPassword);
    const changed = await runForAccount(this.dataSource, async (manager) => {
      const { user } = await this.sessions.hold(manager, context.session);
      if (!(await this.identities.replacePassword(manager, userId, { from, to }))) {
        throw new AnonymousException('INVALID_PASSWORD', { cause: 'changed meanwhile' });
      }
      if (!revokeOtherSessions) return { user, session: null };
      const session = await this.authentication.startOver(manager, context);
      return { user: session.user, session };
    });
    this.cache.forget(userId);
    return changed;
  }

  /**
   * Gives a password to an account that has none.
   * @throws AnonymousException `VALIDATION_FAILED`, `PASSWORD_ALREADY_SET`, `SESSION_EXPIRED` when the sign-in is too long
   * ago, `UNAUTHORIZED`, `TEMPORARILY_UNAVAILABLE`.
   */
  async set(context: AccountContext, newPassword: string): Promise<void> {
    const userId = context.session.user.id;
    this.checkNew(newPassword, context);
    if ((await this.identities.passwordHashOf(this.dataSource, userId)) !== undefined) {
      throw new AnonymousException('PASSWORD_ALREADY_SET');
    }
    const hash = await this.settings.hashing.hash(newPassword);
    await runForAccount(this.dataSource, async (manager) => {
      const { isFresh } = await this.sessions.hold(manager, context.session);
      if (!isFresh) throw new AnonymousException('SESSION_EXPIRED');
      if (await this.identities.setPassword(manager, userId, hash)) return;
      throw new AnonymousException('PASSWORD_ALREADY_SET', { cause: 'set meanwhile' });
    });
  }

  private checkNew(newPassword: string, { session }: AccountContext): void {
    const { passwordMinLength } = this.settings;
    checkNewPassword(newPassword, session.user.email, passwordMinLength, 'newPassword');
  }
}
