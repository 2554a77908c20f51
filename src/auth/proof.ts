import type { EntityManager } from 'typeorm';
import type { ErrorCode } from '../common/error-codes.js';
import type { NewIdentity } from '../users/identities.service.js';
import type { UserId } from '../users/user.js';
import type { AccountProfile } from '../users/users.service.js';
import type { GuestCredential } from './account-linker.js';

/** Somebody proved an identity that an account holds. */
export interface AccountProof {
  readonly kind: 'account';
  readonly userId: UserId;
  /** The account's epoch when the proof was checked. A proof from before a reset or an upgrade is worth nothing. */
  readonly epoch: number;
  /** The answer when the proof turns out to be out of date. */
  readonly refusal: ErrorCode;
  /** The hash that the shown password fits. It may be another's by now, for a new password need not raise the epoch. */
  readonly secretHash?: string;
}

/** Somebody brings an identity that nobody holds yet. If somebody does after all, the unique index says so. */
export interface NewIdentityProof {
  readonly kind: 'new-identity';
  readonly identity: NewIdentity;
  readonly profile: AccountProfile;
  /** `true`: this becomes the account of the calling guest, or nothing happens. */
  readonly upgradeOnly: boolean;
}

/**
 * Somebody showed that they read the mail to an address, whoever has it: an account, an account that never proved it, or
 * nobody yet.
 */
export interface AddressProof {
  readonly kind: 'address';
  /** Lower case. */
  readonly email: string;
  /** For an account that is made now. */
  readonly name: string | null;
  /** The same: URL of a picture. */
  readonly image?: string | null;
  /**
   * Hash of a password that the person has chosen, for an account that is made now, or from which the proof takes every older
   * way in. Never that of somebody else who asked for the mail.
   */
  readonly newSecretHash?: string;
  /**
   * Hash of the account's own password, shown beside the proof: then even the first proof of the address takes nothing from
   * the account.
   */
  readonly shownSecretHash?: string;
  /** Where the mail was asked for. Decides which guest the proof speaks for. */
  readonly start: FlowOrigin;
  /**
   * Uses the proof up, in the transaction that signs in: if signing in fails, the proof is as good as before. `false`: it
   * is worth nothing any more.
   */
  readonly redeem: (manager: EntityManager) => Promise<boolean>;
  /** The answer when it is worth nothing any more. */
  readonly refusal: ErrorCode;
}

/** A provider vouches for somebody, whoever that is here: an account that is known by it, or nobody yet. */
export interface ExternalProof {
  readonly kind: 'external';
  readonly identity: {
    readonly provider: string;
    readonly issuer: string;
    /** Whom the issuer means; nobody else ever gets it there. */
    readonly subject: string;
  };
  /** Lower case. `null` unless the provider has verified it and is trusted to: it finds accounts and proves their address. */
  readonly email: string | null;
  /** For an account that is made now. */
  readonly name: string | null;
  readonly image: string | null;
  /** Where the person set out to the provider. */
  readonly start: FlowOrigin;
}

/** Where a flow began that ends with a proof. */
export interface FlowOrigin {
  /** The guest that was there. */
  readonly guest: GuestCredential | undefined;
  /** Whether it ends in the browser in which it began. Otherwise the guests of neither are brought along unasked. */
  readonly isSameBrowser: boolean;
  /**
   * Whether the person has typed the secret themselves, as one does a password. Then the guest that is there at the end is
   * theirs: nobody else can make a browser send what only its user knows. @default false
   */
  readonly isTyped?: boolean;
}

/** What a sign-in method hands to `AuthenticationService.complete`. It knows nothing of guests or merging. */
export type Proof = AccountProof | NewIdentityProof | AddressProof | ExternalProof;
