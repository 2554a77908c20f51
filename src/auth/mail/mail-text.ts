import type { MailMessage } from './mailer.js';

/** What a mail with one link says. */
export interface LinkMail {
  readonly to: string;
  readonly subject: string;
  /** Before the link. */
  readonly lead: string;
  /** On the button. */
  readonly action: string;
  readonly url: string;
  /** After the link. */
  readonly notes: readonly string[];
}

/** The mail as text and as a page. Nothing in it comes from the request: whoever asks for mail to others chooses no word. */
export function linkMail({ to, subject, lead, action, url, notes }: LinkMail): MailMessage {
  const text = [lead, url, ...notes].join('\n\n');
  const html = mailPage([
    `<p>${escapeHtml(lead)}</p>`,
    `<p><a href="${escapeHtml(url)}" style="display:inline-block;padding:12px 20px;border-radius:6px;background:#1d4ed8;color:#fff;text-decoration:none">${escapeHtml(action)}</a></p>`,
    `<p style="color:#555">${escapeHtml(url)}</p>`,
    ...notes.map((note) => `<p style="color:#555">${escapeHtml(note)}</p>`),
  ]);
  return { to, subject, text: `${text}\n`, html };
}

/** What a mail says that only tells something. The same holds for its words. */
export interface NoticeMail {
  readonly to: string;
  readonly subject: string;
  readonly paragraphs: readonly string[];
}

export function noticeMail({ to, subject, paragraphs }: NoticeMail): MailMessage {
  const html = mailPage(paragraphs.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`));
  return { to, subject, text: `${paragraphs.join('\n\n')}\n`, html };
}

/** What every mail looks like, around its paragraphs. */
export function mailPage(paragraphs: readonly string[]): string {
  return [
    '<!doctype html><html lang="en"><body style="font-family:sans-serif;line-height:1.5">',
    ...paragraphs,
    '</body></html>',
  ].join('\n');
}

/** "10 minutes", for people. */
export function lifetimeInWords(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return `${Math.round(ms / 1000)} seconds`;
  if (minutes % 60 === 0) return minutes === 60 ? '1 hour' : `${minutes / 60} hours`;
  return minutes === 1 ? '1 minute' : `${minutes} minutes`;
}

/** Text as it may stand in a page and in an attribute of one. */
export function escapeHtml(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replaceAll(/[&<>"']/g, (character) => entities[character]!);
}
