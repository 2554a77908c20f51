import { aside, escapeHtml, mailPage } from './mail-text.js';
import type { MailMessage } from './mailer.js';

/** What a mail says that only tells something. */
export interface NoticeMail {
  readonly to: string;
  readonly subject: string;
  /** What has happened. */
  readonly lead: string;
  /** What to do about it. */
  readonly notes: readonly string[];
}

export function noticeMail({ to, subject, lead, notes }: NoticeMail): MailMessage {
  const html = mailPage(`<p>${escapeHtml(lead)}</p>`, ...notes.map(aside));
  return { to, subject, text: `${[lead, ...notes].join('\n\n')}\n`, html };
}
