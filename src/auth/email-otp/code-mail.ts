import { escapeHtml, mailPage } from '../mail/mail-text.js';
import type { MailMessage } from '../mail/mailer.js';

/** What a mail with a code says. */
export interface CodeMail {
  readonly to: string;
  readonly subject: string;
  /** Before the code. */
  readonly lead: string;
  readonly code: string;
  /** After the code. */
  readonly notes: readonly string[];
}

/** The code stands alone on its line and not in the subject, which locked screens show. */
export function codeMail({ to, subject, lead, code, notes }: CodeMail): MailMessage {
  const text = [lead, code, ...notes].join('\n\n');
  const html = mailPage([
    `<p>${escapeHtml(lead)}</p>`,
    `<p style="font-size:2em;letter-spacing:.2em"><strong>${escapeHtml(code)}</strong></p>`,
    ...notes.map((note) => `<p style="color:#555">${escapeHtml(note)}</p>`),
  ]);
  return { to, subject, text: `${text}\n`, html };
}
