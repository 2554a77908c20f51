import type { UserId } from '../../users/user.js';
import type { LiveSession } from '../sessions/live-session.js';

/** Who is calling, as `@CurrentUser()` hands it to a controller. */
export interface Principal {
  readonly userId: UserId;
  /** `true` for a guest. */
  readonly isAnonymous: boolean;
  /** The session's handle; not a credential. */
  readonly sessionId: string;
}

export function principalOf(session: LiveSession): Principal {
  return {
    userId: session.user.id,
    isAnonymous: session.user.isAnonymous,
    sessionId: session.handle,
  };
}
