import { Inject, Injectable } from '@nestjs/common';
import { AnonymousException } from '../common/errors.js';
import type { SqlExecutor } from '../common/sql.js';
import { isEmailAddress, normalizeEmail } from './email-address.js';
import { NEW_USER_OPTIONS, type NewUserOptions } from './new-user.settings.js';
import type { UserId } from './user.js';
import { UserInserts } from './user-inserts.js';

/** A row to be, of somebody who has no address in a table where it may not be null. */
export interface PlaceholderAddress {
  /** Reserved: the address is made of it. */
  readonly id: UserId;
  /** Lower case. */
  readonly email: string;
}

/** What stands in the e-mail column for people without an address. */
@Injectable()
export class PlaceholderAddresses {
  constructor(
    @Inject(NEW_USER_OPTIONS) private readonly options: NewUserOptions,
    private readonly inserts: UserInserts,
  ) {}

  /**
   * `undefined` when the host has none, so that the column stays empty.
   * @throws AnonymousException `INVALID_EMAIL_FORMAT` when what the host makes up is no address.
   */
  async make(executor: SqlExecutor): Promise<PlaceholderAddress | undefined> {
    if (!this.options.placeholderEmail) return undefined;
    // Where the table makes the ids, this costs a statement; so only when somebody has to know.
    const id = await this.inserts.reserveId(executor);
    const email = await this.options.placeholderEmail(id);
    if (isEmailAddress(email)) return { id, email: normalizeEmail(email) };
    throw new AnonymousException('INVALID_EMAIL_FORMAT', { cause: 'guest.placeholderEmail' });
  }
}
