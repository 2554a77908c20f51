import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AccountHoldsService } from '../../users/account-holds.service.js';
import { type AddressHolder, AddressesService } from '../../users/addresses.service.js';
import { IdentitiesService } from '../../users/identities.service.js';
import type { User, UserId } from '../../users/user.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import type { AddressProof } from '../proof.js';
import { SessionsService } from '../sessions/sessions.service.js';
import type { SessionClaims } from '../tokens/session-claims.js';

/** The account that an address belongs to, and what a proof of the address makes of it. */
export interface AddressAccount extends AddressHolder {
  /** The caller is signed in to this very account. */
  readonly isCaller: boolean;
}

/** The part of a proof that says what it leaves of the account. */
export type ShownProof = Pick<AddressProof, 'email' | 'newSecretHash' | 'shownSecretHash'>;

/** What a proven address means for the account that has it. */
@Injectable()
export class AddressProofsService {
  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly holds: AccountHoldsService,
    private readonly addresses: AddressesService,
    private readonly identities: IdentitiesService,
    private readonly sessions: SessionsService,
  ) {}

  async find(
    email: string,
    caller: SessionClaims | undefined,
  ): Promise<AddressAccount | undefined> {
    const holder = await this.addresses.find(this.dataSource, email);
    if (!holder) return undefined;
    return { ...holder, isCaller: await this.isSignedIn(holder, caller) };
  }

  /**
   * Lets whoever proved the address into the account, and keeps the row in place until the transaction ends. The first
   * proof decides whose the account is: unless it comes from the account's own browser, or with its password, every way in
   * that is older than the proof may be a squatter's, so it goes. The row, its id and what it owns stay.
   * @returns `undefined` when the account's epoch, or the password that was shown, is another by now.
   */
  async admit(
    manager: EntityManager,
    { userId, epoch, isProven, isCaller }: AddressAccount,
    { email, newSecretHash, shownSecretHash: secretHash }: ShownProof,
  ): Promise<User | undefined> {
    const account = { id: userId, epoch };
    if (isProven) return this.holds.hold(manager, account);
    if (secretHash !== undefined) {
      const held = await this.holds.hold(manager, { ...account, secretHash });
      if (!held) return undefined;
    }
    const isOwners = isCaller || secretHash !== undefined;
    const user = await this.addresses.verify(manager, account, !isOwners);
    if (!user) return undefined;
    if (!isOwners) await this.replaceWaysIn(manager, userId, newSecretHash);
    await this.addresses.add(manager, userId, email);
    return user;
  }

  private async replaceWaysIn(
    manager: EntityManager,
    userId: UserId,
    secretHash: string | undefined,
  ): Promise<void> {
    await this.identities.removeAll(manager, userId);
    await this.sessions.endAll(manager, userId);
    if (secretHash) await this.identities.setPassword(manager, userId, secretHash);
  }

  private async isSignedIn(
    { userId, epoch }: AddressHolder,
    caller: SessionClaims | undefined,
  ): Promise<boolean> {
    if (caller === undefined || caller.isGuest) return false;
    if (caller.userId !== userId || caller.epoch !== epoch) return false;
    return (await this.sessions.find(caller)) !== undefined;
  }
}
