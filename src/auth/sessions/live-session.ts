import type { User } from '../../users/user.js';

/** A session that the database has confirmed, of a guest or an account, with its user. */
export interface LiveSession {
  readonly user: User;
  /** The session's row for an account, the token's `jti` for a guest. */
  readonly handle: string;
  readonly expiresAt: Date;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
  readonly endsWithBrowser: boolean;
}

/** A session together with a token for it that has just been made. */
export interface IssuedSession extends LiveSession {
  readonly token: string;
}
