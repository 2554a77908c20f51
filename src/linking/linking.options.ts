import { type Duration, durationMs } from '../common/duration.js';
import { ConfigurationError } from '../common/errors.js';
import { LINK_DECISIONS, type LinkDecision } from './policy/link-policy.js';

/** How a merge that failed is tried again. */
export interface RetryOptions {
  /** How often an instance looks for links that are due. @default '1s' */
  readonly every?: Duration;
  /** The pause after the first failure; it doubles with each further one. @default '1s' */
  readonly firstDelay?: Duration;
  /** The longest pause. @default '5m' */
  readonly maxDelay?: Duration;
  /** Tries until the link is `failed` and `account.link-failed` goes out. @default 20 */
  readonly attempts?: number;
}

/** What happens when a guest signs in to an account that exists. */
export interface LinkingOptions {
  /**
   * What becomes of the guest: `merge` at once, `ask` the account first, `keep` both as they are, or `refuse` to sign in. A
   * class `linkPolicy` decides link by link instead.
   * @default 'merge'
   */
  readonly policy?: LinkDecision;
  /** How long a link with the policy `ask` waits for consent; then both are kept. @default '7d' */
  readonly consentWithin?: Duration;
  /**
   * How long a sign-in waits for the merge. A later merge goes on by itself; the answer then says `pending`.
   * @default '2s'
   */
  readonly budget?: Duration;
  /** How long one attempt may take before its connection is destroyed and it is tried again. @default '60s' */
  readonly timeout?: Duration;
  readonly retry?: RetryOptions;
  /**
   * `false` keeps the row of a merged guest as a tombstone, for foreign keys that nobody may rewrite: its credentials are
   * dead, and rows that still arrive for it follow to the account within a minute, for 24 hours.
   * @default true
   */
  readonly deleteGuest?: boolean;
}

/** {@link LinkingOptions} checked and with every default filled in. Times are milliseconds. */
export interface LinkingSettings {
  readonly policy: LinkDecision;
  readonly deleteGuest: boolean;
  readonly consentWithinMs: number;
  readonly budgetMs: number;
  readonly timeoutMs: number;
  /** How long work on a link belongs to the instance that took it. */
  readonly leaseMs: number;
  readonly everyMs: number;
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
  readonly maxAttempts: number;
}

/** How long after its timeout an attempt counts as abandoned: its process is gone. */
const LEASE_MARGIN_MS = 5_000;

export const LINKING_SETTINGS = Symbol('nestjs-anonymous:linking-settings');

/** @throws ConfigurationError naming the option at fault. */
export function resolveLinkingSettings(options: LinkingOptions = {}): LinkingSettings {
  const { policy = 'merge', budget = '2s', timeout = '60s', retry = {} } = options;
  if (!LINK_DECISIONS.includes(policy)) {
    throw new ConfigurationError(
      `option "linking.policy" is ${JSON.stringify(policy)}. Write one of ${LINK_DECISIONS.map((d) => `'${d}'`).join(', ')}.`,
    );
  }
  const maxAttempts = retry.attempts ?? 20;
  if (!Number.isInteger(maxAttempts) || maxAttempts < 1) {
    throw new ConfigurationError(
      `option "linking.retry.attempts" is ${String(maxAttempts)}. Write a whole number from 1.`,
    );
  }
  const timeoutMs = durationMs('linking.timeout', timeout);
  const settings = {
    policy,
    deleteGuest: options.deleteGuest ?? true,
    consentWithinMs: durationMs('linking.consentWithin', options.consentWithin ?? '7d'),
    budgetMs: durationMs('linking.budget', budget),
    timeoutMs,
    leaseMs: timeoutMs + LEASE_MARGIN_MS,
    everyMs: durationMs('linking.retry.every', retry.every ?? '1s'),
    firstDelayMs: durationMs('linking.retry.firstDelay', retry.firstDelay ?? '1s'),
    maxDelayMs: durationMs('linking.retry.maxDelay', retry.maxDelay ?? '5m'),
    maxAttempts,
  };
  if (settings.timeoutMs < settings.budgetMs) {
    throw new ConfigurationError(
      'option "linking.timeout" is shorter than "linking.budget". Make it longer, for example \'60s\'.',
    );
  }
  return settings;
}
