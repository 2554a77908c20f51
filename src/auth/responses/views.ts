import type { LinkView } from '../account-linker.js';
import type { SignedIn } from '../authentication.service.js';
import type { IssuedSession, LiveSession } from '../sessions/live-session.js';
import type { Session } from '../sessions/session.js';
import type { User, UserId } from '../../users/user.js';

/** A user as clients see it. Dates are ISO 8601 strings. */
export interface UserView {
  readonly id: string;
  readonly email: string | null;
  readonly emailVerified: boolean;
  readonly name: string | null;
  readonly image: string | null;
  readonly isAnonymous: boolean;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** A session as its owner sees it. */
export interface SessionView {
  readonly id: string;
  readonly userId: string;
  /** The handle that `revoke-session` takes. Never a credential. */
  readonly token: string;
  readonly expiresAt: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
}

/** The answer of `get-session`. */
export interface CurrentSessionView {
  readonly session: SessionView;
  readonly user: UserView;
}

/** The answer of every route that creates a session. `token` is the credential. */
export interface IssuedSessionView extends CurrentSessionView {
  readonly token: string;
}

/** The answer of a sign-up that waits for the proof of its address: nothing has changed. */
export interface PendingSignUpView {
  readonly token: null;
  readonly session: null;
  /** The guest, as it was; `null` when there is none. */
  readonly user: UserView | null;
}

/** The same for a guest that asked for an upgrade. */
export interface PendingUpgradeView extends PendingSignUpView {
  readonly user: UserView;
}

/** The answer of a sign-in. */
export interface SignInView extends IssuedSessionView {
  /** What became of the guest that was there; `null` when there was none. */
  readonly link: LinkView | null;
  readonly redirect: boolean;
  /** Where to go next: the `callbackURL` of the request. */
  readonly url?: string;
}

export function userView(user: User): UserView {
  return {
    id: user.id,
    email: user.email,
    emailVerified: user.emailVerified,
    name: user.name,
    image: user.image,
    isAnonymous: user.isAnonymous,
    createdAt: user.createdAt.toISOString(),
    updatedAt: user.updatedAt.toISOString(),
  };
}

export function sessionView(session: Omit<Session, 'epoch'>): SessionView {
  return viewOf(session, session.id, session.userId);
}

function viewOf(
  session: Omit<Session, 'id' | 'userId' | 'epoch'>,
  id: string,
  userId: UserId,
): SessionView {
  return {
    id,
    userId,
    token: id,
    expiresAt: session.expiresAt.toISOString(),
    createdAt: session.createdAt.toISOString(),
    updatedAt: session.updatedAt.toISOString(),
    ipAddress: session.ipAddress,
    userAgent: session.userAgent,
  };
}

export function currentSessionView(session: LiveSession): CurrentSessionView {
  const { user, handle } = session;
  return { session: viewOf(session, handle, user.id), user: userView(user) };
}

export function issuedSessionView(session: IssuedSession): IssuedSessionView {
  const { session: current, user } = currentSessionView(session);
  return { token: session.token, session: current, user };
}

export function signInView(signedIn: SignedIn, url: string | undefined): SignInView {
  const next = url === undefined ? { redirect: false } : { redirect: true, url };
  return { ...issuedSessionView(signedIn), link: signedIn.link, ...next };
}
