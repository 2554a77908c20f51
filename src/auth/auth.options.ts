import type { Duration } from '../common/duration.js';
import type { OidcProvider } from './oidc/provider.js';
import type { EmailVerificationLinkOptions } from './email-verification/email-verification.settings.js';
import type {
  EmailOtpOptions,
  MagicLinkOptions,
  MailOptions,
  PasswordResetOptions,
} from './mail/mail.options.js';
import type { ThrottleOptions } from './limits/throttle.options.js';
import type { PasswordHashing } from './password/password-hashing.js';
import type { Principal } from './requests/principal.js';

/** How long a guest's credential lives and what it may become. */
export interface GuestCredentialOptions {
  /**
   * How long a guest stays signed in without a request. Past half of it the token is issued anew.
   * @default '7d'
   */
  readonly expiresIn?: Duration;
  /**
   * How long after its last token was issued a guest that has expired can still sign up or sign in to an account with
   * everything it owns. It can do nothing else. At least `expiresIn`.
   * @default '30d', or `expiresIn` if that is longer
   */
  readonly claimWithin?: Duration;
  /**
   * Whether guests may become accounts. `false` answers 403 `UPGRADE_DISABLED`.
   * @default true
   */
  readonly allowUpgrade?: boolean;
}

/** How long accounts stay signed in. Guests have `guest.expiresIn`. */
export interface SessionOptions {
  /**
   * How long an account stays signed in without a request. Past half of it the session is extended.
   * @default '30d'
   */
  readonly expiresIn?: Duration;
  /**
   * How long a reading request (GET, HEAD) may trust what an earlier one read. Writes always read anew, and this process
   * forgets at once what it ends itself; another instance may answer reads of a dead session for this long.
   * @default '0s' (every request reads)
   */
  readonly cacheFor?: Duration;
}

/** Which passwords are accepted and how they are kept. */
export interface PasswordOptions {
  /**
   * Fewest characters of a new password, at least 8. The longest is 256.
   * @default 8
   */
  readonly minLength?: number;
  /** Replaces argon2id, for example to keep verifying hashes that a host has already. */
  readonly hash?: PasswordHashing;
}

/** The session cookie. It is always `HttpOnly`, on path `/`, and `Secure` over https. */
export interface CookieOptions {
  /**
   * Name of the cookie. The default needs https; over http (development) it is `anon.session`.
   * @default '__Host-session'
   */
  readonly name?: string;
  /**
   * `strict` keeps the cookie off links that lead here from other sites.
   * @default 'lax'
   */
  readonly sameSite?: 'lax' | 'strict';
}

/** How users of this library look beside those of the host's own login. */
export interface PassportOptions {
  /**
   * What `request.user` is for a guest or an account of this library where users of the host stand there too: with the
   * strategies `anonymous-session` and `anonymous-guest`, and on routes with `or`. May be async. Nothing means 401 from a
   * strategy. Everywhere else it is the {@link Principal}.
   * @default the {@link Principal}
   */
  readonly user?: (principal: Principal) => unknown;
}

/** Options about who is calling. */
export interface AuthOptions {
  /** Key of the tokens, 32 bytes at least. Same on every instance. Whoever has it can be anybody. */
  readonly secret?: string;
  /** Instead of `secret`, to change it without signing anybody out: the first signs, all verify. */
  readonly secrets?: readonly string[];
  /** The origin that browsers see, `https://app.example`. Decides the cookie's name and which `Origin` is our own. */
  readonly baseUrl: string;
  /** More origins that may send unsafe requests with the cookie. Exact scheme, host and port. */
  readonly trustedOrigins?: readonly string[];
  /** `iss` of the tokens. @default the origin of `baseUrl` */
  readonly issuer?: string;
  /** `aud` of the tokens. Two services that share a secret need different ones. @default the origin of `baseUrl` */
  readonly audience?: string;
  readonly cookie?: CookieOptions;
  readonly guest?: GuestCredentialOptions;
  readonly session?: SessionOptions;
  readonly password?: PasswordOptions;
  readonly passport?: PassportOptions;
  readonly mail?: MailOptions;
  readonly magicLink?: MagicLinkOptions;
  /** Whom people can sign in with: {@link google} and {@link oidc} describe them. @default nobody */
  readonly providers?: readonly OidcProvider[];
  /**
   * `required`: a sign-up by password makes nobody an account until the link in the mail to the address is opened.
   * `optional`: it does so at once, and the mail goes out all the same. Accounts that are there sign in as before.
   * @default 'optional'
   */
  readonly emailVerification?: 'optional' | 'required';
  readonly emailVerificationLink?: EmailVerificationLinkOptions;
  /**
   * `conceal`: nobody but the owner of an address learns whether it belongs to an account. Needs `emailVerification: 'required'`.
   * `reveal`: sign-up, upgrade and a change of address answer 409 `EMAIL_TAKEN`.
   * @default 'reveal'
   */
  readonly enumeration?: 'reveal' | 'conceal';
  readonly emailOtp?: EmailOtpOptions;
  readonly passwordReset?: PasswordResetOptions;
  /**
   * How often somebody may ask for guests, mail and sign-ins. `false` or `'off'`: as often as they like.
   * @default on, with limits for each
   */
  readonly throttle?: ThrottleOptions | 'off' | false;
}
