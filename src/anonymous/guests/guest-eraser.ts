import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AccountLinker } from '../../auth/account-linker.js';
import { AnonymousException } from '../../common/errors.js';
import { FOREIGN_KEY_VIOLATION, runInTransaction, sqlStateOf } from '../../common/sql.js';
import type { UserId } from '../../users/user.js';
import { UsersService } from '../../users/users.service.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { BelongingsEraser } from '../deletion/belongings-eraser.js';

/** Removes a guest with everything it owns, or nothing at all. */
@Injectable()
export class GuestEraser {
  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly users: UsersService,
    private readonly linker: AccountLinker,
    private readonly belongings: BelongingsEraser,
  ) {}

  /**
   * @throws AnonymousException `GUEST_MERGED` when the guest is none any more, `GUEST_HAS_DEPENDENTS` when a row of
   * somebody else refers to one of the guest's.
   */
  async erase(guestId: UserId): Promise<void> {
    try {
      await runInTransaction(this.dataSource, (manager) => this.eraseWith(manager, guestId));
    } catch (error) {
      if (sqlStateOf(error) !== FOREIGN_KEY_VIOLATION) throw error;
      throw new AnonymousException('GUEST_HAS_DEPENDENTS', { cause: error });
    }
  }

  /**
   * Removes a guest that is locked, with its rows.
   * @throws AnonymousException as {@link erase}; the transaction is over then.
   */
  async remove(manager: EntityManager, guestId: UserId): Promise<void> {
    const table = await this.belongings.remove(manager, guestId);
    if (table !== undefined) throw new AnonymousException('GUEST_HAS_DEPENDENTS', { cause: table });
    await this.linker.forget(manager, guestId);
    if (!(await this.users.deleteGuest(manager, guestId))) {
      throw new AnonymousException('GUEST_MERGED');
    }
  }

  private async eraseWith(manager: EntityManager, guestId: UserId): Promise<void> {
    const isGuest = await this.users.lockGuest(manager, guestId);
    if (!isGuest || (await this.linker.isTakenOver(manager, guestId))) {
      throw new AnonymousException('GUEST_MERGED');
    }
    await this.belongings.discard(manager, guestId);
    await this.remove(manager, guestId);
  }
}
