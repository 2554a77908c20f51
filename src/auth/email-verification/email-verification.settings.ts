import { type Duration, durationMs } from '../../common/duration.js';
import { ConfigurationError } from '../../common/errors.js';

/** Links that prove an address: after a sign-up, on request, and for a change of address. */
export interface EmailVerificationLinkOptions {
  /**
   * How long the link works, at most a day. A later one to the same address ends it sooner.
   * @default '1h'
   */
  readonly expiresIn?: Duration;
}

/** Checked, with every default filled in. */
export interface EmailVerificationSettings {
  /** Whether a sign-up by password waits for the proof of the address. */
  readonly isRequired: boolean;
  readonly linkTtlMs: number;
  /** Whether nobody but the owner of an address is told that it belongs to an account. */
  readonly isConcealed: boolean;
}

export const EMAIL_VERIFICATION_SETTINGS = Symbol('nestjs-anonymous:email-verification-settings');

const LONGEST_LINK_MS = 86_400_000;

/** @throws ConfigurationError naming the option at fault. */
export function resolveEmailVerificationSettings({
  emailVerification = 'optional',
  emailVerificationLink,
  enumeration = 'reveal',
}: {
  readonly emailVerification?: 'optional' | 'required';
  readonly emailVerificationLink?: EmailVerificationLinkOptions;
  readonly enumeration?: 'reveal' | 'conceal';
}): EmailVerificationSettings {
  if (!['optional', 'required'].includes(emailVerification)) {
    throw new ConfigurationError(
      `option "emailVerification" is ${JSON.stringify(emailVerification)}. Write 'optional' or 'required'.`,
    );
  }
  const option = 'emailVerificationLink.expiresIn';
  const linkTtlMs = durationMs(option, emailVerificationLink?.expiresIn ?? '1h');
  if (linkTtlMs < 1000 || linkTtlMs > LONGEST_LINK_MS) {
    throw new ConfigurationError(
      `option "${option}" must be from '1s' to '24h'. Write for example '1h'.`,
    );
  }
  const isRequired = emailVerification === 'required';
  return { isRequired, linkTtlMs, isConcealed: isConcealed(enumeration, isRequired) };
}

function isConcealed(enumeration: string, isRequired: boolean): boolean {
  if (!['reveal', 'conceal'].includes(enumeration)) {
    throw new ConfigurationError(
      `option "enumeration" is ${JSON.stringify(enumeration)}. Write 'reveal' or 'conceal'.`,
    );
  }
  if (enumeration === 'conceal' && !isRequired) {
    throw new ConfigurationError(
      "option \"enumeration\" is 'conceal', but a sign-up makes an account at once and cannot hide that an address is taken. Write emailVerification: 'required' beside it.",
    );
  }
  return enumeration === 'conceal';
}
