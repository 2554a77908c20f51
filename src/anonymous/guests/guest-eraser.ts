import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AccountLinker } from '../../auth/account-linker.js';
import { AnonymousException } from '../../common/errors.js';
import {
  FOREIGN_KEY_VIOLATION,
  rowsOf,
  runInTransaction,
  type SqlExecutor,
  sqlStateOf,
} from '../../common/sql.js';
import { HandlerScope } from '../../linking/merge/handler-scope.js';
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
    private readonly scope: HandlerScope,
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

  /** Whether a handler of the host wants to know of guests that go. */
  get discards(): boolean {
    return [...this.registry.handlers.values()].some(({ handler }) => 'discard' in handler);
  }

  /** Lets the host's handlers remove what no foreign key leads to. */
  async discard(manager: EntityManager, guestId: UserId): Promise<void> {
    for (const { name, handler } of this.registry.handlers.values()) {
      await this.scope.run(name, async () =>
        handler.discard?.({ guest: { id: guestId }, manager }),
      );
    }
  }

  /** Names a table with rows of somebody else that share or refer to those of the guest. */
  async dependents(executor: SqlExecutor, guestId: UserId): Promise<string | undefined> {
    const { dependents } = this.statements;
    if (dependents === undefined) return undefined;
    const [found] = await rowsOf<{ table: string }>(executor, dependents, [guestId]);
    return found?.table;
  }

  /**
   * Removes a guest that is locked, with its rows.
   * @throws AnonymousException as {@link erase}; the transaction is over then.
   */
  async remove(manager: EntityManager, guestId: UserId): Promise<void> {
    // Locked, so that nobody comes to refer to them between the look and the deletion.
    for (const sql of this.statements.locks) await manager.query(sql, [guestId]);
    const table = await this.dependents(manager, guestId);
    if (table !== undefined) throw new AnonymousException('GUEST_HAS_DEPENDENTS', { cause: table });
    const { removal } = this.statements;
    if (removal !== undefined) await manager.query(removal, [guestId]);
    await this.linker.forget(manager, guestId);
    if (!(await this.users.deleteGuest(manager, guestId))) {
      throw new AnonymousException('GUEST_MERGED');
    }
  }

  private get statements(): Belongings {
    return (this.belongings ??= belongingsOf(this.ownership.map));
  }

  private async eraseWith(manager: EntityManager, guestId: UserId): Promise<void> {
    const isGuest = await this.users.lockGuest(manager, guestId);
    if (!isGuest || (await this.linker.isTakenOver(manager, guestId))) {
      throw new AnonymousException('GUEST_MERGED');
    }
    await this.discard(manager, guestId);
    await this.remove(manager, guestId);
  }
}
