import { Logger } from '@nestjs/common';
import type { ReaperService } from './reaper.service.js';

/** What a schedule does each time. */
export abstract class ScheduledReaper {
  private readonly logger = new Logger('ReaperSchedule');
  private isRunning = false;

  constructor(private readonly reaper: ReaperService) {}

  /** A run that takes longer than the pause between two is not overtaken by the next. */
  protected async runOnce(): Promise<void> {
    if (this.isRunning) return;
    this.isRunning = true;
    try {
      const { stale, reaped, kept } = await this.reaper.runAlone();
      if (stale > 0) this.logger.log(`${reaped} guests reaped, kept ${JSON.stringify(kept)}`);
    } catch (error) {
      this.logger.error('Stale guests could not be reaped.', error);
    } finally {
      this.isRunning = false;
    }
  }
}
