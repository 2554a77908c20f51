import { Injectable } from '@nestjs/common';
import { normalizeEmail } from '../../users/email-address.js';
import { guestOf } from '../arrivals/bound-guest.js';
import { FlowCookie } from '../flows/flow-cookie.js';
import type { LiveFlow } from '../flows/flows.service.js';
import { LinkPages } from '../pages/link-pages.js';
import { linkPage } from '../pages/page-templates.js';
import { type HttpRequest, pathOf } from '../requests/http-request.js';
import { RequestAuthenticator } from '../requests/request-authenticator.js';
import { SignInGateway, type SignInWishes } from '../requests/sign-in-gateway.js';
import type { SignInView } from '../responses/views.js';
import type { AskMagicLinkDto } from './ask-magic-link.dto.js';
import { MagicLinkService } from './magic-link.service.js';

const TITLE = 'Sign in';

/** The HTTP side of magic links: the browser that asks, the page behind the link, and where to go from there. */
@Injectable()
export class MagicLinkGateway {
  constructor(
    private readonly links: MagicLinkService,
    private readonly cookie: FlowCookie,
    private readonly authenticator: RequestAuthenticator,
    private readonly signIns: SignInGateway,
    private readonly pages: LinkPages,
  ) {}

  /** @throws AnonymousException `VALIDATION_FAILED` for a target that leads elsewhere; nothing is done then. */
  async ask(
    request: HttpRequest,
    response: object,
    { email, name, ...targets }: Readonly<AskMagicLinkDto>,
  ): Promise<void> {
    const given = Object.entries(targets).filter(([, target]) => target !== undefined);
    for (const [field, target] of given) this.signIns.trusted(field, target);
    await this.links.ask(
      {
        email: normalizeEmail(email),
        guest: guestOf(await this.authenticator.caller(request)),
        browserHash: this.cookie.give(request, response),
        details: { ...Object.fromEntries(given), ...(name && { name }) },
      },
      `${pathOf(request).replace(/\/sign-in\/magic-link\/?$/i, '')}/magic-link/open`,
    );
  }

  /** The page behind the link. Uses nothing up. */
  async open(response: object, token: string): Promise<string> {
    try {
      const { email } = await this.links.find(token);
      return this.pages.show(
        response,
        linkPage({
          title: TITLE,
          question: ['Sign in as ', email, '?'],
          action: 'verify',
          token,
          button: TITLE,
        }),
      );
    } catch (error) {
      return this.explain(response, error, token);
    }
  }

  /** For scripts. */
  async verify(
    request: HttpRequest,
    response: object,
    { token, ...wishes }: { readonly token: string } & SignInWishes,
  ): Promise<SignInView> {
    return this.signIn(request, response, token, await this.links.find(token), wishes);
  }

  /** For the page behind the link: what comes next is a page again. */
  async submit(request: HttpRequest, response: object, token: string): Promise<string> {
    try {
      const flow = await this.links.find(token);
      const { url = '/' } = await this.signIn(request, response, token, flow, flow.details);
      return this.pages.lead(response, url);
    } catch (error) {
      return this.explain(response, error, token);
    }
  }

  /** Takes somebody who followed the link of a script, or scans mail, to the page with the button. */
  toPage(request: HttpRequest, response: object, token: string): string {
    return this.pages.toPage(response, pathOf(request).replace(/verify\/?$/i, 'open'), token);
  }

  private signIn(
    request: HttpRequest,
    response: object,
    token: string,
    flow: LiveFlow,
    wishes: SignInWishes,
  ): Promise<SignInView> {
    const isSameBrowser = this.cookie.matches(request, flow.browserHash);
    return this.signIns.run(request, response, wishes, (context) =>
      this.links.signIn(token, flow, isSameBrowser, context),
    );
  }

  private async explain(response: object, error: unknown, token: string): Promise<string> {
    return this.pages.explain(response, TITLE, error, await this.links.errorTarget(token));
  }
}
