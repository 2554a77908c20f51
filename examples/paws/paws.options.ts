import type { Duration, LinkDecision } from '../../src/index.js';
import type { DevProviderClient } from './dev-provider/dev-provider.js';

/** What the app has to be told. `main.ts` reads it from the environment; tests write it down. */
export interface PawsOptions {
  readonly databaseUrl: string;
  readonly secret: string;
  readonly baseUrl: string;
  readonly trustedOrigins?: readonly string[];
  readonly adapter?: 'express' | 'fastify';
  /** How long a sign-in waits for the merge. */
  readonly linkPolicy?: LinkDecision;
  readonly linkBudget?: Duration;
  /** Where mail goes. Without it, and without the dev inbox, nobody signs in by mail. */
  readonly smtpUrl?: string;
  /** Mail is shown at `/dev/inbox`, to everybody: for development only. */
  readonly hasDevInbox?: boolean;
  /** Where people sign in as whoever they type. For development only. */
  readonly devProvider?: DevProviderClient;
  /** Whether a sign-up by password waits until the address is proven. */
  readonly emailVerification?: 'optional' | 'required';
  /** Whether anybody is told which addresses have accounts. */
  readonly enumeration?: 'reveal' | 'conceal';
  readonly guestExpiresIn?: Duration;
  /** Whether anybody may ask for as much as they like. @default true: there are limits */
  readonly isThrottled?: boolean;
  /** Where several instances count together. Without it, each counts by itself. */
  readonly redisUrl?: string;
  /** Addresses of the accounts that may see `/ops`. Without any, there is no such page. */
  readonly operators?: readonly string[];
  readonly repeatSignIn?: 'same-guest' | 'reject';
}
