import type { ClientInfo } from '../requests/client-info.js';
import type { LiveSession } from '../sessions/live-session.js';

/** The account that is calling, as its request was let in. What is decided by it is read again under a lock. */
export interface AccountContext {
  readonly session: LiveSession;
  readonly client: ClientInfo;
}
