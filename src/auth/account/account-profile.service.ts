import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AnonymousException, type FieldError } from '../../common/errors.js';
import { sqlStateOf } from '../../common/sql.js';
import { IdentitiesService } from '../../users/identities.service.js';
import type { Identity } from '../../users/identity.js';
import type { UserId } from '../../users/user.js';
import { type ProfileChanges, UsersService } from '../../users/users.service.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { SessionCache } from '../sessions/session-cache.js';
import { runForAccount } from './account-transaction.js';

/** What an account says about itself, and how it gets in. */
@Injectable()
export class AccountProfileService {
  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly users: UsersService,
    private readonly identities: IdentitiesService,
    private readonly cache: SessionCache,
  ) {}

  /** Every way in that the account has, oldest first. */
  listIdentities(userId: UserId): Promise<Identity[]> {
    return this.identities.list(this.dataSource, userId);
  }

  /**
   * @throws AnonymousException `VALIDATION_FAILED` when there is nothing to change, or the host's user table does not take
   * it; `UNAUTHORIZED` when the account is gone; `TEMPORARILY_UNAVAILABLE`.
   */
  async update(userId: UserId, { name, image }: ProfileChanges): Promise<void> {
    const changes = { name: name === '' ? null : name, image };
    if (name === undefined && image === undefined) {
      throw invalid([{ field: '', messages: ['there is nothing to change: send name or image'] }]);
    }
    const unknown = (['name', 'image'] as const).filter(
      (field) => changes[field] !== undefined && !this.users.table.has(field),
    );
    if (unknown.length > 0) {
      throw invalid(unknown.map((field) => ({ field, messages: ['is not kept by this app'] })));
    }
    const isThere = await this.write(userId, changes);
    this.cache.forget(userId);
    if (!isThere) throw new AnonymousException('UNAUTHORIZED');
  }

  private async write(userId: UserId, changes: ProfileChanges): Promise<boolean> {
    try {
      return await runForAccount(this.dataSource, (manager) =>
        this.users.changeProfile(manager, userId, changes),
      );
    } catch (error) {
      // Classes 22 and 23: the host's columns are shorter, may not be empty, or have checks of their own.
      if (!/^2[23]/.test(sqlStateOf(error) ?? '')) throw error;
      const messages = ['is not taken by this app'];
      const fields = Object.entries(changes).filter(([, value]) => value !== undefined);
      throw invalid(
        fields.map(([field]) => ({ field, messages })),
        error,
      );
    }
  }
}

function invalid(errors: readonly FieldError[], cause?: unknown): AnonymousException {
  return new AnonymousException('VALIDATION_FAILED', { errors, cause });
}
