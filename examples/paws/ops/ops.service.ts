import { Injectable, NotFoundException } from '@nestjs/common';
import { InsightsService, type ReaperReport, ReaperService } from '../../../src/index.js';
import type { FiguresView, OpenLinksView, RetryView } from './ops.view.js';

/** What the people who run this app want to know of it. */
@Injectable()
export class OpsService {
  constructor(
    private readonly insights: InsightsService,
    private readonly reaper: ReaperService,
  ) {}

  /** One read after the other: a page for a few people must not take connections from all others. */
  async figures(days: number): Promise<FiguresView> {
    return {
      days: await this.insights.days({ days }),
      timeToClaim: await this.insights.timeToClaim({ days }),
      guests: await this.insights.guests(),
    };
  }

  async links(): Promise<OpenLinksView> {
    return { links: await this.insights.links() };
  }

  /** @throws NotFoundException `FAILED_LINK_NOT_FOUND` */
  async retry(linkId: string): Promise<RetryView> {
    if (await this.insights.retry(linkId)) return { status: 'pending' };
    throw new NotFoundException({
      statusCode: 404,
      code: 'FAILED_LINK_NOT_FOUND',
      message: 'There is no such link, or it has not failed.',
    });
  }

  dryRun(): Promise<ReaperReport> {
    return this.reaper.run({ dryRun: true });
  }
}
