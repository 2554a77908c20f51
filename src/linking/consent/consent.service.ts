import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { validate as isUuid } from 'uuid';
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
import { type AccountLink, isConfirmable, type LinkSide, sideOf } from '../ledger/account-link.js';
import { agreementOf, AgreementsService } from '../ledger/agreements.service.js';
import { ConsentsService } from '../ledger/consents.service.js';
import { BOTH_SIDES } from '../ledger/opening.js';
import { type MergePreview, MergePreviewer } from '../merge/merge-preview.js';
import type { LinkConfirmation } from './confirm-link.dto.js';
import { LinkCodes } from './link-codes.js';

/** What people say about links of theirs. */
@Injectable()
export class ConsentService {
  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly users: UsersService,
    private readonly cache: SessionCache,
    private readonly consents: ConsentsService,
    private readonly agreements: AgreementsService,
    private readonly codes: LinkCodes,
    private readonly previews: MergePreviewer,
  ) {}

  list(userId: UserId): Promise<AccountLink[]> {
    return this.consents.list(userId);
  }

  /** @throws AnonymousException `LINK_NOT_FOUND` also for a link of other people. */
  async find(linkId: string, userId: UserId): Promise<AccountLink> {
    // What cannot be an id is that of nothing.
    const isKnown = isUuid(linkId) && this.users.table.isId(userId);
    const link = isKnown ? await this.consents.find(linkId, userId) : undefined;
    if (!link) throw new AnonymousException('LINK_NOT_FOUND');
    return link;
  }

  /**
   * What confirming the link would do; `null` when it cannot be confirmed, or the guest lives no more, or it is not for this
   * user to see.
   */
  async preview(link: AccountLink, userId: UserId): Promise<MergePreview | null> {
    const { guestId, accountId } = link;
    if (!isConfirmable(link) || accountId === null) return null;
    if (!maySeePreview(link, sideOf(link, userId))) return null;
    const guest = await this.users.findById(this.dataSource, guestId);
    return guest?.isAnonymous ? this.previews.preview(guestId, accountId) : null;
  }

  /**
   * Makes a link that waits, or that was kept or declined, due: at the word of the account, or, where both sides confirm, of
   * whoever is the second to give it. A link that is under way or done stays as it is.
   * @throws AnonymousException `LINK_NOT_FOUND`, `UPGRADE_REQUIRED` when only the account can confirm it,
   * `VALIDATION_FAILED` without the code of a link that both sides confirm, or with a preview that was not shown,
   * `LINK_CODE_MISMATCH`, `LINK_NEEDS_GUEST` after too many of these,
   * `LINK_PREVIEW_STALE` with the preview of now, `GUEST_MERGED` when the
   * guest lives no more or belongs to another account, `TEMPORARILY_UNAVAILABLE` while somebody else holds the guest.
   */
  async confirm(
    linkId: string,
    userId: UserId,
    { preview, code }: LinkConfirmation = {},
  ): Promise<AccountLink> {
    const link = await this.find(linkId, userId);
    if (!isConfirmable(link)) return link;
    const side = sideOf(link, userId);
    if (link.policy === BOTH_SIDES) await this.checkCode(link, code);
    else if (side === 'guest') throw new AnonymousException('UPGRADE_REQUIRED');
    return this.holdingGuest(link, userId, async (manager, held) => {
      if (preview) await this.checkPreview(manager, held, side, preview);
      if (held.policy !== BOTH_SIDES) return this.consents.confirm(manager, linkId);
      const agreed = await this.agreements.agree(manager, linkId, side);
      if (agreed || !(await this.consents.find(linkId, userId, manager))) return agreed;
      throw new AnonymousException('LINK_NEEDS_GUEST');
    });
  }

  /**
   * Says no. The guest stays what it is, and whoever can confirm the link may change their mind while the guest lives.
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

  /** Before any transaction, so that a wrong code is counted whatever follows. */
  private async checkCode({ id }: AccountLink, code: string | undefined): Promise<void> {
    if (!code) throw invalid('code', 'must be the code on the screen of the other side');
    if (this.codes.fits(id, code)) return;
    const isCounted = await this.agreements.countWrongCode(id);
    throw new AnonymousException(isCounted ? 'LINK_CODE_MISMATCH' : 'LINK_NEEDS_GUEST');
  }

  private async checkPreview(
    manager: EntityManager,
    link: AccountLink,
    side: LinkSide,
    shown: string,
  ): Promise<void> {
    // The answer to a guess would show what the right one hides.
    if (!maySeePreview(link, side)) throw invalid('preview', 'must be that of a preview');
    const now = await this.previews.within(manager, link.guestId, link.accountId!);
    if (now.hash !== shown) throw new AnonymousException('LINK_PREVIEW_STALE', { preview: now });
  }

  /**
   * From here until its credential is dead the guest gets no more rows, so what was shown is what is merged. Guest before
   * ledger row, as every merge locks them.
   */
  private async holdingGuest(
    { id, guestId }: AccountLink,
    userId: UserId,
    work: (manager: EntityManager, link: AccountLink) => Promise<AccountLink | undefined>,
  ): Promise<AccountLink> {
    try {
      const link = await runWaitingBriefly(this.dataSource, async (manager) => {
        const isGuest = await this.users.lockGuest(manager, guestId);
        const held = await this.consents.find(id, userId, manager);
        if (held && !isConfirmable(held)) return held;
        if (held && !isGuest) throw new AnonymousException('GUEST_MERGED');
        return held && work(manager, held);
      });
      if (!link) throw new AnonymousException('LINK_NOT_FOUND');
      this.cache.forget(guestId);
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
}

/**
 * Somebody at a mistyped address learns nothing of the guest before the guest agrees, and the guest nothing of the account at
 * all.
 */
function maySeePreview(link: AccountLink, side: LinkSide): boolean {
  return link.policy !== BOTH_SIDES || (side === 'account' && agreementOf(link).guest);
}

function invalid(field: string, message: string): AnonymousException {
  return new AnonymousException('VALIDATION_FAILED', { errors: [{ field, messages: [message] }] });
}
