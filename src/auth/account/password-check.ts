import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AnonymousException } from '../../common/errors.js';
import { IdentitiesService } from '../../users/identities.service.js';
import type { UserId } from '../../users/user.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { AUTH_SETTINGS, type AuthSettings } from '../auth.settings.js';
import { Guesses } from '../limits/guesses.service.js';

/** Asks an account for its password again, before something that a stolen session must not do. */
@Injectable()
export class PasswordCheck {
  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(AUTH_SETTINGS) private readonly settings: AuthSettings,
    private readonly identities: IdentitiesService,
    private readonly guesses: Guesses,
  ) {}

  /**
   * Outside of any transaction, for a hash takes longer than all the statements together. Whoever goes on with the answer
   * makes sure, under a lock, that it is still the account's.
   * @returns the hash that the password fits.
   * @throws AnonymousException `CREDENTIAL_ACCOUNT_NOT_FOUND`, `INVALID_PASSWORD`, `TOO_MANY_REQUESTS` after many of these.
   */
  async verify(userId: UserId, password: string): Promise<string> {
    const hash = await this.identities.passwordHashOf(this.dataSource, userId);
    if (hash === undefined) throw new AnonymousException('CREDENTIAL_ACCOUNT_NOT_FOUND');
    const right = await this.guesses.ofOwnPassword(userId, async () =>
      (await this.settings.hashing.verify(hash, password)) ? hash : undefined,
    );
    if (right === undefined) throw new AnonymousException('INVALID_PASSWORD');
    return right;
  }
}
