import { Injectable } from '@nestjs/common';
import { AnonymousException } from '../../common/errors.js';
import { AccountGateway } from '../account/account-gateway.js';
import { ChangeEmailService } from '../change-email/change-email.service.js';
import { FlowCookie } from '../flows/flow-cookie.js';
import { LinkPages } from '../pages/link-pages.js';
import { messagePage } from '../pages/page-templates.js';
import { type HttpRequest, pathOf } from '../requests/http-request.js';
import { RequestAuthenticator } from '../requests/request-authenticator.js';
import { SignInGateway, type SignInWishes } from '../requests/sign-in-gateway.js';
import { type VerificationLink, VerificationLinks } from './verification-links.service.js';
import { verificationPath } from './verification-page-path.js';
import { VerificationPages } from './verification-pages.service.js';
import { addressChangedView, type VerificationView } from './verification-view.js';
import type { VerifyEmailDto } from './verify-email.dto.js';

/** The HTTP side of links that prove an address: the page behind them, and where to go from there. */
@Injectable()
export class VerificationGateway {
  constructor(
    private readonly links: VerificationLinks,
    private readonly changes: ChangeEmailService,
    private readonly account: AccountGateway,
    private readonly authenticator: RequestAuthenticator,
    private readonly signIns: SignInGateway,
    private readonly cookie: FlowCookie,
    private readonly pages: LinkPages,
    private readonly templates: VerificationPages,
  ) {}

  /** The page behind the link. Uses nothing up. */
  async open(request: HttpRequest, response: object, token: string): Promise<string> {
    try {
      return await this.page(request, response, await this.links.find(token));
    } catch (error) {
      return this.explain(response, error);
    }
  }

  /** For scripts. */
  async verify(
    request: HttpRequest,
    response: object,
    { token, password, ...wishes }: Readonly<VerifyEmailDto>,
  ): Promise<VerificationView> {
    return this.redeem(request, response, await this.links.find(token), password, wishes);
  }

  /** For the page behind the link: what comes next is a page again. */
  async submit(
    request: HttpRequest,
    response: object,
    { token, password }: Readonly<VerifyEmailDto>,
  ): Promise<string> {
    try {
      const link = await this.links.find(token);
      const { callbackURL, rememberMe } = link.flow.details;
      const wishes = { callbackURL, ...(rememberMe === 'false' && { rememberMe: false }) };
      try {
        const { session, url } = await this.redeem(request, response, link, password, wishes);
        if (session !== null || url !== undefined) return this.pages.lead(response, url ?? '/');
        const { title, done } = this.templates.wordingOf(link);
        return this.pages.show(response, messagePage(title, done));
      } catch (error) {
        if (!(error instanceof AnonymousException) || error.code !== 'INVALID_PASSWORD')
          throw error;
        return await this.page(request, response, link, error);
      }
    } catch (error) {
      return this.explain(response, error);
    }
  }

  /** Takes somebody who followed the link of a script, or scans mail, to the page with the button. */
  toPage(request: HttpRequest, response: object, token: string): string {
    return this.pages.toPage(response, `${pathOf(request).replace(/\/$/, '')}/open`, token);
  }

  private async redeem(
    request: HttpRequest,
    response: object,
    link: VerificationLink,
    password: string | undefined,
    wishes: SignInWishes,
  ): Promise<VerificationView> {
    if (link.purpose === 'change-email') return this.change(request, response, link, wishes);
    const isSameBrowser = this.cookie.matches(request, link.flow.browserHash);
    const signedIn = await this.signIns.run(request, response, wishes, (context) =>
      this.links.signIn(link, { isSameBrowser, password }, context),
    );
    return { status: true, ...signedIn };
  }

  private async change(
    request: HttpRequest,
    response: object,
    { token, flow }: VerificationLink,
    { callbackURL }: SignInWishes,
  ): Promise<VerificationView> {
    const url = this.signIns.trusted('callbackURL', callbackURL);
    const { email, account } = flow;
    if (!account) throw new AnonymousException('INVALID_OR_EXPIRED');
    const isSomebody = (await this.authenticator.authenticate(request)) !== undefined;
    const context = isSomebody ? await this.account.context(request) : undefined;
    const changed = await this.changes.complete({ token, email, account }, context);
    if (changed.session) this.account.replace(response, changed.session);
    return { status: true, ...addressChangedView(changed, url) };
  }

  private async page(
    request: HttpRequest,
    response: object,
    link: VerificationLink,
    error?: AnonymousException,
  ): Promise<string> {
    const isSameBrowser = this.cookie.matches(request, link.flow.browserHash);
    const caller = await this.authenticator.caller(request);
    const html = await this.templates.render(link, verificationPath(request), {
      isSameBrowser,
      caller,
      note: error?.message,
    });
    return this.pages.show(response, html, error?.getStatus());
  }

  /** On a page, and never by leading on: `callbackURL` is for those who have proven something. */
  private explain(response: object, error: unknown): string {
    return this.pages.explain(response, 'Confirm your address', error, undefined);
  }
}
