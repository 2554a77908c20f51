import { Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { parse, serialize } from 'cookie';
import { AUTH_SETTINGS, type AuthSettings } from '../auth.settings.js';
import { type HttpRequest, headerOf } from '../requests/http-request.js';
import { FlowSecrets } from './flow-secrets.js';

const USE = 'browser';
/** No flow that ends in a browser may last longer. */
const LONGEST_FLOW_S = 86_400;

/**
 * Tells whether the browser that ends a flow is the one that began it, also when the session cookie is lost on the way.
 * The cookie names nobody and opens nothing.
 */
@Injectable()
export class FlowCookie {
  private readonly name: string;

  constructor(
    @Inject(AUTH_SETTINGS) private readonly settings: AuthSettings,
    private readonly secrets: FlowSecrets,
    private readonly host: HttpAdapterHost,
  ) {
    this.name = `${settings.cookie.name}.flow`;
  }

  /**
   * Gives the browser the cookie, or a longer life to the one it has: several flows may be under way, so none of them makes
   * it shorter.
   * @returns what the flow stores of it.
   */
  give(request: HttpRequest, response: object): Buffer {
    const secret = this.read(request) ?? this.secrets.make();
    this.host.httpAdapter.appendHeader(
      response,
      'Set-Cookie',
      serialize(this.name, secret, {
        httpOnly: true,
        secure: this.settings.cookie.secure,
        // Strict would leave it behind on the way from the mail to the page.
        sameSite: 'lax',
        path: '/',
        maxAge: LONGEST_FLOW_S,
      }),
    );
    return this.secrets.hide(USE, secret);
  }

  /** Whether the request comes from the browser that a flow has stored. */
  matches(request: HttpRequest, stored: Buffer | null): boolean {
    return stored !== null && this.hashes(request).some((hidden) => hidden.equals(stored));
  }

  /** What a flow of this browser may have stored; nothing without the cookie. */
  hashes(request: HttpRequest): Buffer[] {
    const secret = this.read(request);
    return secret === undefined ? [] : this.secrets.everyHiding(USE, secret);
  }

  private read(request: HttpRequest): string | undefined {
    const header = headerOf(request, 'cookie');
    const value = header === undefined ? undefined : parse(header)[this.name];
    return this.secrets.isOne(value) ? value : undefined;
  }
}
