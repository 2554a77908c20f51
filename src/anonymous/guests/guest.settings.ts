import { ConfigurationError } from '../../common/errors.js';
import type { NewUserOptions } from '../../users/new-user.settings.js';

/** How guests are issued and removed. */
export interface GuestIssuingOptions extends NewUserOptions {
  /**
   * Whether a guest may delete itself and everything it owns. `false` answers 400 `DELETE_ANONYMOUS_USER_DISABLED`.
   * @default true
   */
  readonly allowDelete?: boolean;
  /**
   * What a guest gets that asks for a guest again: itself, or 400 `ANONYMOUS_USERS_CANNOT_SIGN_IN_AGAIN_ANONYMOUSLY`.
   * @default 'same-guest'
   */
  readonly repeatSignIn?: 'same-guest' | 'reject';
  /** A name for a new guest, up to 100 characters. @default none: `name` is null */
  readonly generateName?: () => string | Promise<string>;
}

/** {@link GuestIssuingOptions} checked and with every default filled in. */
export interface GuestSettings extends GuestIssuingOptions {
  readonly allowDelete: boolean;
  readonly repeatSignIn: 'same-guest' | 'reject';
}

export const GUEST_SETTINGS = Symbol('nestjs-anonymous:guest-settings');

/** @throws ConfigurationError naming the option at fault. */
export function resolveGuestSettings(options: GuestIssuingOptions = {}): GuestSettings {
  const { allowDelete = true, repeatSignIn = 'same-guest' } = options;
  if (!['same-guest', 'reject'].includes(repeatSignIn)) {
    throw new ConfigurationError(
      `option "guest.repeatSignIn" is ${JSON.stringify(repeatSignIn)}. Write 'same-guest' or 'reject'.`,
    );
  }
  return { allowDelete, repeatSignIn, generateName: options.generateName };
}
