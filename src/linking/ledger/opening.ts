import type { LinkStatus } from '../../auth/account-linker.js';
import type { LinkingSettings } from '../linking.options.js';
import type { LinkDecision } from '../policy/link-policy.js';

/** The policy of a link that nobody has decided about yet. */
export const UNDECIDED = 'undecided';

/** The policy of a link that only guest and account together can confirm. */
export const BOTH_SIDES = 'both-sides';

/** How a link starts, by what was decided. */
export interface Opening {
  readonly status: LinkStatus;
  readonly policy: string;
  /** From now until an instance looks at the link again, in milliseconds. */
  readonly nextAttemptMs: number | null;
}

/** @param decision `undefined` when the policy has not answered in time. */
export function openingOf(
  decision: LinkDecision | typeof BOTH_SIDES | undefined,
  { leaseMs, consentWithinMs, firstDelayMs }: LinkingSettings,
): Opening {
  switch (decision) {
    case 'merge':
      return { status: 'pending', policy: 'merge', nextAttemptMs: leaseMs };
    case 'ask':
      return { status: 'awaiting-consent', policy: 'ask', nextAttemptMs: consentWithinMs };
    case BOTH_SIDES:
      return {
        status: 'awaiting-consent',
        policy: BOTH_SIDES,
        nextAttemptMs: consentWithinMs,
      };
    case 'keep':
      return { status: 'kept', policy: 'keep', nextAttemptMs: null };
    case 'refuse':
      return { status: 'declined', policy: 'refuse', nextAttemptMs: null };
    case undefined:
      return { status: 'pending', policy: UNDECIDED, nextAttemptMs: firstDelayMs };
  }
}
