import type { GuestCredential, LinkPlan } from '../../auth/account-linker.js';
import type { UserId } from '../../users/user.js';

/** What is to become of a guest whose browser signs in to an account of the host. */
export interface LinkIntent {
  readonly guest: GuestCredential;
  readonly accountId: UserId;
  readonly plan: LinkPlan;
}
