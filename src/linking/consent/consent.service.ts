import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { SessionCache } from '../../auth/sessions/session-cache.js';
import { AnonymousException } from '../../common/errors.js';
import {
  LOCK_NOT_AVAILABLE,
  runWaitingBriefly,
  sqlStateOf,
  UNIQUE_VIOLATION,
} from '../../common/sql.js';
import type { UserId } from '../../users/user.js';
import { UsersService } from '../../users/users.service.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { type AccountLink, CONFIRMABLE_STATUSES } from '../ledger/account-link.js';
import { ConsentsService } from '../ledger/consents.service.js';
import { BOTH_SIDES } from '../ledger/opening.js';
import { type MergePreview, MergePreviewer } from '../merge/merge-preview.js';

/** What people say about links of theirs. */
@Injectable()
export class ConsentService {
  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly users: UsersService,
    private readonly cache: SessionCache,
    private readonly consents: ConsentsService,
    private readonly previews: MergePreviewer,
  ) {}

  list(userId: UserId): Promise<AccountLink[]> {
    return this.consents.list(userId);
  }

  /** @throws AnonymousException `LINK_NOT_FOUND` also for a link of other people. */
  async find(linkId: string, userId: UserId): Promise<AccountLink> {
    const link = await this.consents.find(linkId, userId);
    if (!link) throw new AnonymousException('LINK_NOT_FOUND');
    return link;
  }

  /**
   * What confirming the link would do; `null` when it cannot be confirmed, or not by one side, or the guest lives no more.
   */
  async preview({ status, policy, guestId, accountId }: AccountLink): Promise<MergePreview | null> {
    if (!isConfirmable(status) || policy === BOTH_SIDES || accountId === null) return null;
    const guest = await this.users.findById(this.dataSource, guestId);
    return guest?.isAnonymous ? this.previews.preview(guestId, accountId) : null;
  }

  /**
   * Makes a link that waits, or that was kept or declined, due. A link that is under way or done stays as it is.
   * @param preview hash of the preview that was shown; without it, whatever a merge does is agreed to.
   * @throws AnonymousException `LINK_NOT_FOUND`, `LINK_NEEDS_GUEST` when the account alone cannot confirm it,
   * `LINK_PREVIEW_STALE` with the preview of now, `GUEST_MERGED` when the
   * guest lives no more or belongs to another account, `TEMPORARILY_UNAVAILABLE` while somebody else holds the guest.
   */
  async confirm(linkId: string, accountId: UserId, preview?: string): Promise<AccountLink> {
    try {
      const link = await runWaitingBriefly(this.dataSource, (manager) =>
        this.confirmWith(manager, linkId, accountId, preview),
      );
      this.cache.forget(link.guestId);
      return link;
    } catch (error) {
      const code = sqlStateOf(error);
      if (code === UNIQUE_VIOLATION) throw new AnonymousException('GUEST_MERGED', { cause: error });
      if (code === LOCK_NOT_AVAILABLE) {
        throw new AnonymousException('TEMPORARILY_UNAVAILABLE', { cause: error });
      }
      throw error;
    }
  }

  /**
   * Says no. The guest stays what it is, and the account may change its mind while the guest lives.
   * @throws AnonymousException `LINK_NOT_FOUND`, `GUEST_MERGED` when the merge is under way or done.
   */
  async decline(linkId: string, userId: UserId): Promise<AccountLink> {
    await this.find(linkId, userId);
    const declined = await this.consents.decline(linkId);
    if (!declined) throw new AnonymousException('GUEST_MERGED');
    return declined;
  }

  /** Drops what could still be confirmed of a guest that is none any more. */
  forget(manager: EntityManager, guestId: UserId): Promise<void> {
    return this.consents.forget(manager, guestId);
  }

  private async confirmWith(
    manager: EntityManager,
    linkId: string,
    accountId: UserId,
    preview: string | undefined,
  ): Promise<AccountLink> {
    const link = await this.consents.find(linkId, accountId, manager);
    if (link?.accountId !== accountId) throw new AnonymousException('LINK_NOT_FOUND');
    if (!isConfirmable(link.status)) return link;
    // Somebody else may have opened the mail, or had it opened.
    if (link.policy === BOTH_SIDES) throw new AnonymousException('LINK_NEEDS_GUEST');
    // From here until its credential is dead the guest gets no more rows, so what was shown is what is merged.
    if (!(await this.users.lockGuest(manager, link.guestId))) {
      throw new AnonymousException('GUEST_MERGED');
    }
    if (preview !== undefined) {
      const now = await this.previews.within(manager, link.guestId, accountId);
      if (now.hash !== preview)
        throw new AnonymousException('LINK_PREVIEW_STALE', { preview: now });
    }
    return (await this.consents.confirm(manager, linkId)) ?? link;
  }
}

function isConfirmable(status: string): boolean {
  return (CONFIRMABLE_STATUSES as readonly string[]).includes(status);
}
