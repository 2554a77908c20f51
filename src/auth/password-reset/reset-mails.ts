import { lifetimeInWords, linkMail, noticeMail } from '../mail/mail-text.js';
import type { MailMessage } from '../mail/mailer.js';

export interface ResetMail {
  readonly to: string;
  readonly host: string;
  readonly url: string;
  readonly lifetimeMs: number;
}

export function resetMail({ to, host, url, lifetimeMs }: ResetMail): MailMessage {
  return linkMail({
    to,
    subject: `New password for ${host}`,
    lead: `Somebody asked for a new password for your account at ${host}. If it was you, open this link:`,
    action: 'Choose a password',
    url,
    notes: [
      `It works once, for ${lifetimeInWords(lifetimeMs)}.`,
      'If it was not you, do nothing: your password stays as it is.',
    ],
  });
}

export function changedMail(to: string, host: string): MailMessage {
  return noticeMail({
    to,
    subject: `Your password for ${host} was changed`,
    paragraphs: [
      `The password of your account at ${host} was changed by a link in a mail to this address. Everybody who was signed in is signed out.`,
      'If it was not you, somebody else reads your mail. Change the password of your mailbox first.',
    ],
  });
}
