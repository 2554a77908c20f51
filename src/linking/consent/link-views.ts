import { Injectable } from '@nestjs/common';
import type { LinkView } from '../../auth/account-linker.js';
import type { UserId } from '../../users/user.js';
import { type AccountLink, isConfirmable, sideOf } from '../ledger/account-link.js';
import { agreementOf, type LinkAgreement, MOST_WRONG_CODES } from '../ledger/agreements.service.js';
import { linkView } from '../ledger/ledger.service.js';
import { BOTH_SIDES } from '../ledger/opening.js';
import { LinkCodes } from './link-codes.js';

/**
 * A link as one of its two users sees it. The guest of a link that both sides confirm gets no receipt: it would tell what the
 * account had.
 */
export interface OwnLinkView extends LinkView {
  /** What a person compares on the screens of both sides, while both have to confirm the link and can. */
  readonly code?: string;
  /** Who has said yes, while both have to confirm the link. */
  readonly agreed?: LinkAgreement;
}

/** Shows links to the people they are about. */
@Injectable()
export class LinkViews {
  constructor(private readonly codes: LinkCodes) {}

  /** @param state where the link stands by now, if that is known to be further on. */
  of(link: AccountLink, userId: UserId, state: LinkView = link): OwnLinkView {
    const view = linkView(state);
    if (link.policy !== BOTH_SIDES) return view;
    const own = sideOf(link, userId) === 'guest' ? { ...view, receipt: null } : view;
    if (!isConfirmable(state)) return own;
    const takesCodes = link.wrongCodes < MOST_WRONG_CODES;
    return {
      ...own,
      ...(takesCodes && { code: this.codes.of(link.id) }),
      agreed: agreementOf(link),
    };
  }
}
