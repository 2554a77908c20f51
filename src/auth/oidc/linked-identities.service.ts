import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AnonymousException } from '../../common/errors.js';
import { sqlStateOf, UNIQUE_VIOLATION } from '../../common/sql.js';
import { AddressesService } from '../../users/addresses.service.js';
import { IdentitiesService } from '../../users/identities.service.js';
import type { Identity } from '../../users/identity.js';
import type { User } from '../../users/user.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import {
  AccountSessionsService,
  type SessionOfAccount,
} from '../account/account-sessions.service.js';
import { runForAccount } from '../account/account-transaction.js';
import { Outbox } from '../mail/outbox.service.js';
import { SessionCache } from '../sessions/session-cache.js';
import type { ExternalPerson } from './external-person.js';
import type { UnlinkAccountDto } from './unlink-account.dto.js';

/** Gives accounts more ways in, and takes them away again. */
@Injectable()
export class LinkedIdentitiesService {
  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly identities: IdentitiesService,
    private readonly addresses: AddressesService,
    private readonly sessions: AccountSessionsService,
    private readonly outbox: Outbox,
    private readonly cache: SessionCache,
  ) {}

  /** @throws AnonymousException `SESSION_EXPIRED` when the sign-in is too long ago for what lasts, `UNAUTHORIZED` */
  async expectFresh(session: SessionOfAccount): Promise<void> {
    await runForAccount(this.dataSource, (manager) => this.holdFresh(manager, session));
  }

  /**
   * From now on the account is also known by this identity. Once is as good as twice.
   * @param epoch of the account when the person set out.
   * @throws AnonymousException `SOCIAL_ACCOUNT_ALREADY_LINKED`, `INVALID_OR_EXPIRED` when the account has changed since,
   * `UNAUTHORIZED` when the session has ended, `TEMPORARILY_UNAVAILABLE`.
   */
  async attach(session: SessionOfAccount, epoch: number, person: ExternalPerson): Promise<void> {
    try {
      await runForAccount(this.dataSource, async (manager) => {
        const { user } = await this.sessions.hold(manager, session);
        if (user.epoch !== epoch)
          throw new AnonymousException('INVALID_OR_EXPIRED', { cause: 'epoch' });
        await this.add(manager, user, person);
      });
    } catch (error) {
      if (sqlStateOf(error) !== UNIQUE_VIOLATION) throw error;
      throw new AnonymousException('SOCIAL_ACCOUNT_ALREADY_LINKED', { cause: error });
    }
    this.cache.forget(session.user.id);
  }

  /**
   * @throws AnonymousException `ACCOUNT_NOT_FOUND`, `VALIDATION_FAILED` when several are meant,
   * `FAILED_TO_UNLINK_LAST_ACCOUNT`, `SESSION_EXPIRED`, `UNAUTHORIZED`, `TEMPORARILY_UNAVAILABLE`.
   */
  async unlink(session: SessionOfAccount, wanted: Readonly<UnlinkAccountDto>): Promise<void> {
    await runForAccount(this.dataSource, async (manager) => {
      const user = await this.holdFresh(manager, session);
      const all = await this.identities.list(manager, user.id);
      const identity = theOne(all.filter((candidate) => isMeant(candidate, wanted)));
      if (!all.some((other) => other !== identity && this.opens(other))) {
        throw new AnonymousException('FAILED_TO_UNLINK_LAST_ACCOUNT');
      }
      await this.identities.remove(manager, identity.id);
    });
  }

  private async holdFresh(manager: EntityManager, session: SessionOfAccount): Promise<User> {
    const { user, isFresh } = await this.sessions.hold(manager, session);
    if (!isFresh) throw new AnonymousException('SESSION_EXPIRED');
    return user;
  }

  private async add(manager: EntityManager, user: User, person: ExternalPerson): Promise<void> {
    const { identity, email } = person;
    const holder = await this.identities.findHolder(manager, identity);
    if (holder !== undefined && holder !== user.id) {
      throw new AnonymousException('SOCIAL_ACCOUNT_ALREADY_LINKED');
    }
    if (holder === undefined) {
      await this.identities.add(manager, user.id, { ...identity, secretHash: null });
    }
    if (email !== null && email === user.email?.toLowerCase())
      await this.prove(manager, user, email);
  }

  /** The account's own session shows whose it is, so nothing older goes. */
  private async prove(manager: EntityManager, user: User, email: string): Promise<void> {
    if ((await this.addresses.find(manager, email))?.isProven !== false) return;
    await this.addresses.verify(manager, user, false);
    await this.addresses.add(manager, user.id, email);
  }

  /** A proven address is a way in only where mail goes out. */
  private opens({ provider, secretHash }: Identity): boolean {
    if (provider === 'email') return this.outbox.isOpen;
    return provider !== 'password' || secretHash !== null;
  }
}

function isMeant(
  { id, provider, subject }: Identity,
  { providerId, accountId }: Readonly<UnlinkAccountDto>,
): boolean {
  // An address is given up by changing it.
  if (provider === 'email') return false;
  if (providerId === undefined) return id === accountId;
  const name = provider === 'password' ? 'credential' : provider;
  return name === providerId && [undefined, id, subject].includes(accountId);
}

function theOne(identities: readonly Identity[]): Identity {
  const [first, second] = identities;
  if (!first) throw new AnonymousException('ACCOUNT_NOT_FOUND');
  if (!second) return first;
  throw new AnonymousException('VALIDATION_FAILED', {
    errors: [{ field: 'accountId', messages: ['must say which one'] }],
  });
}
