import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import {
  AccountLinker,
  type GuestCredential,
  type LinkView,
  type RecordedLink,
} from '../auth/account-linker.js';
import type { UserId } from '../users/user.js';
import { LinkAttempts } from './attempts/link-attempts.js';
import { LedgerService, linkView } from './ledger/ledger.service.js';
import { LINKING_SETTINGS, type LinkingSettings } from './linking.options.js';

/** Two users become one: the ledger row with the sign-in, the merge after it, within the budget or by itself. */
@Injectable()
export class LinkingService extends AccountLinker {
  constructor(
    @Inject(LINKING_SETTINGS) private readonly settings: LinkingSettings,
    private readonly ledger: LedgerService,
    private readonly attempts: LinkAttempts,
  ) {
    super();
  }

  override async record(
    manager: EntityManager,
    guest: GuestCredential,
    accountId: UserId,
  ): Promise<RecordedLink | null> {
    return (await this.ledger.open(manager, guest, accountId)) ?? null;
  }

  override async follow(link: RecordedLink): Promise<LinkView | null> {
    if (link.status !== 'pending') return linkView(link);
    const result = await this.attempts.within(link, this.settings.budgetMs);
    return result === null ? null : linkView(result ?? link);
  }

  override notTakenOver(userId: string): string {
    return this.ledger.notTakenOver(userId);
  }
}
