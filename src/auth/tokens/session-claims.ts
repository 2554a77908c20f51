import type { UserId } from '../../users/user.js';

/** What a token says. It is a claim until the row of the user, or of the session, confirms it. */
export interface SessionClaims {
  readonly userId: UserId;
  /** The session's public handle: the row's id for accounts, a random id for guests. Not a credential. */
  readonly handle: string;
  readonly epoch: number;
  readonly isGuest: boolean;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  /** The person asked not to be remembered: the cookie ends with the browser. */
  readonly endsWithBrowser: boolean;
}
