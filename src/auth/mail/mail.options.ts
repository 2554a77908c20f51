import type { Duration } from '../../common/duration.js';

/** The server that mail is handed to. */
export interface SmtpOptions {
  /** `smtps://user:password@smtp.example:465`, or `smtp://…:587`, which goes over to TLS where the server can. */
  readonly url: string;
}

/** Mail by SMTP. Without it, and without a `mailer`, there are no routes that send mail. */
export interface MailOptions {
  /** The sender, `'Paws <hello@paws.example>'`. */
  readonly from: string;
  readonly smtp: SmtpOptions;
}

/** Signing in by a link in a mail. */
export interface MagicLinkOptions {
  /**
   * How long the link works, at most an hour. A later one to the same address ends it sooner.
   * @default '10m'
   */
  readonly expiresIn?: Duration;
}

/** Signing in by a code in a mail. */
export interface EmailOtpOptions {
  /**
   * How long the code works, at most ten minutes. A later one to the same address, or five wrong ones, end it sooner.
   * @default '5m'
   */
  readonly expiresIn?: Duration;
}

/** A new password by a link in a mail. */
export interface PasswordResetOptions {
  /**
   * How long the link works, at most an hour: it is as good as the password. A later one to the same address ends it sooner.
   * @default '1h'
   */
  readonly expiresIn?: Duration;
}
