import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { AnnouncerService } from './announcer.service.js';
import { LinkAttempts } from './attempts/link-attempts.js';
import { ConsentsService } from './ledger/consents.service.js';
import { DueLinksService } from './ledger/due-links.service.js';
import { LINKING_SETTINGS, type LinkingSettings } from './linking.options.js';

/** Finishes the merges that did not finish with their sign-in, and tells of those nobody was told of. Any number of instances share the work. */
@Injectable()
export class ReconcilerService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(ReconcilerService.name);
  private timer?: NodeJS.Timeout;
  private stopped = false;

  constructor(
    @Inject(LINKING_SETTINGS) private readonly settings: LinkingSettings,
    private readonly due: DueLinksService,
    private readonly attempts: LinkAttempts,
    private readonly announcer: AnnouncerService,
    private readonly consents: ConsentsService,
  ) {}

  onApplicationBootstrap(): void {
    this.schedule();
  }

  onModuleDestroy(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /**
   * Takes up every link that is due, one after the other. An instance that finds one taken skips it.
   * @returns how many links it tried.
   */
  async run(): Promise<number> {
    let tried = 0;
    while (!this.stopped) {
      const link = await this.due.take();
      if (!link) break;
      await this.attempts.finish(link);
      tried += 1;
    }
    return tried;
  }

  private schedule(): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => void this.tick(), this.settings.everyMs);
    this.timer.unref();
  }

  private async tick(): Promise<void> {
    try {
      await this.run();
      await this.consents.lapse();
      await this.announcer.run();
    } catch (error) {
      this.logger.warn(`Due links could not be looked up: ${String(error)}`);
    } finally {
      this.schedule();
    }
  }
}
