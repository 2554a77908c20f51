import { Inject, Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { HandlerScope } from '../../linking/merge/handler-scope.js';
import type { User, UserId } from '../../users/user.js';
import { StaleGuestsService } from '../../users/stale-guests.service.js';
import { REAPER_SETTINGS, type ReaperSettings } from './reaper.settings.js';
import type { Tally } from './tally.js';

/** Asks the host about guests that are about to go. */
@Injectable()
export class BeforeDelete {
  private readonly logger = new Logger(BeforeDelete.name);

  constructor(
    @Inject(REAPER_SETTINGS) private readonly settings: ReaperSettings,
    private readonly stale: StaleGuestsService,
    private readonly scope: HandlerScope,
  ) {}

  get isAsked(): boolean {
    return this.settings.onBeforeDelete !== undefined;
  }

  /** Those of these guests that may go. They must be locked, so that what the host is shown stays true. */
  async allowed(
    manager: EntityManager,
    ids: readonly UserId[],
    tally: Tally,
  ): Promise<readonly UserId[]> {
    if (!this.isAsked || ids.length === 0) return ids;
    const allowed: UserId[] = [];
    for (const guest of await this.stale.read(manager, ids)) {
      const reason = await this.ask(manager, guest);
      if (reason === null) allowed.push(guest.id);
      else tally.keep(reason);
    }
    return allowed;
  }

  /** In a savepoint, so that what the host has written for a guest that stays is undone, and an error stops no other. */
  private async ask(
    manager: EntityManager,
    guest: User,
  ): Promise<'kept-by-host' | 'failed' | null> {
    try {
      await manager.transaction(async (nested) => {
        const answer = await this.scope.run('onBeforeDelete', async () =>
          this.settings.onBeforeDelete!(guest, { manager: nested }),
        );
        if (answer === false) throw new Refusal();
      });
      return null;
    } catch (error) {
      if (error instanceof Refusal) return 'kept-by-host';
      this.logger.warn(`Guest ${guest.id} stays: onBeforeDelete failed: ${String(error)}`);
      return 'failed';
    }
  }
}

class Refusal extends Error {}
