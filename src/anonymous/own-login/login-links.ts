import { Inject, Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AccountLinker, type LinkView } from '../../auth/account-linker.js';
import type { HttpRequest } from '../../auth/requests/http-request.js';
import { SessionCache } from '../../auth/sessions/session-cache.js';
import { AnonymousException } from '../../common/errors.js';
import { runWaitingBriefly } from '../../common/sql.js';
import { TAKEN_OVER_STATUSES } from '../../linking/ledger/account-link.js';
import type { UserId } from '../../users/user.js';
import { UsersService } from '../../users/users.service.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { BoundGuests } from './bound-guests.js';
import type { LinkIntent } from './link-intent.js';

/**
 * Links guests at logins of the host. Its own trouble never fails a login: the guest then stays alive with its cookie, and
 * the next login links it.
 */
@Injectable()
export class LoginLinks {
  private readonly logger = new Logger(LoginLinks.name);

  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly guests: BoundGuests,
    private readonly users: UsersService,
    private readonly linker: AccountLinker,
    private readonly cache: SessionCache,
  ) {}

  /**
   * Asked before anything is written; `undefined` when there is nothing to link.
   * @throws AnonymousException `LINK_REFUSED`
   */
  async intend(request: HttpRequest, accountId: UserId): Promise<LinkIntent | undefined> {
    try {
      const guest = await this.guests.of(request);
      if (!guest || !(await this.isAccount(accountId))) return undefined;
      return { guest, accountId, plan: await this.linker.plan(guest, accountId) };
    } catch (error) {
      if (error instanceof AnonymousException && error.code === 'LINK_REFUSED') throw error;
      this.logger.error('A guest could not be linked at a login of the host.', error);
      return undefined;
    }
  }

  /** Records the link durably, then follows it within the budget. Never throws. */
  async carryOut(
    { guest, accountId, plan }: LinkIntent,
    response: object,
  ): Promise<LinkView | null> {
    try {
      const link = await runWaitingBriefly(this.dataSource, (manager) =>
        this.linker.record(manager, guest, accountId, plan),
      );
      if (!link) return null;
      this.cache.forget(guest.id);
      if (TAKEN_OVER_STATUSES.includes(link.status)) this.guests.dismiss(response);
      return await this.linker.follow(link);
    } catch (error) {
      this.logger.error('A guest could not be linked at a login of the host.', error);
      return null;
    }
  }

  /** The guest itself is none, whatever the host takes it for. */
  private async isAccount(id: UserId): Promise<boolean> {
    if (!this.users.table.isId(id)) return false;
    const user = await this.users.findById(this.dataSource, id);
    return user?.isAnonymous === false;
  }
}
