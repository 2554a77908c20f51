import { durationMs } from '../../common/duration.js';
import { ConfigurationError } from '../../common/errors.js';
import type { MagicLinkOptions, MailOptions } from './mail.options.js';

/** Checked, with every default filled in. */
export interface MailSettings {
  /** `undefined`: no server has been named. */
  readonly smtp: { readonly url: string; readonly from: string } | undefined;
  readonly magicLinkTtlMs: number;
}

export const MAIL_SETTINGS = Symbol('nestjs-anonymous:mail-settings');

const LONGEST_LINK_MS = 3_600_000;

/** @throws ConfigurationError naming the option at fault. */
export function resolveMailSettings(options: {
  readonly mail?: MailOptions;
  readonly magicLink?: MagicLinkOptions;
}): MailSettings {
  const magicLinkTtlMs = durationMs('magicLink.expiresIn', options.magicLink?.expiresIn ?? '10m');
  if (magicLinkTtlMs < 1000 || magicLinkTtlMs > LONGEST_LINK_MS) {
    throw new ConfigurationError(
      "option \"magicLink.expiresIn\" must be from '1s' to '1h'. Write for example '10m'.",
    );
  }
  return { smtp: options.mail && smtp(options.mail), magicLinkTtlMs };
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
