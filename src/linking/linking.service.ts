import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import {
  AccountLinker,
  type FoundAccount,
  type GuestCredential,
  type LinkPlan,
  type LinkView,
  type OpeningLink,
  type RecordedLink,
} from '../auth/account-linker.js';
import { SessionCache } from '../auth/sessions/session-cache.js';
import { AnonymousException } from '../common/errors.js';
import { runInTransaction, type SqlParameters } from '../common/sql.js';
import type { UserId } from '../users/user.js';
import { UsersService } from '../users/users.service.js';
import { USERS_DATA_SOURCE } from '../users/users.tokens.js';
import { LinkAttempts } from './attempts/link-attempts.js';
import type { LinkConfirmation } from './consent/confirm-link.dto.js';
import { ConsentService } from './consent/consent.service.js';
import { LinkViews, type OwnLinkView } from './consent/link-views.js';
import { UNDECIDED } from './ledger/opening.js';
import { OpeningsService } from './ledger/openings.service.js';
import { DecisionsService } from './policy/decisions.service.js';
import { LedgerService, linkView } from './ledger/ledger.service.js';
import { type MergePreview, MergePreviewer } from './merge/merge-preview.js';
import { LINKING_SETTINGS, type LinkingSettings } from './linking.options.js';

/** Two users become one: the ledger row with the sign-in, the merge after it, within the budget or by itself. */
@Injectable()
export class LinkingService extends AccountLinker {
  constructor(
    @Inject(LINKING_SETTINGS) private readonly settings: LinkingSettings,
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly users: UsersService,
    private readonly cache: SessionCache,
    private readonly openings: OpeningsService,
    private readonly ledger: LedgerService,
    private readonly attempts: LinkAttempts,
    private readonly previews: MergePreviewer,
    private readonly decisions: DecisionsService,
    private readonly consent: ConsentService,
    private readonly views: LinkViews,
  ) {
    super();
  }

  /**
   * Links a guest to an account without a sign-in, for a host that has its own proof. Merges within the budget, whatever
   * the policy.
   * @returns `null` when there is no such guest or account, or the guest belongs to another account.
   */
  async link(guestId: UserId, accountId: UserId): Promise<LinkView | null> {
    const { table } = this.users;
    if (!table.isId(guestId) || !table.isId(accountId)) return null;
    const guest = await this.users.findById(this.dataSource, guestId);
    const epoch = guest?.epoch ?? 0;
    const link = await runInTransaction(this.dataSource, (manager) =>
      this.record(manager, { id: guestId, epoch }, accountId, 'merge'),
    );
    if (!link) return null;
    this.cache.forget(guestId);
    return this.follow(link);
  }

  /** What a merge of these two would do at this moment. Changes nothing. */
  preview(guestId: UserId, accountId: UserId): Promise<MergePreview> {
    return this.previews.preview(guestId, accountId);
  }

  /**
   * The user that an id stands for today: the account that a guest was merged into, or the user itself. For ids that were
   * handed out before, to a billing system or in a link. Never lets anybody sign in.
   * @returns `null` when there is no such user any more.
   */
  async resolve(userId: UserId): Promise<UserId | null> {
    // Such an id may come from a link that somebody has changed.
    if (!this.users.table.isId(userId)) return null;
    const accountId = await this.ledger.survivorOf(userId);
    const user = await this.users.findById(this.dataSource, accountId ?? userId);
    return user?.id ?? null;
  }

  /**
   * The account takes over a guest that waits for it, or that it has kept or declined before. Where both sides confirm, it
   * happens at the word of the second, be it the account or the guest. Merges within the budget.
   * @param userId the account, or the guest of a link that both sides confirm.
   * @returns `null` when there turns out to be nothing to merge.
   * @throws AnonymousException as {@link ConsentService.confirm}.
   */
  async confirm(
    linkId: string,
    userId: UserId,
    confirmation: LinkConfirmation = {},
  ): Promise<OwnLinkView | null> {
    const link = await this.consent.confirm(linkId, userId, confirmation);
    const followed = await this.follow(link);
    return followed && this.views.of(link, userId, followed);
  }

  /** Guest and account stay two users. @throws AnonymousException as {@link ConsentService.decline}. */
  async decline(linkId: string, userId: UserId): Promise<OwnLinkView> {
    return this.views.of(await this.consent.decline(linkId, userId), userId);
  }

  override async plan(guest: GuestCredential, accountId: UserId): Promise<LinkPlan> {
    if (this.decisions.isAlwaysMerge || !(await this.ledger.isFree(guest))) return 'merge';
    const { budgetMs } = this.settings;
    const decision = await this.decisions.inTime(guest.id, accountId, budgetMs / 2);
    if (decision === 'refuse') throw new AnonymousException('LINK_REFUSED');
    return decision ?? 'undecided';
  }

  override async record(
    manager: EntityManager,
    guest: GuestCredential,
    accountId: UserId,
    plan: LinkPlan,
  ): Promise<RecordedLink | null> {
    return (await this.openings.open(manager, guest, accountId, plan)) ?? null;
  }

  override opening(p: SqlParameters, guest: GuestCredential, account: FoundAccount): OpeningLink {
    return this.openings.opening(p, guest, account, 'merge');
  }

  override async follow(link: RecordedLink): Promise<LinkView | null> {
    if (link.status !== 'pending' || link.policy === UNDECIDED) return linkView(link);
    // The policy may have had the other half.
    const budgetMs = this.settings.budgetMs / (this.decisions.isAlwaysMerge ? 1 : 2);
    const result = await this.attempts.within(link, budgetMs);
    return result === null ? null : linkView(result ?? link);
  }

  override forget(manager: EntityManager, guestId: UserId): Promise<void> {
    return this.consent.forget(manager, guestId);
  }

  override notTakenOver(userId: string): string {
    return this.ledger.notTakenOver(userId);
  }
}
