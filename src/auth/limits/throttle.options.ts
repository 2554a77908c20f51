import type { ThrottlerStorage } from '@nestjs/throttler';
import type { Duration } from '../../common/duration.js';

/** So many within so long. Whoever wants more waits for as long. */
export interface Limit {
  /** How many, 1 at least. */
  readonly limit: number;
  readonly within: Duration;
}

/**
 * Limits for one e-mail address, whoever asks and from wherever. They are kept in Postgres, so they hold over all instances.
 * `false` for no limit.
 */
export interface AddressLimitOptions {
  /**
   * Mails to one address: so many for signing in, so many to prove it, so many to reset its password. Past that the answers
   * are the same, no mail goes out, and the last one stays good.
   * @default { limit: 3, within: '15m' }
   */
  readonly mail?: Limit | false;
  /** Sign-ups and upgrades with one address. Past that: 429. @default { limit: 10, within: '1d' } */
  readonly signUp?: Limit | false;
  /** Wrong passwords for one address that come from one network. Past that: 429 there. @default { limit: 10, within: '15m' } */
  readonly password?: Limit | false;
  /**
   * Wrong passwords for one address from all networks together. Past that: 429 from networks where nobody has signed in with
   * the right one in the last 30 days.
   * @default { limit: 30, within: '15m' }
   */
  readonly passwordAnywhere?: Limit | false;
  /**
   * Wrong codes for one address, over all codes that are mailed to it and from all networks. Past that: 429, again not where
   * somebody has signed in lately.
   * @default { limit: 20, within: '1h' }
   */
  readonly codes?: Limit | false;
}

/**
 * Limits for one client, told by its IP address; of IPv6 the first 64 bits. Past a limit the answer is 429
 * `TOO_MANY_REQUESTS` with `Retry-After`. `false` for no limit.
 */
export interface ThrottleOptions {
  /** Guests that are issued, at `POST /auth/anonymous` and on the way together. @default { limit: 30, within: '1h' } */
  readonly guests?: Limit | false;
  /** Sign-ups and upgrades together. @default { limit: 10, within: '15m' } */
  readonly signUp?: Limit | false;
  /** Requests to each route that takes a password or leads to a provider. @default { limit: 30, within: '15m' } */
  readonly signIn?: Limit | false;
  /** Requests to each route that sends mail. @default { limit: 10, within: '15m' } */
  readonly mail?: Limit | false;
  /** Requests to each route that takes a code or the secret of a mailed link. @default { limit: 20, within: '15m' } */
  readonly codes?: Limit | false;
  /**
   * Guests that everybody together asks for. Past that nobody is refused: the `guestGate` is told, and can ask for a
   * challenge until it is over.
   * @default { limit: 600, within: '1m' }
   */
  readonly rush?: Limit | false;
  readonly perAddress?: AddressLimitOptions;
  /**
   * Where the counts of clients are kept, if several instances shall share them: any storage for `@nestjs/throttler`. When
   * it fails, each instance counts by itself.
   * @default the memory of this process
   */
  readonly storage?: ThrottlerStorage;
}
