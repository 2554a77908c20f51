import { type Duration, durationMs } from '../../common/duration.js';
import { ConfigurationError } from '../../common/errors.js';
import type {
  EmailOtpOptions,
  MagicLinkOptions,
  MailOptions,
  PasswordResetOptions,
} from './mail.options.js';

/** Checked, with every default filled in. */
export interface MailSettings {
  /** `undefined`: no server has been named. */
  readonly smtp: { readonly url: string; readonly from: string } | undefined;
  readonly magicLinkTtlMs: number;
  readonly codeTtlMs: number;
  readonly passwordResetTtlMs: number;
}

export const MAIL_SETTINGS = Symbol('nestjs-anonymous:mail-settings');

/** @throws ConfigurationError naming the option at fault. */
export function resolveMailSettings(options: {
  readonly mail?: MailOptions;
  readonly magicLink?: MagicLinkOptions;
  readonly emailOtp?: EmailOtpOptions;
  readonly passwordReset?: PasswordResetOptions;
}): MailSettings {
  const { mail, magicLink, emailOtp, passwordReset } = options;
  return {
    smtp: mail && smtp(mail),
    magicLinkTtlMs: lifetime('magicLink.expiresIn', magicLink?.expiresIn, '10m', '1h'),
    codeTtlMs: lifetime('emailOtp.expiresIn', emailOtp?.expiresIn, '5m', '10m'),
    passwordResetTtlMs: lifetime('passwordReset.expiresIn', passwordReset?.expiresIn, '1h', '1h'),
  };
}

/** How long a mailed secret works. */
function lifetime(
  option: string,
  value: Duration | undefined,
  usual: Duration,
  longest: Duration,
): number {
  const ms = durationMs(option, value ?? usual);
  if (ms >= 1000 && ms <= durationMs(option, longest)) return ms;
  throw new ConfigurationError(
    `option "${option}" must be from '1s' to '${longest}'. Write for example '${usual}'.`,
  );
}

function smtp({ from, smtp: server }: MailOptions): MailSettings['smtp'] {
  if (typeof from !== 'string' || !/^[^\r\n@]*[^\s@<>]@[^\s@<>]+>?$/.test(from)) {
    throw new ConfigurationError(
      'option "mail.from" is no sender. Write for example \'Paws <hello@paws.example>\'.',
    );
  }
  const url: unknown = server?.url;
  const isServer =
    typeof url === 'string' && URL.canParse(url) && /^smtps?:$/.test(new URL(url).protocol);
  if (!isServer) {
    // The value holds a password, so it is not repeated.
    throw new ConfigurationError(
      'option "mail.smtp.url" is no URL of a mail server. Write smtps://user:password@smtp.example:465.',
    );
  }
  return { url, from };
}
