/** What a guest needs to become an account. */
export interface NewAccount {
  readonly email: string;
  readonly password: string;
  readonly name?: string;
}

/** The account that was a guest, signed in. */
export interface UpgradedGuest {
  /** The credential, for clients without cookies. */
  readonly token: string;
  readonly user: AccountUser;
  readonly session: AccountSession;
}

/** A guest whose address must be proven first: it is as it was, and a mail is on its way. */
export interface PendingUpgrade {
  readonly token: null;
  readonly session: null;
  /** Still the guest. */
  readonly user: AccountUser;
}

/** An account as its owner sees it. */
export interface AccountUser {
  /** The same as the guest's. */
  readonly id: string;
  readonly email: string | null;
  readonly emailVerified: boolean;
  readonly name: string | null;
  readonly image: string | null;
  /** `true` while an address must be proven first. */
  readonly isAnonymous: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** A session as its owner sees it. */
export interface AccountSession {
  readonly id: string;
  readonly userId: string;
  /** The handle that `revokeSession` takes. Never a credential. */
  readonly token: string;
  readonly expiresAt: Date;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
}
