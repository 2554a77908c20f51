import { Injectable } from '@nestjs/common';
import { AnonymousException, type FieldError } from '../../common/errors.js';
import { normalizeEmail } from '../../users/email-address.js';
import { LinkPages, withQuery } from '../pages/link-pages.js';
import { linkPage, messagePage } from '../pages/page-templates.js';
import { type HttpRequest, pathOf } from '../requests/http-request.js';
import { RequestAuthenticator } from '../requests/request-authenticator.js';
import { SignInGateway } from '../requests/sign-in-gateway.js';
import { PasswordResetsService, type ResetRequest } from './password-resets.service.js';

const TITLE = 'New password';

/** The HTTP side of new passwords: the page behind the link, our own or the app's. */
@Injectable()
export class PasswordResetGateway {
  constructor(
    private readonly resets: PasswordResetsService,
    private readonly authenticator: RequestAuthenticator,
    private readonly signIns: SignInGateway,
    private readonly pages: LinkPages,
  ) {}

  /** @throws AnonymousException `VALIDATION_FAILED` for a target that leads elsewhere; nothing is done then. */
  async ask(request: HttpRequest, { email, redirectTo }: ResetRequest): Promise<void> {
    this.signIns.trusted('redirectTo', redirectTo);
    const base = pathOf(request).replace(/\/request-password-reset\/?$/i, '');
    await this.resets.ask({ email: normalizeEmail(email), redirectTo }, `${base}/reset-password`);
  }

  /** Where the link leads: to the app with the token, or to a page of ours. Uses nothing up. */
  async open(response: object, token: string, callbackURL: string | undefined): Promise<string> {
    const target = this.signIns.trusted('callbackURL', callbackURL || undefined);
    try {
      const { email, details } = await this.resets.find(token);
      const url = target ?? this.signIns.trusted('redirectTo', details.redirectTo);
      if (url === undefined) return this.showForm(response, token, email, '../reset-password');
      return this.pages.lead(response, withQuery(url, 'token', token));
    } catch (error) {
      return this.explain(response, error, target ?? (await this.resets.targetOf(token)));
    }
  }

  async reset(request: HttpRequest, token: string, newPassword: string): Promise<void> {
    await this.resets.reset(token, newPassword, await this.authenticator.caller(request));
  }

  /** For our own page: what comes next is a page again. */
  async submit(
    request: HttpRequest,
    response: object,
    token: string,
    newPassword: string,
  ): Promise<string> {
    try {
      const { email } = await this.resets.find(token);
      const complaint = await complaintAbout(this.reset(request, token, newPassword));
      if (complaint !== undefined)
        return this.showForm(response, token, email, 'reset-password', complaint);
      return this.pages.lead(response, `${pathOf(request).replace(/\/$/, '')}/done`);
    } catch (error) {
      return this.explain(response, error, undefined);
    }
  }

  /** The page after that. */
  done(response: object): string {
    return this.pages.show(
      response,
      messagePage(TITLE, 'Your password has been changed. Sign in with it.'),
    );
  }

  /** @param action from the page's own path on: that of the link, or that which the form was sent to before. */
  private showForm(
    response: object,
    token: string,
    email: string,
    action: string,
    complaint?: string,
  ): string {
    return this.pages.show(
      response,
      linkPage({
        title: TITLE,
        question: [
          'Choose a new password for ',
          email,
          '. Everybody who is signed in is signed out.',
        ],
        action,
        token,
        field: { name: 'newPassword', label: TITLE, autocomplete: 'new-password' },
        button: 'Change the password',
        note: complaint,
      }),
      complaint === undefined ? undefined : 400,
    );
  }

  private explain(response: object, error: unknown, target: string | undefined): string {
    return this.pages.explain(response, TITLE, error, target);
  }
}

/** What is wrong with the new password, in words for whoever chose it. */
async function complaintAbout(change: Promise<void>): Promise<string | undefined> {
  try {
    await change;
    return undefined;
  } catch (error) {
    if (!(error instanceof AnonymousException) || error.code !== 'VALIDATION_FAILED') throw error;
    const { errors } = error.getResponse() as { errors: readonly FieldError[] };
    return `The password ${errors.flatMap(({ messages }) => messages).join(', and ')}.`;
  }
}
