import { Inject, Injectable, Logger } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AnonymousException } from '../../common/errors.js';
import {
  FOREIGN_KEY_VIOLATION,
  LOCK_NOT_AVAILABLE,
  runWaitingBriefly,
  sqlStateOf,
} from '../../common/sql.js';
import { DeparturesService } from '../../linking/ledger/departures.service.js';
import { StaleGuestsService } from '../../users/stale-guests.service.js';
import type { UserId } from '../../users/user.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { BelongingsEraser } from '../deletion/belongings-eraser.js';
import { GuestEraser } from '../guests/guest-eraser.js';
import { BeforeDelete } from './before-delete.js';
import type { ReapOrder } from './reap-order.js';
import { checkCurrent, ReapRules } from './reap-rules.js';
import { OutdatedMapError } from './reaper.errors.js';
import type { KeptReason } from './reaper.report.js';
import { Tally } from './tally.js';

/** How it ended for one guest; `not-our-turn` when another instance is at it. */
type Outcome = 'gone' | 'not-our-turn' | KeptReason;

/** Deletes a stale guest with everything it owns, in a transaction of its own: what goes wrong with one is about that one. */
@Injectable()
export class ContributorReaper {
  private readonly logger = new Logger(ContributorReaper.name);

  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly stale: StaleGuestsService,
    private readonly rules: ReapRules,
    private readonly departures: DeparturesService,
    private readonly beforeDelete: BeforeDelete,
    private readonly belongings: BelongingsEraser,
    private readonly eraser: GuestEraser,
  ) {}

  async reap(id: UserId, order: ReapOrder): Promise<Outcome> {
    try {
      return await runWaitingBriefly(this.dataSource, (manager) =>
        this.reapWith(manager, id, order),
      );
    } catch (error) {
      if (error instanceof Stays) return error.reason;
      if (error instanceof OutdatedMapError) throw error;
      this.logger.warn(`Guest ${id} stays: ${String(error)}`);
      return reasonOf(error);
    }
  }

  private async reapWith(manager: EntityManager, id: UserId, order: ReapOrder): Promise<Outcome> {
    if (order.isExclusive && !(await this.stale.takeTurn(manager))) return 'not-our-turn';
    if (!(await this.stale.holdOne(manager, id, order.cutoff))) return 'locked';
    const judgement = this.rules.judgement(order.contributors, true);
    const [judged] = checkCurrent(await this.stale.judge(manager, [id], order.cutoff, judgement));
    const reason = judged?.reason ?? null;
    // Whatever is no contributor any more is left to the next run.
    if (reason !== 'contributor') return reason ?? 'locked';
    await this.ask(manager, id);
    await this.belongings.discard(manager, id);
    // As late as it can be: a sign-in of this guest waits from here to the end.
    const reservation = await this.departures.reserve(manager, id);
    if (reservation === undefined) throw new Stays('open-link');
    await this.eraser.remove(manager, id);
    await this.departures.release(manager, reservation);
    return 'gone';
  }

  private async ask(manager: EntityManager, id: UserId): Promise<void> {
    const tally = new Tally();
    const allowed = await this.beforeDelete.allowed(manager, [id], tally);
    if (allowed.length === 0) throw new Stays(tally.kept.failed > 0 ? 'failed' : 'kept-by-host');
  }
}

/** Undoes what was done for a guest that turns out to stay. */
class Stays extends Error {
  constructor(readonly reason: KeptReason) {
    super(reason);
  }
}

function reasonOf(error: unknown): KeptReason {
  const isDependent = error instanceof AnonymousException && error.code === 'GUEST_HAS_DEPENDENTS';
  if (isDependent || sqlStateOf(error) === FOREIGN_KEY_VIOLATION) return 'has-dependents';
  return sqlStateOf(error) === LOCK_NOT_AVAILABLE ? 'locked' : 'failed';
}
