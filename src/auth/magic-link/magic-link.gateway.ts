import { Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { AnonymousException } from '../../common/errors.js';
import { normalizeEmail } from '../../users/email-address.js';
import { AUTH_SETTINGS, type AuthSettings } from '../auth.settings.js';
import { FlowCookie } from '../flows/flow-cookie.js';
import type { LiveFlow } from '../flows/flows.service.js';
import { type HttpRequest, pathOf } from '../requests/http-request.js';
import { trustedRedirect } from '../requests/redirect.js';
import { RequestAuthenticator } from '../requests/request-authenticator.js';
import { SignInGateway, type SignInWishes } from '../requests/sign-in-gateway.js';
import type { SignInView } from '../responses/views.js';
import type { AskMagicLinkDto } from './ask-magic-link.dto.js';
import { errorPage, openPage, pageHeaders } from './magic-link.pages.js';
import { MagicLinkService } from './magic-link.service.js';

/** The HTTP side of magic links: the browser that asks, the page behind the link, and where to go from there. */
@Injectable()
export class MagicLinkGateway {
  constructor(
    @Inject(AUTH_SETTINGS) private readonly settings: AuthSettings,
    private readonly links: MagicLinkService,
    private readonly cookie: FlowCookie,
    private readonly authenticator: RequestAuthenticator,
    private readonly signIns: SignInGateway,
    private readonly host: HttpAdapterHost,
  ) {}

  /** @throws AnonymousException `VALIDATION_FAILED` for a target that leads elsewhere; nothing is done then. */
  async ask(
    request: HttpRequest,
    response: object,
    { email, name, ...targets }: Readonly<AskMagicLinkDto>,
  ): Promise<void> {
    const given = Object.entries(targets).filter(([, target]) => target !== undefined);
    for (const [field, target] of given) this.signIns.trusted(field, target);
    const caller = await this.authenticator.caller(request);
    await this.links.ask(
      {
        email: normalizeEmail(email),
        guest: caller?.isGuest ? { id: caller.userId, epoch: caller.epoch } : undefined,
        browserHash: this.cookie.give(request, response, this.links.lifetimeMs),
        details: { ...Object.fromEntries(given), ...(name && { name }) },
      },
      `${pathOf(request).replace(/\/sign-in\/magic-link\/?$/i, '')}/magic-link/open`,
    );
  }

  /** The page behind the link. Uses nothing up. */
  async open(response: object, token: string): Promise<string> {
    try {
      const { email } = await this.links.find(token);
      return this.show(response, openPage(email, token));
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
      return this.lead(response, url);
    } catch (error) {
      return this.explain(response, error, token);
    }
  }

  /** Takes somebody who followed the link of a script, or scans mail, to the page with the button. */
  toPage(request: HttpRequest, response: object, token: string): string {
    const page = pathOf(request).replace(/verify\/?$/i, 'open');
    return this.lead(response, `${page}?token=${encodeURIComponent(token)}`);
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
    if (!(error instanceof AnonymousException)) throw error;
    const target = await this.links.errorTarget(token);
    const url = target && trustedRedirect(target, this.settings.origins);
    if (url) return this.lead(response, withError(url, error.code));
    this.host.httpAdapter.status(response, error.getStatus());
    return this.show(response, errorPage(error.message));
  }

  private show(response: object, html: string): string {
    this.setHeaders(response, pageHeaders(this.settings.origins));
    return html;
  }

  private lead(response: object, url: string): string {
    this.host.httpAdapter.status(response, 303);
    this.setHeaders(response, { ...pageHeaders(this.settings.origins), Location: url });
    return '';
  }

  private setHeaders(response: object, headers: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(headers)) {
      this.host.httpAdapter.setHeader(response, name, value);
    }
  }
}

/** The same place, with what went wrong in its query. */
function withError(target: string, code: string): string {
  const base = 'http://relative.invalid';
  const url = new URL(target, base);
  url.searchParams.set('error', code);
  return url.origin === base ? url.href.slice(base.length) : url.href;
}
