import { Inject, Injectable } from '@nestjs/common';
import { AnonymousException } from '../../common/errors.js';
import { AUTH_SETTINGS, type AuthSettings } from '../auth.settings.js';
import { CredentialReader } from './credential-reader.js';
import { type HttpRequest, headerOf, isForm, isSafe } from './http-request.js';

/** Refuses unsafe requests that another site made a browser send. */
@Injectable()
export class ForgeryPolicy {
  constructor(
    @Inject(AUTH_SETTINGS) private readonly settings: AuthSettings,
    private readonly credentials: CredentialReader,
  ) {}

  /**
   * `Origin` must be our own or trusted. Without it `Sec-Fetch-Site` must be `same-origin` or `none`. Without both no
   * browser sent the request, which is fine as long as it does not carry the cookie.
   * @throws AnonymousException `INVALID_ORIGIN`
   */
  check(request: HttpRequest): void {
    if (isSafe(request)) return;
    const origin = headerOf(request, 'origin');
    const site = headerOf(request, 'sec-fetch-site');
    const allowed =
      origin !== undefined
        ? this.settings.origins.has(origin.toLowerCase())
        : site !== undefined
          ? site === 'same-origin' || site === 'none'
          : this.credentials.cookie(request) === undefined;
    if (!allowed) throw new AnonymousException('INVALID_ORIGIN', { cause: origin ?? site });
  }

  /**
   * A form can be sent to any site without asking; JSON cannot. Our own routes therefore take nothing else.
   * @throws AnonymousException `UNSUPPORTED_MEDIA_TYPE`
   */
  checkJson(request: HttpRequest): void {
    if (isSafe(request)) return;
    const type = headerOf(request, 'content-type');
    const hasBody =
      Number(headerOf(request, 'content-length') ?? 0) > 0 ||
      headerOf(request, 'transfer-encoding') !== undefined;
    const isJson = /^application\/json *(;|$)/i.test(type ?? '');
    if (!isJson && (hasBody || type !== undefined)) {
      throw new AnonymousException('UNSUPPORTED_MEDIA_TYPE', { cause: type });
    }
  }

  /**
   * For a route that a form of ours posts to, from a page with `no-referrer`: there browsers write `Origin: null`, and only
   * `Sec-Fetch-Site` tells our own page from others.
   * @throws AnonymousException `INVALID_ORIGIN`, `UNSUPPORTED_MEDIA_TYPE`
   */
  checkForm(request: HttpRequest): void {
    const isOwnPage =
      headerOf(request, 'origin') === 'null' &&
      headerOf(request, 'sec-fetch-site') === 'same-origin' &&
      isForm(request);
    if (!isOwnPage) this.check(request);
    if (!isForm(request)) this.checkJson(request);
  }

  /**
   * Whether a script of ours has fetched this, and not somebody who follows a link, or a scanner of mail. The mode alone
   * says nothing: clients that are no browsers send it too.
   */
  isOwnScript(request: HttpRequest): boolean {
    const mode = headerOf(request, 'sec-fetch-mode');
    if (request.method !== 'GET' || (mode !== 'cors' && mode !== 'same-origin')) return false;
    const origin = headerOf(request, 'origin');
    if (origin !== undefined) return this.settings.origins.has(origin.toLowerCase());
    return headerOf(request, 'sec-fetch-site') === 'same-origin';
  }
}
