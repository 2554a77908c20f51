import type { MergeParty } from '../merge/merge-handler.js';
import type { MergePreview } from '../merge/merge-preview.js';

/**
 * What becomes of a guest whose browser signs in to an account that exists: `merge` takes its rows over, `ask` waits for the
 * account's consent, `keep` leaves both as they are, `refuse` does not sign in.
 */
export type LinkDecision = (typeof LINK_DECISIONS)[number];

export const LINK_DECISIONS = ['merge', 'ask', 'keep', 'refuse'] as const;

/** What a policy decides from. */
export interface LinkPolicyContext {
  readonly guest: MergeParty;
  readonly account: MergeParty;
  /** What a merge would do. Costs statements, so it is only computed when it is asked for. */
  readonly preview: () => Promise<MergePreview>;
  /** Aborted when nobody waits for the decision any more. */
  readonly signal: AbortSignal;
}

/**
 * Decides what becomes of a guest, link by link: extend it and pass the class as `linkPolicy`. It has half of
 * `linking.budget`. When it throws or takes longer the sign-in goes on with the link `pending`, and the policy is asked
 * again in the background; a `refuse` then comes too late to stop the sign-in and declines the link.
 */
export abstract class LinkPolicy {
  abstract decide(context: LinkPolicyContext): LinkDecision | Promise<LinkDecision>;
}
