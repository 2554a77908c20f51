import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { rowsOf, type SqlExecutor } from '../../common/sql.js';
import { HandlerScope } from '../../linking/merge/handler-scope.js';
import { MergeHandlerRegistry } from '../../linking/merge/merge-handler.registry.js';
import { OwnershipService } from '../../linking/ownership/ownership.service.js';
import type { UserId } from '../../users/user.js';
import { type Belongings, belongingsOf } from './belongings.js';

/** Removes what a user owns, guest or account, inside a transaction that goes on to remove the user. */
@Injectable()
export class BelongingsEraser {
  private belongings?: Belongings;

  constructor(
    private readonly ownership: OwnershipService,
    private readonly registry: MergeHandlerRegistry,
    private readonly scope: HandlerScope,
  ) {}

  /** Whether a handler of the host wants to know of users that go. */
  get discards(): boolean {
    return [...this.registry.handlers.values()].some(({ handler }) => 'discard' in handler);
  }

  /** Lets the host's handlers remove what no foreign key leads to. */
  async discard(manager: EntityManager, userId: UserId): Promise<void> {
    for (const { name, handler } of this.registry.handlers.values()) {
      await this.scope.run(name, async () => handler.discard?.({ guest: { id: userId }, manager }));
    }
  }

  /** Names a table with rows of somebody else that share or refer to those of the user. */
  async dependents(executor: SqlExecutor, userId: UserId): Promise<string | undefined> {
    const { dependents } = this.statements;
    if (dependents === undefined) return undefined;
    const [found] = await rowsOf<{ table: string }>(executor, dependents, [userId]);
    return found?.table;
  }

  /**
   * Removes the rows of a user that is locked.
   * @returns as {@link dependents}, and then nothing is removed.
   */
  async remove(manager: EntityManager, userId: UserId): Promise<string | undefined> {
    // Locked, so that nobody comes to refer to them between the look and the deletion.
    for (const sql of this.statements.locks) await manager.query(sql, [userId]);
    const table = await this.dependents(manager, userId);
    const { removal } = this.statements;
    if (table === undefined && removal !== undefined) await manager.query(removal, [userId]);
    return table;
  }

  private get statements(): Belongings {
    return (this.belongings ??= belongingsOf(this.ownership.map));
  }
}
