import type { ClientInfo } from './requests/client-info.js';
import type { SessionClaims } from './tokens/session-claims.js';

/** Everything about a request that matters when it signs somebody in. */
export interface SignInContext {
  /** Who the request's credential names: a guest, an account that is signed in anew, or nobody. */
  readonly caller: SessionClaims | undefined;
  readonly client: ClientInfo;
  /** The person asked not to be remembered. @default false */
  readonly endsWithBrowser?: boolean;
}
