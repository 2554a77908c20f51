import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { Transporter } from 'nodemailer';
import { ConfigurationError } from '../../common/errors.js';
import { MAIL_SETTINGS, type MailSettings } from './mail.settings.js';
import { Mailer, type MailMessage } from './mailer.js';

const PATIENCE_MS = 10_000;

/** Hands mail to the server of `mail.smtp`. Needs the package `nodemailer`, which nobody else has to install. */
@Injectable()
export class SmtpMailer extends Mailer implements OnModuleInit, OnModuleDestroy {
  private transport?: Transporter;

  constructor(@Inject(MAIL_SETTINGS) private readonly settings: MailSettings) {
    super();
  }

  async onModuleInit(): Promise<void> {
    if (!this.settings.smtp) return;
    const { createTransport } = await loadNodemailer();
    this.transport = createTransport({
      url: this.settings.smtp.url,
      connectionTimeout: PATIENCE_MS,
      greetingTimeout: PATIENCE_MS,
      socketTimeout: PATIENCE_MS,
      // What is sent is made here: no mail ever reads a file or fetches an address.
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  }

  override async send({ to, subject, text, html }: MailMessage): Promise<void> {
    const { from } = this.settings.smtp!;
    await this.transport!.sendMail({ from, to, subject, text, html });
  }

  onModuleDestroy(): void {
    // Nothing is pooled, so mail that is under way still gets out.
    this.transport?.close();
  }
}

async function loadNodemailer(): Promise<Pick<typeof import('nodemailer'), 'createTransport'>> {
  try {
    const loaded = await import('nodemailer');
    return 'createTransport' in loaded ? loaded : (loaded as { default: typeof loaded }).default;
  } catch (cause) {
    throw new ConfigurationError(
      'option "mail.smtp" needs the package nodemailer: npm install nodemailer@7',
      { cause },
    );
  }
}
