import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AnonymousException } from '../../common/errors.js';
import { AccountHoldsService } from '../../users/account-holds.service.js';
import { AddressesService } from '../../users/addresses.service.js';
import { IdentitiesService } from '../../users/identities.service.js';
import {
  type PlaceholderAddress,
  PlaceholderAddresses,
} from '../../users/placeholder-addresses.js';
import type { HostColumns } from '../../users/user-inserts.js';
import type { User, UserId } from '../../users/user.js';
import { UsersService } from '../../users/users.service.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import type { GuestCredential } from '../account-linker.js';
import type { ExternalProof } from '../proof.js';
import type { SessionClaims } from '../tokens/session-claims.js';
import { type AddressAccount, AddressProofsService } from './address-proofs.service.js';
import { GuestUpgrader } from './guest-upgrader.js';

/** What is found out about somebody from a provider before the transaction. */
export interface ExternalPreparation {
  /** The account that is known by this identity. */
  readonly known: UserId | undefined;
  /** Otherwise who has the address that the provider has verified. */
  readonly holder: AddressAccount | undefined;
  /** Otherwise what a new row needs. */
  readonly placeholder: PlaceholderAddress | undefined;
}

/** Who somebody from a provider is here. */
export interface ExternalArrival {
  readonly user: User;
  readonly isNew: boolean;
  readonly upgraded: boolean;
}

/**
 * People that a provider vouches for. The identity decides; an address only for somebody who is new, and then it attaches the
 * identity to the account that has the address.
 */
@Injectable()
export class ExternalArrivals {
  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly users: UsersService,
    private readonly identities: IdentitiesService,
    private readonly holds: AccountHoldsService,
    private readonly addresses: AddressesService,
    private readonly placeholders: PlaceholderAddresses,
    private readonly proofs: AddressProofsService,
    private readonly upgrader: GuestUpgrader,
  ) {}

  async prepare(
    { identity, email }: ExternalProof,
    caller: SessionClaims | undefined,
  ): Promise<ExternalPreparation> {
    const nothing = { known: undefined, holder: undefined, placeholder: undefined };
    const known = await this.identities.findHolder(this.dataSource, identity);
    if (known !== undefined) return { ...nothing, known };
    if (email === null) {
      return { ...nothing, placeholder: await this.placeholders.make(this.dataSource) };
    }
    return { ...nothing, holder: await this.proofs.find(email, caller) };
  }

  /**
   * @param guest becomes the account of somebody who is new.
   * @throws AnonymousException `ACCOUNT_NOT_FOUND` when the account of the identity has been closed, `INVALID_OR_EXPIRED` when
   * another proof has overtaken this one, `UPGRADE_DISABLED`.
   */
  async arrive(
    manager: EntityManager,
    proof: ExternalProof,
    { known, holder, placeholder }: ExternalPreparation,
    guest: GuestCredential | undefined,
    hostColumns: HostColumns,
  ): Promise<ExternalArrival> {
    if (known !== undefined) {
      const user = await this.holds.holdHolder(manager, known, proof.identity);
      if (!user) throw new AnonymousException('ACCOUNT_NOT_FOUND', { cause: 'closed or unlinked' });
      return { user, isNew: false, upgraded: false };
    }
    if (holder) {
      const user = await this.proofs.admit(manager, holder, { email: proof.email! });
      if (!user) throw new AnonymousException('INVALID_OR_EXPIRED', { cause: 'outdated proof' });
      await this.attach(manager, user, proof);
      return { user, isNew: false, upgraded: false };
    }
    const upgraded = guest && (await this.upgrade(manager, proof, guest));
    const user = upgraded ?? (await this.insert(manager, proof, placeholder, hostColumns));
    await this.attach(manager, user, proof);
    if (proof.email !== null) await this.addresses.add(manager, user.id, proof.email);
    return { user, isNew: true, upgraded: upgraded !== undefined };
  }

  private attach(manager: EntityManager, user: User, { identity }: ExternalProof): Promise<void> {
    return this.identities.add(manager, user.id, { ...identity, secretHash: null });
  }

  private upgrade(
    manager: EntityManager,
    { email, name, image }: ExternalProof,
    guest: GuestCredential,
  ): Promise<User | undefined> {
    const proven = email === null ? {} : { email, emailVerified: true };
    return this.upgrader.upgrade(manager, guest, { ...proven, name, image });
  }

  private insert(
    manager: EntityManager,
    { email, name, image }: ExternalProof,
    placeholder: PlaceholderAddress | undefined,
    hostColumns: HostColumns,
  ): Promise<User> {
    const profile = { email, emailVerified: email !== null, name, image, ...placeholder };
    return this.users.insertAccount(manager, profile, hostColumns);
  }
}
