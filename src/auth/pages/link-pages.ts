import { Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { AnonymousException } from '../../common/errors.js';
import { AUTH_SETTINGS, type AuthSettings } from '../auth.settings.js';
import { trustedRedirect } from '../requests/redirect.js';
import { messagePage, pageHeaders } from './page-templates.js';

/** Answers whoever follows a link in a mail: with a page, or with the way on. */
@Injectable()
export class LinkPages {
  constructor(
    @Inject(AUTH_SETTINGS) private readonly settings: AuthSettings,
    private readonly host: HttpAdapterHost,
  ) {}

  /** @param status unless everything is fine. */
  show(response: object, html: string, status?: number): string {
    if (status !== undefined) this.host.httpAdapter.status(response, status);
    this.setHeaders(response, pageHeaders(this.settings.origins));
    return html;
  }

  /** @param status 303 leads on from a form, too. */
  lead(response: object, url: string, status: 302 | 303 = 303): string {
    this.host.httpAdapter.status(response, status);
    this.setHeaders(response, { ...pageHeaders(this.settings.origins), Location: url });
    return '';
  }

  /** Takes somebody who followed the link of a script, or scans mail, to the page with the button. */
  toPage(response: object, page: string, token: string): string {
    return this.lead(response, `${page}?token=${encodeURIComponent(token)}`);
  }

  /**
   * Says why a link does not do what it is for: where it was to lead, with the code, or on a page.
   * @param target where the flow wanted to go then.
   */
  explain(
    response: object,
    title: string,
    error: unknown,
    target: string | undefined,
    status?: 302 | 303,
  ): string {
    if (!(error instanceof AnonymousException)) throw error;
    const url = target && trustedRedirect(target, this.settings.origins);
    if (url) return this.lead(response, withQuery(url, 'error', error.code), status);
    return this.show(response, messagePage(title, error.message), error.getStatus());
  }

  private setHeaders(response: object, headers: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(headers)) {
      this.host.httpAdapter.setHeader(response, name, value);
    }
  }
}

/** The same place, with one more value in its query. */
export function withQuery(target: string, name: string, value: string): string {
  const base = 'http://relative.invalid';
  const url = new URL(target, base);
  url.searchParams.set(name, value);
  return url.origin === base ? url.href.slice(base.length) : url.href;
}
