import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { StaleGuest } from '../../users/stale-guest.js';
import { StaleGuestsService } from '../../users/stale-guests.service.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { BelongingsEraser } from '../deletion/belongings-eraser.js';
import type { Batch } from './batch-reaper.js';
import type { ReapOrder } from './reap-order.js';
import { checkCurrent, ReapRules } from './reap-rules.js';
import { REAPER_SETTINGS, type ReaperSettings } from './reaper.settings.js';
import { sorted } from './sorted-guests.js';
import type { Tally } from './tally.js';

/** Says what a run would do, without a lock, a call of the host or a write. */
@Injectable()
export class DryRun {
  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(REAPER_SETTINGS) private readonly settings: ReaperSettings,
    private readonly stale: StaleGuestsService,
    private readonly rules: ReapRules,
    private readonly belongings: BelongingsEraser,
  ) {}

  async look(
    { cutoff, contributors: policy }: ReapOrder,
    after: StaleGuest | undefined,
    tally: Tally,
  ): Promise<Pick<Batch, 'seen'>> {
    const seen = await this.stale.find({ cutoff, after }, this.settings.batchSize);
    if (seen.length === 0) return { seen };
    const ids = seen.map(({ id }) => id);
    const judgement = this.rules.judgement(policy);
    const judged = checkCurrent(await this.stale.judge(this.dataSource, ids, cutoff, judgement));
    const { free, contributors } = sorted(judged, tally);
    tally.reap(free.length);
    for (const id of contributors) {
      if (await this.belongings.dependents(this.dataSource, id)) tally.keep('has-dependents');
      else tally.reap(1);
    }
    return { seen };
  }
}
