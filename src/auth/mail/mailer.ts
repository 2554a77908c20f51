/** One mail to one address, as text and as a page. */
export interface MailMessage {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/**
 * Hands mail to whoever delivers it. Give a class of yours as `mailer`, for a provider with an API of its own; injection is
 * the normal one. It may be asked again with the same mail after it has thrown.
 */
export abstract class Mailer {
  /** Resolves when somebody else is responsible for the mail. Whatever it throws means: try again later. */
  abstract send(message: MailMessage): Promise<void>;
}
