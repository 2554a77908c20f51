import { Injectable, Logger } from '@nestjs/common';
import { DomainEvents } from '../auth/domain-events.js';
import { EVENTS } from '../common/events.js';
import type { AccountLink } from './ledger/account-link.js';
import { AnnouncementsService } from './ledger/announcements.service.js';

/** Tells the host of finished merges, at least once each: until every listener has succeeded. */
@Injectable()
export class AnnouncerService {
  private readonly logger = new Logger(AnnouncerService.name);

  constructor(
    private readonly events: DomainEvents,
    private readonly announcements: AnnouncementsService,
  ) {}

  /** Resolves when the listeners have ended, well or not. Never throws. */
  async announce({ id: linkId, guestId, accountId, receipt }: AccountLink): Promise<void> {
    try {
      const event = { linkId, guestId, accountId, receipt };
      const heard = await this.events.deliver(EVENTS.accountLinked, event);
      await (heard ? this.announcements.done(linkId) : this.announcements.postpone(linkId));
    } catch (error) {
      this.logger.error(`Link ${linkId} was not announced; it will be.`, error);
    }
  }

  /** Starts every announcement that is due. A listener that never ends holds up none of the others. */
  async run(): Promise<void> {
    for (;;) {
      const link = await this.announcements.takeDue();
      if (!link) return;
      void this.announce(link);
    }
  }
}
