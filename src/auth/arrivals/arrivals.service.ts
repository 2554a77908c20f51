import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AnonymousException } from '../../common/errors.js';
import { AddressesService } from '../../users/addresses.service.js';
import { IdentitiesService } from '../../users/identities.service.js';
import type { HostColumns } from '../../users/user-inserts.js';
import type { User, UserId } from '../../users/user.js';
import { type AccountProfile, UsersService } from '../../users/users.service.js';
import {
  AccountLinker,
  type GuestCredential,
  type LinkPlan,
  type RecordedLink,
} from '../account-linker.js';
import type {
  AccountProof,
  AddressProof,
  ExternalProof,
  NewIdentityProof,
  Proof,
} from '../proof.js';
import type { SessionClaims } from '../tokens/session-claims.js';
import { type AddressAccount, AddressProofsService } from './address-proofs.service.js';
import type { GuestsOfSignIn } from './bound-guest.js';
import { type ExternalPreparation, ExternalArrivals } from './external-arrivals.js';
import { GuestUpgrader } from './guest-upgrader.js';

/** Whom a proof is about, as far as anybody can tell before the transaction. */
export interface Candidate {
  /** `undefined`: somebody new. */
  readonly accountId: UserId | undefined;
  /** Who has the proven address. */
  readonly holder: AddressAccount | undefined;
  /** About somebody from a provider. */
  readonly external: ExternalPreparation | undefined;
}

/** What is found out before the transaction. */
export interface PreparedSignIn extends Omit<Candidate, 'accountId'> {
  readonly guests: GuestsOfSignIn;
  readonly plan: LinkPlan;
  /** Of an account that may have to be made. */
  readonly hostColumns: HostColumns;
}

/** Who has arrived, and what it means for the guests. */
export interface Arrival {
  readonly user: User;
  readonly link: RecordedLink | null;
  /** The account has been made, or a guest has become one. */
  readonly isNew: boolean;
  readonly upgraded: boolean;
}

/** Finds or makes the account that a proof is about, in the transaction that signs in. */
@Injectable()
export class ArrivalsService {
  constructor(
    private readonly users: UsersService,
    private readonly identities: IdentitiesService,
    private readonly addresses: AddressesService,
    private readonly proofs: AddressProofsService,
    private readonly linker: AccountLinker,
    private readonly upgrader: GuestUpgrader,
    private readonly external: ExternalArrivals,
  ) {}

  async look(proof: Proof, caller: SessionClaims | undefined): Promise<Candidate> {
    const nobody = { accountId: undefined, holder: undefined, external: undefined };
    if (proof.kind === 'account') return { ...nobody, accountId: proof.userId };
    if (proof.kind === 'new-identity') return nobody;
    if (proof.kind === 'address') {
      const holder = await this.proofs.find(proof.email, caller);
      return { ...nobody, accountId: holder?.userId, holder };
    }
    const external = await this.external.prepare(proof, caller);
    return { ...nobody, accountId: external.known ?? external.holder?.userId, external };
  }

  arrive(
    manager: EntityManager,
    proof: Exclude<Proof, AccountProof>,
    prepared: PreparedSignIn,
  ): Promise<Arrival> {
    switch (proof.kind) {
      case 'new-identity':
        return this.register(manager, proof, prepared);
      case 'address':
        return this.prove(manager, proof, prepared);
      case 'external':
        return this.welcome(manager, proof, prepared);
    }
  }

  private async register(
    manager: EntityManager,
    proof: NewIdentityProof,
    { guests, hostColumns }: PreparedSignIn,
  ): Promise<Arrival> {
    const upgraded =
      guests.bound && (await this.upgrader.upgrade(manager, guests.bound, proof.profile));
    if (guests.bound && !upgraded) {
      const found = await this.users.findById(manager, guests.bound.id);
      if (found && !found.isAnonymous) throw new AnonymousException('NOT_ANONYMOUS');
      if (proof.upgradeOnly) throw new AnonymousException('GUEST_MERGED');
    }
    const user = upgraded ?? (await this.users.insertAccount(manager, proof.profile, hostColumns));
    await this.identities.add(manager, user.id, proof.identity);
    return { user, link: null, isNew: true, upgraded: upgraded !== undefined };
  }

  private async prove(
    manager: EntityManager,
    proof: AddressProof,
    { guests: { bound, others }, holder, plan, hostColumns }: PreparedSignIn,
  ): Promise<Arrival> {
    const refusal = () => new AnonymousException(proof.refusal, { cause: 'outdated proof' });
    if (!(await proof.redeem(manager))) throw refusal();
    const upgraded = holder || !bound ? undefined : await this.upgradeBy(manager, proof, bound);
    const user = holder
      ? await this.proofs.admit(manager, holder, proof)
      : (upgraded ?? (await this.makeAccount(manager, proof, hostColumns)));
    if (!user) throw refusal();
    const arrived = { user, isNew: !holder, upgraded: upgraded !== undefined };
    return this.bringAlong(manager, arrived, { bound, others }, plan);
  }

  private async welcome(
    manager: EntityManager,
    proof: ExternalProof,
    { guests, external, plan, hostColumns }: PreparedSignIn,
  ): Promise<Arrival> {
    const { bound } = guests;
    const arrived = await this.external.arrive(manager, proof, external!, bound, hostColumns);
    return this.bringAlong(manager, arrived, guests, plan);
  }

  /** The guest of the person goes to an account that was there before; the others need the word of both sides. */
  private async bringAlong(
    manager: EntityManager,
    arrived: Omit<Arrival, 'link'>,
    { bound, others }: GuestsOfSignIn,
    plan: LinkPlan,
  ): Promise<Arrival> {
    const { user, isNew } = arrived;
    const link = bound && !isNew ? await this.linker.record(manager, bound, user.id, plan) : null;
    const proposed = await this.propose(manager, others, user.id);
    return { ...arrived, link: link ?? proposed };
  }

  private async upgradeBy(
    manager: EntityManager,
    proof: AddressProof,
    guest: GuestCredential,
  ): Promise<User | undefined> {
    const user = await this.upgrader.upgrade(manager, guest, profileOf(proof));
    if (user) await this.addIdentities(manager, user.id, proof);
    return user;
  }

  private async makeAccount(
    manager: EntityManager,
    proof: AddressProof,
    hostColumns: HostColumns,
  ): Promise<User> {
    const user = await this.users.insertAccount(manager, profileOf(proof), hostColumns);
    await this.addIdentities(manager, user.id, proof);
    return user;
  }

  private async addIdentities(
    manager: EntityManager,
    userId: UserId,
    { email, newSecretHash }: AddressProof,
  ): Promise<void> {
    await this.addresses.add(manager, userId, email);
    if (newSecretHash) await this.identities.setPassword(manager, userId, newSecretHash);
  }

  /** Links that nobody but both sides together can confirm. @returns the first. */
  private async propose(
    manager: EntityManager,
    guests: readonly GuestCredential[],
    accountId: UserId,
  ): Promise<RecordedLink | null> {
    let first: RecordedLink | null = null;
    for (const guest of guests) {
      const link = await this.linker.record(manager, guest, accountId, 'both-sides');
      first ??= link;
    }
    return first;
  }
}

function profileOf({ email, name, image = null }: AddressProof): AccountProfile {
  return { email, emailVerified: true, name, image };
}
