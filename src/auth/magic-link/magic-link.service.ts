import { Inject, Injectable } from '@nestjs/common';
import { AnonymousException } from '../../common/errors.js';
import { AUTH_SETTINGS, type AuthSettings } from '../auth.settings.js';
import { AuthenticationService, type SignedIn } from '../authentication.service.js';
import type { SignInContext } from '../sign-in-context.js';
import { FlowsService, type FlowStart, type LiveFlow } from '../flows/flows.service.js';
import { MailQuota } from '../mail/mail-quota.service.js';
import { MAIL_SETTINGS, type MailSettings } from '../mail/mail.settings.js';
import { lifetimeInWords, linkMail } from '../mail/mail-text.js';
import { Outbox } from '../mail/outbox.service.js';

const PURPOSE = 'magic-link';

/** What the request for a link says, beside where it leads. */
export type LinkRequest = Omit<FlowStart, 'purpose' | 'lifetimeMs'>;

/** Signing in by a link that is mailed to an address. */
@Injectable()
export class MagicLinkService {
  constructor(
    @Inject(AUTH_SETTINGS) private readonly auth: AuthSettings,
    @Inject(MAIL_SETTINGS) private readonly settings: MailSettings,
    private readonly flows: FlowsService,
    private readonly quota: MailQuota,
    private readonly outbox: Outbox,
    private readonly authentication: AuthenticationService,
  ) {}

  /**
   * Mails a link, to a known and to an unknown address alike. The mail leaves after the answer. None does when the address
   * has had enough of them.
   * @param page path of the page that the link opens.
   * @throws AnonymousException `TEMPORARILY_UNAVAILABLE` when too much mail waits.
   */
  async ask(request: LinkRequest, page: string): Promise<void> {
    if (!(await this.quota.take(PURPOSE, request.email))) return;
    const lifetimeMs = this.settings.magicLinkTtlMs;
    const { secret } = await this.flows.start({ ...request, purpose: PURPOSE, lifetimeMs });
    const { host, origin } = this.auth.baseUrl;
    this.outbox.post(
      linkMail({
        to: request.email,
        subject: `Sign in to ${host}`,
        lead: `Somebody asked to sign in to ${host} with this address. If it was you, open this link:`,
        action: 'Sign in',
        url: `${origin}${page}?token=${secret}`,
        notes: [
          `It works once, for ${lifetimeInWords(lifetimeMs)}.`,
          'If it was not you, do nothing: nobody gets in without this mail.',
        ],
      }),
      lifetimeMs,
    );
  }

  /** The flow that a link belongs to. Changes nothing. @throws AnonymousException `INVALID_OR_EXPIRED` */
  async find(token: string): Promise<LiveFlow> {
    const flow = await this.flows.find(PURPOSE, token);
    if (!flow) throw new AnonymousException('INVALID_OR_EXPIRED');
    return flow;
  }

  /** Where to go with a link that works no more. */
  async errorTarget(token: string): Promise<string | undefined> {
    return (await this.flows.findDetails(PURPOSE, token)).errorCallbackURL;
  }

  /**
   * Signs in whoever has the link. If that fails for another reason than the link, the link is as good as before.
   * @throws AnonymousException `INVALID_OR_EXPIRED`, and as `AuthenticationService.complete`.
   */
  signIn(
    token: string,
    { email, guest, details }: LiveFlow,
    isSameBrowser: boolean,
    context: SignInContext,
  ): Promise<SignedIn> {
    return this.authentication.complete(
      {
        kind: 'address',
        email,
        name: details.name ?? null,
        start: { guest, isSameBrowser },
        redeem: (manager) => this.flows.redeem(manager, PURPOSE, token),
        refusal: 'INVALID_OR_EXPIRED',
      },
      context,
    );
  }
}
