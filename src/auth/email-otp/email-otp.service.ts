import { Inject, Injectable } from '@nestjs/common';
import { AnonymousException } from '../../common/errors.js';
import { AUTH_SETTINGS, type AuthSettings } from '../auth.settings.js';
import { AuthenticationService, type SignedIn } from '../authentication.service.js';
import type { SignInContext } from '../sign-in-context.js';
import { CodesService } from '../flows/codes.service.js';
import type { FlowStart } from '../flows/flows.service.js';
import { Guesses } from '../limits/guesses.service.js';
import { MailQuota } from '../mail/mail-quota.service.js';
import { MAIL_SETTINGS, type MailSettings } from '../mail/mail.settings.js';
import { lifetimeInWords } from '../mail/mail-text.js';
import { Outbox } from '../mail/outbox.service.js';
import { codeMail } from './code-mail.js';

const PURPOSE = 'sign-in-code';
const REFUSAL = 'INVALID_OR_EXPIRED';

/** Who asks for a code, and from where. */
export type CodeRequest = Pick<FlowStart, 'email' | 'guest' | 'browserHash'>;

/** What somebody types to sign in. */
export interface CodeSignIn {
  /** Normalised. */
  readonly email: string;
  readonly otp: string;
  /** Of an account that is made by this. */
  readonly name: string | null;
  /** The same: URL of a picture. */
  readonly image: string | null;
}

/** Signing in by a code that is mailed to an address. */
@Injectable()
export class EmailOtpService {
  constructor(
    @Inject(AUTH_SETTINGS) private readonly auth: AuthSettings,
    @Inject(MAIL_SETTINGS) private readonly settings: MailSettings,
    private readonly codes: CodesService,
    private readonly quota: MailQuota,
    private readonly guesses: Guesses,
    private readonly outbox: Outbox,
    private readonly authentication: AuthenticationService,
  ) {}

  /**
   * Mails a code, to a known and to an unknown address alike. The mail leaves after the answer. None does when the address
   * has had enough of them.
   * @throws AnonymousException `TEMPORARILY_UNAVAILABLE` when too much mail waits.
   */
  async ask(request: CodeRequest): Promise<void> {
    if (!(await this.quota.take(PURPOSE, request.email))) return;
    const lifetimeMs = this.settings.codeTtlMs;
    const code = await this.codes.start({ ...request, purpose: PURPOSE, details: {}, lifetimeMs });
    const { host } = this.auth.baseUrl;
    this.outbox.post(
      codeMail({
        to: request.email,
        subject: `Your code for ${host}`,
        lead: `Somebody asked to sign in to ${host} with this address. If it was you, type this code there:`,
        code,
        notes: [
          `It works once, for ${lifetimeInWords(lifetimeMs)}.`,
          'If it was not you, do nothing, and tell the code to nobody, whoever asks for it.',
        ],
      }),
      lifetimeMs,
    );
  }

  /**
   * Signs in whoever types the code. If that fails for another reason than the code, the code is as good as before.
   * @param isBrowser whether the request comes from the browser that a flow has stored.
   * @throws AnonymousException `INVALID_OR_EXPIRED`, `TOO_MANY_REQUESTS` after many of these, and as
   * `AuthenticationService.complete`.
   */
  async signIn(
    { email, otp: code, name, image }: CodeSignIn,
    isBrowser: (browserHash: Buffer | null) => boolean,
    context: SignInContext,
  ): Promise<SignedIn> {
    const typed = { purpose: PURPOSE, email, code } as const;
    const flow = await this.guesses.ofCode(email, context.client, () => this.codes.guess(typed));
    if (!flow) throw new AnonymousException(REFUSAL);
    return this.authentication.complete(
      {
        kind: 'address',
        email,
        name,
        image,
        start: {
          guest: flow.guest,
          isSameBrowser: isBrowser(flow.browserHash),
          isTyped: true,
        },
        redeem: (manager) => this.codes.redeem(manager, typed),
        refusal: REFUSAL,
      },
      context,
    );
  }
}
