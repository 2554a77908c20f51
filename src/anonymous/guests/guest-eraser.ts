import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AccountLinker } from '../../auth/account-linker.js';
import { AnonymousException } from '../../common/errors.js';
import { FOREIGN_KEY_VIOLATION, rowsOf, runInTransaction, sqlStateOf } from '../../common/sql.js';
import { MergeHandlerRegistry } from '../../linking/merge/merge-handler.registry.js';
import { OwnershipService } from '../../linking/ownership/ownership.service.js';
import type { UserId } from '../../users/user.js';
import { UsersService } from '../../users/users.service.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { type Belongings, belongingsOf } from './belongings.js';

/** Removes a guest with everything it owns, or nothing at all. */
@Injectable()
export class GuestEraser {
  private belongings?: Belongings;

  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly users: UsersService,
    private readonly linker: AccountLinker,
    private readonly ownership: OwnershipService,
    private readonly registry: MergeHandlerRegistry,
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

  private async eraseWith(manager: EntityManager, guestId: UserId): Promise<void> {
    const isGuest = await this.users.lockGuest(manager, guestId);
    if (!isGuest || (await this.linker.isTakenOver(manager, guestId))) {
      throw new AnonymousException('GUEST_MERGED');
    }
    for (const { handler } of this.registry.handlers.values()) {
      await handler.discard?.({ guest: { id: guestId }, manager });
    }
    this.belongings ??= belongingsOf(this.ownership.map);
    // Locked, so that nobody comes to refer to them between the look and the deletion.
    for (const sql of this.belongings.locks) await manager.query(sql, [guestId]);
    if (this.belongings.dependents !== undefined) {
      const [found] = await rowsOf<{ table: string }>(manager, this.belongings.dependents, [
        guestId,
      ]);
      if (found) throw new AnonymousException('GUEST_HAS_DEPENDENTS', { cause: found.table });
    }
    if (this.belongings.removal !== undefined) {
      await manager.query(this.belongings.removal, [guestId]);
    }
    await this.linker.forget(manager, guestId);
    if (!(await this.users.deleteGuest(manager, guestId))) {
      throw new AnonymousException('GUEST_MERGED');
    }
  }
}
