import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AnonymousException } from '../../common/errors.js';
import { IdentitiesService } from '../../users/identities.service.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { AddressProofsService } from '../arrivals/address-proofs.service.js';
import { AUTH_SETTINGS, type AuthSettings } from '../auth.settings.js';
import { FlowAttempts } from '../flows/flow-attempts.service.js';
import type { SessionClaims } from '../tokens/session-claims.js';
import type { VerificationLink } from './verification-links.service.js';

/** Hashes of passwords that say something beside the proof of an address. */
export interface TellingPasswords {
  /** Of the account that has the address and has never proven it. */
  readonly account?: string;
  /** Chosen with the sign-up that waits. */
  readonly chosen?: string;
}

/** What a typed password has shown. */
export interface ShownPassword {
  /** The hash that it fits, if it is the account's. */
  readonly accountHash?: string;
  readonly isChosen: boolean;
}

/** The password that somebody types beside the proof of an address, to show that what was there before is theirs. */
@Injectable()
export class PasswordBesideLink {
  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(AUTH_SETTINGS) private readonly settings: AuthSettings,
    private readonly proofs: AddressProofsService,
    private readonly identities: IdentitiesService,
    private readonly attempts: FlowAttempts,
  ) {}

  /** None for whoever is let in without losing anything. */
  async tellingOf(
    { purpose, flow }: Pick<VerificationLink, 'purpose' | 'flow'>,
    caller: SessionClaims | undefined,
  ): Promise<TellingPasswords> {
    const holder = await this.proofs.find(flow.email, caller);
    if (holder?.isProven || holder?.isCaller) return {};
    return {
      account: holder && (await this.identities.passwordHashOf(this.dataSource, holder.userId)),
      chosen: purpose === 'sign-up' ? flow.details.secretHash : undefined,
    };
  }

  /**
   * A password that would tell nothing is not looked at.
   * @throws AnonymousException `INVALID_PASSWORD`; `INVALID_OR_EXPIRED` after five of these.
   */
  async check(
    link: VerificationLink,
    password: string | undefined,
    caller: SessionClaims | undefined,
  ): Promise<ShownPassword> {
    if (password === undefined || password === '') return { isChosen: false };
    const { account, chosen } = await this.tellingOf(link, caller);
    if (account === undefined && chosen === undefined) return { isChosen: false };
    const { purpose, token } = link;
    if (!(await this.attempts.begin(purpose, token))) {
      throw new AnonymousException('INVALID_OR_EXPIRED', { cause: 'too many wrong passwords' });
    }
    const accountHash = (await this.fits(account, password)) ? account : undefined;
    const isChosen = await this.fits(chosen, password);
    if (accountHash !== undefined || isChosen) return { accountHash, isChosen };
    await this.attempts.fail(purpose, token);
    throw new AnonymousException('INVALID_PASSWORD');
  }

  private async fits(hash: string | undefined, password: string): Promise<boolean> {
    return hash !== undefined && this.settings.hashing.verify(hash, password);
  }
}
