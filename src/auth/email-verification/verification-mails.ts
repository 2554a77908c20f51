import { Inject, Injectable } from '@nestjs/common';
import { AUTH_SETTINGS, type AuthSettings } from '../auth.settings.js';
import { lifetimeInWords, linkMail, noticeMail } from '../mail/mail-text.js';
import { Outbox } from '../mail/outbox.service.js';
import {
  EMAIL_VERIFICATION_SETTINGS,
  type EmailVerificationSettings,
} from './email-verification.settings.js';

/** Why a link that proves an address is mailed. */
export type VerificationPurpose = 'verify-email' | 'sign-up' | 'change-email';

/** What such a mail says. `sign-in`: somebody signed up with an address that has an account. */
type VerificationMail = VerificationPurpose | 'sign-in';

/** How long it makes sense to tell somebody that their address has changed. */
const NOTICE_MS = 86_400_000;

interface Wording {
  readonly subject: string;
  readonly lead: string;
  readonly action: string;
  readonly otherwise: string;
}

const WORDING: Readonly<Record<VerificationMail, (host: string) => Wording>> = {
  'verify-email': (host) => ({
    subject: `Confirm your address at ${host}`,
    lead: `An account at ${host} has this address. If it is yours, open this link to confirm it:`,
    action: 'Confirm',
    otherwise: 'If it is not yours, do nothing: the address stays unconfirmed.',
  }),
  'sign-up': (host) => ({
    subject: `Finish signing up at ${host}`,
    lead: `Somebody signed up at ${host} with this address. If it was you, open this link:`,
    action: 'Finish signing up',
    otherwise: 'If it was not you, do nothing: there is no account without this mail.',
  }),
  'sign-in': (host) => ({
    subject: `You have an account at ${host}`,
    lead: `Somebody signed up at ${host} with this address, which has an account already. If it was you, open this link to sign in:`,
    action: 'Sign in',
    otherwise:
      'The password of the account is the one that it had; if you have forgotten it, ask for a new one. If it was not you, do nothing: nothing has changed.',
  }),
  'change-email': (host) => ({
    subject: `Confirm your new address at ${host}`,
    lead: `Somebody asked to make this the address of their account at ${host}. If it was you, open this link:`,
    action: 'Confirm',
    otherwise: 'If it was not you, do nothing: without this mail nothing changes.',
  }),
};

/** The mails about who has which address. None waits for the mail server. */
@Injectable()
export class VerificationMails {
  constructor(
    @Inject(AUTH_SETTINGS) private readonly auth: AuthSettings,
    @Inject(EMAIL_VERIFICATION_SETTINGS) private readonly settings: EmailVerificationSettings,
    private readonly outbox: Outbox,
  ) {}

  /**
   * @param page path of the page that the link opens.
   * @throws AnonymousException `TEMPORARILY_UNAVAILABLE` when too much mail waits.
   */
  postLink(purpose: VerificationMail, to: string, page: string, token: string): void {
    const { host, origin } = this.auth.baseUrl;
    const { subject, lead, action, otherwise } = WORDING[purpose](host);
    const lifetime = lifetimeInWords(this.settings.linkTtlMs);
    this.outbox.post(
      linkMail({
        to,
        subject,
        lead,
        action,
        url: `${origin}${page}?token=${token}`,
        notes: [`It works once, for ${lifetime}.`, otherwise],
      }),
      this.settings.linkTtlMs,
    );
  }

  /**
   * In the place of a link to an address that somebody wants and an account has.
   * @throws AnonymousException `TEMPORARILY_UNAVAILABLE` when too much mail waits.
   */
  postTaken(to: string): void {
    const { host } = this.auth.baseUrl;
    this.outbox.post(
      noticeMail({
        to,
        subject: `Your address at ${host} stays yours`,
        paragraphs: [
          `Somebody asked to make this the address of another account at ${host}. It has an account already, so nothing has changed.`,
          'If it was you, sign in with this address, or delete that account before you ask again.',
        ],
      }),
      this.settings.linkTtlMs,
    );
  }

  /** @throws AnonymousException `TEMPORARILY_UNAVAILABLE` when too much mail waits. */
  postChanged(oldAddress: string): void {
    const { host } = this.auth.baseUrl;
    this.outbox.post(
      noticeMail({
        to: oldAddress,
        subject: `Your address at ${host} was changed`,
        paragraphs: [
          `Your account at ${host} has another e-mail address by now, and everybody was signed out.`,
          'If it was not you, somebody else has been in your account: tell those who run it.',
        ],
      }),
      NOTICE_MS,
    );
  }
}
