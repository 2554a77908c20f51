import { Injectable } from '@nestjs/common';
import { rowsOf, type SqlExecutor } from '../../common/sql.js';
import type { UserId } from '../../users/user.js';
import { UsersService } from '../../users/users.service.js';

/** Whether the two of a link are still what they were, read again after the wait for their rows. */
export interface HeldParties {
  readonly isGuest: boolean;
  readonly isAccount: boolean;
}

/** Locks the two users of a merge. */
@Injectable()
export class PartyLocksService {
  constructor(private readonly users: UsersService) {}

  /**
   * The guest against every write that refers to it, and then the account against another merge, while its own writes go on.
   * One statement: the account's part reads what the guest's has locked, so it cannot begin before.
   */
  async hold(
    executor: SqlExecutor,
    guestId: UserId,
    accountId: UserId | null,
  ): Promise<HeldParties> {
    const { path, columns: c, live } = this.users.table;
    const [held] = await rowsOf<HeldParties>(
      executor,
      `WITH guest AS MATERIALIZED (
         SELECT 1 FROM ${path} u WHERE u.${c.id} = $1 AND u.${c.isAnonymous} AND ${live('u')} FOR UPDATE),
       account AS MATERIALIZED (
         SELECT 1 FROM ${path} u WHERE (SELECT count(*) FROM guest) >= 0
           AND u.${c.id} = $2 AND NOT u.${c.isAnonymous} AND ${live('u')} FOR NO KEY UPDATE)
       SELECT EXISTS (SELECT 1 FROM guest) AS "isGuest", EXISTS (SELECT 1 FROM account) AS "isAccount"`,
      [guestId, accountId],
    );
    return held!;
  }
}
