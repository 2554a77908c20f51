import { Inject, Injectable, Logger } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { FOREIGN_KEY_VIOLATION, runInTransaction, sqlStateOf } from '../../common/sql.js';
import type { JudgedGuest, StaleGuest } from '../../users/stale-guest.js';
import { StaleGuestsService } from '../../users/stale-guests.service.js';
import type { UserId } from '../../users/user.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { BelongingsEraser } from '../deletion/belongings-eraser.js';
import { BeforeDelete } from './before-delete.js';
import type { ReapOrder } from './reap-order.js';
import { checkCurrent, ReapRules, type Verdict } from './reap-rules.js';
import { REAPER_SETTINGS, type ReaperSettings } from './reaper.settings.js';
import { sorted, type SortedGuests } from './sorted-guests.js';
import type { Tally } from './tally.js';

/** What one batch has come to. */
export interface Batch {
  readonly seen: readonly StaleGuest[];
  readonly gone: readonly UserId[];
  /** Nothing keeps them, but what they leave behind has to be removed guest by guest. */
  readonly remaining: readonly UserId[];
}

/**
 * Deletes a batch of stale guests with two statements in one transaction. The first locks them; the second is younger than
 * the locks and asks every condition again, so it sees whatever somebody did before. One statement for both would decide
 * from before the locks.
 */
@Injectable()
export class BatchReaper {
  private readonly logger = new Logger(BatchReaper.name);

  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(REAPER_SETTINGS) private readonly settings: ReaperSettings,
    private readonly stale: StaleGuestsService,
    private readonly rules: ReapRules,
    private readonly beforeDelete: BeforeDelete,
    private readonly belongings: BelongingsEraser,
  ) {}

  /** @returns `undefined` when another instance is at it. */
  reap(order: ReapOrder, after: StaleGuest | undefined, tally: Tally): Promise<Batch | undefined> {
    return runInTransaction(this.dataSource, async (manager) => {
      if (order.isExclusive && !(await this.stale.takeTurn(manager))) return undefined;
      const { cutoff } = order;
      const seen = await this.stale.hold(manager, { cutoff, after }, this.settings.batchSize);
      const held = seen.filter(({ isHeld }) => isHeld).map(({ id }) => id);
      tally.keep('locked', seen.length - held.length);
      if (held.length === 0) return { seen, gone: [], remaining: [] };
      return { seen, ...(await this.delete(manager, held, order, tally)) };
    });
  }

  private async delete(
    manager: EntityManager,
    held: readonly UserId[],
    order: ReapOrder,
    tally: Tally,
  ): Promise<Pick<Batch, 'gone' | 'remaining'>> {
    if (!this.beforeDelete.isAsked) {
      const { free, contributors } = sorted(await this.remove(manager, held, order, tally), tally);
      return { gone: free, remaining: contributors };
    }
    const { free, contributors } = await this.judge(manager, held, order, tally);
    const allowed = await this.beforeDelete.allowed(manager, free, tally);
    const removed = sorted(await this.remove(manager, allowed, order, tally), tally);
    return { gone: removed.free, remaining: [...contributors, ...removed.contributors] };
  }

  private async judge(
    manager: EntityManager,
    held: readonly UserId[],
    { cutoff, contributors }: ReapOrder,
    tally: Tally,
  ): Promise<SortedGuests> {
    const judgement = this.rules.judgement(contributors, this.belongings.discards);
    return sorted(checkCurrent(await this.stale.judge(manager, held, cutoff, judgement)), tally);
  }

  /** All at once; when the database refuses that, one by one, so that one guest does not keep all others. */
  private async remove(
    manager: EntityManager,
    ids: readonly UserId[],
    order: ReapOrder,
    tally: Tally,
  ): Promise<JudgedGuest<Verdict>[]> {
    if (ids.length === 0) return [];
    try {
      return await this.removeTogether(manager, ids, order);
    } catch (error) {
      if (sqlStateOf(error) === undefined) throw error;
      if (ids.length === 1) {
        tally.keep(sqlStateOf(error) === FOREIGN_KEY_VIOLATION ? 'has-dependents' : 'failed');
        this.logger.warn(`Guest ${ids[0]} stays: ${String(error)}`);
        return [];
      }
    }
    const judged: JudgedGuest<Verdict>[] = [];
    for (const id of ids) judged.push(...(await this.remove(manager, [id], order, tally)));
    return judged;
  }

  private removeTogether(
    manager: EntityManager,
    ids: readonly UserId[],
    { cutoff, contributors }: ReapOrder,
  ): Promise<JudgedGuest<Verdict>[]> {
    const judgement = this.rules.judgement(contributors, this.belongings.discards);
    return manager.transaction(async (nested) => {
      const judged = checkCurrent(await this.stale.remove(nested, ids, cutoff, judgement));
      // A key that is checked at the COMMIT would fail the batch where nobody can tell whose fault it is.
      await nested.query('SET CONSTRAINTS ALL IMMEDIATE');
      return judged;
    });
  }
}
