import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AnonymousException } from '../../common/errors.js';
import type { User } from '../../users/user.js';
import { type AccountProfile, UsersService } from '../../users/users.service.js';
import { AccountLinker, type GuestCredential } from '../account-linker.js';
import { AUTH_SETTINGS, type AuthSettings } from '../auth.settings.js';

/** Makes guests accounts in place, inside the transaction of a sign-up. */
@Injectable()
export class GuestUpgrader {
  constructor(
    @Inject(AUTH_SETTINGS) private readonly settings: AuthSettings,
    private readonly users: UsersService,
    private readonly linker: AccountLinker,
  ) {}

  /**
   * @param profile what is left out stays as it is.
   * @returns the guest as an account, or `undefined` when it lives no more.
   * @throws AnonymousException `UPGRADE_DISABLED`
   */
  async upgrade(
    manager: EntityManager,
    guest: GuestCredential,
    profile: Partial<AccountProfile>,
  ): Promise<User | undefined> {
    if (!this.settings.allowUpgrade) throw new AnonymousException('UPGRADE_DISABLED');
    const alive = this.linker.notTakenOver(`u.${this.users.table.columns.id}`);
    const user = await this.users.upgradeGuest(manager, guest, profile, alive);
    if (user) await this.linker.forget(manager, user.id);
    return user;
  }
}
