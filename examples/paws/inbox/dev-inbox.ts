import { Injectable } from '@nestjs/common';
import { Mailer, type MailMessage } from '../../../src/index.js';

const MOST_KEPT = 50;

/** Mail that goes nowhere: the page shows it. For development only, where nobody has a mail server. */
@Injectable()
export class DevInbox extends Mailer {
  private readonly mails: MailMessage[] = [];

  override async send(message: MailMessage): Promise<void> {
    this.mails.unshift(message);
    this.mails.splice(MOST_KEPT);
  }

  /** The latest first. */
  list(): readonly MailMessage[] {
    return this.mails;
  }
}
