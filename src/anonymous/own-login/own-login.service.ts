import { Injectable } from '@nestjs/common';
import type { LinkView } from '../../auth/account-linker.js';
import type { HttpRequest } from '../../auth/requests/http-request.js';
import type { UserId } from '../../users/user.js';
import type { AccountProfile } from '../../users/users.service.js';
import { BoundGuests } from './bound-guests.js';
import { type AccountWork, HostSignUps } from './host-sign-ups.js';
import { LoginLinks } from './login-links.js';

/** For a host with its own sign-up and login: what becomes of the guest that is there. */
@Injectable()
export class OwnLoginService {
  constructor(
    private readonly guests: BoundGuests,
    private readonly links: LoginLinks,
    private readonly upgrades: HostSignUps,
  ) {}

  /**
   * Links the guest whose credential came with the request to the account that has just signed in. What `@LinksGuest()`
   * does, for a login that is no route of Nest or that sends its response itself. That the caller is this account must have
   * been proven.
   * @param response loses the guest's cookie when the account takes the guest over, unless it has been sent.
   * @returns `null` when there is nothing to link, or the link could not be recorded: then the guest stays alive.
   * @throws AnonymousException `LINK_REFUSED`: by the policy the account must not be signed in over this guest.
   */
  async linkGuest(
    request: HttpRequest,
    response: object,
    accountId: UserId,
  ): Promise<LinkView | null> {
    const intent = await this.links.intend(request, accountId);
    return intent ? this.links.carryOut(intent, response) : null;
  }

  /**
   * Makes the calling guest an account at the host's own sign-up: same row, same id, nothing moves. Every token of the guest
   * is dead afterwards, and its cookie is taken out of the browser.
   * @param profile columns that this library knows; what is left out stays as it is.
   * @param work the host's own columns and rows, through the given manager. If it throws, nothing has happened.
   * @returns the id of the account, or `undefined` when no live guest is there: then the host makes a user as ever.
   * @throws AnonymousException `UPGRADE_DISABLED`, `EMAIL_TAKEN`, `AMBIGUOUS_CREDENTIALS`, `TEMPORARILY_UNAVAILABLE`
   * while somebody holds the guest's row; and what `work` throws.
   */
  async upgradeGuest(
    request: HttpRequest,
    response: object,
    profile: Partial<AccountProfile> = {},
    work: AccountWork = () => Promise.resolve(),
  ): Promise<UserId | undefined> {
    const guest = await this.guests.of(request);
    const userId = guest && (await this.upgrades.upgrade(guest, profile, work));
    if (userId !== undefined) this.guests.dismiss(response);
    return userId;
  }
}
