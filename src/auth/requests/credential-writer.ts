import { Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { serialize } from 'cookie';
import { Clock } from '../../common/clock.js';
import { AUTH_SETTINGS, type AuthSettings } from '../auth.settings.js';
import type { IssuedSession } from '../sessions/live-session.js';

/** Hands a credential to the client: the cookie for browsers, the header `set-auth-token` for everybody else. */
@Injectable()
export class CredentialWriter {
  /** What follows the value: the same in every cookie. */
  private readonly attributes: string;

  constructor(
    @Inject(AUTH_SETTINGS) private readonly settings: AuthSettings,
    private readonly clock: Clock,
    private readonly host: HttpAdapterHost,
  ) {
    const { name, secure, sameSite } = settings.cookie;
    const empty = serialize(name, '', { httpOnly: true, secure, sameSite, path: '/' });
    this.attributes = empty.slice(`${name}=`.length);
  }

  write(response: object, session: IssuedSession): void {
    // A guest's cookie outlives its token: it can still be claimed.
    const { claimWithinMs } = this.settings;
    const lifeMs = session.expiresAt.getTime() - this.clock.now().getTime();
    const maxAge = Math.ceil((session.user.isAnonymous ? claimWithinMs : lifeMs) / 1000);
    this.setCookie(response, session.token, session.endsWithBrowser ? undefined : maxAge);
    this.host.httpAdapter.setHeader(response, 'set-auth-token', session.token);
  }

  clear(response: object): void {
    this.setCookie(response, '', 0);
  }

  /** Takes a credential back that was written to a response which has not been sent. Other cookies stay. */
  withdraw(response: object): void {
    const headers = response as {
      getHeader(name: string): number | string | string[] | undefined;
      removeHeader(name: string): void;
    };
    const cookies = [headers.getHeader('set-cookie') ?? []].flat().map(String);
    headers.removeHeader('set-cookie');
    headers.removeHeader('set-auth-token');
    for (const cookie of cookies) {
      if (cookie.startsWith(`${this.settings.cookie.name}=`)) continue;
      this.host.httpAdapter.appendHeader(response, 'Set-Cookie', cookie);
    }
  }

  /** @param value a token, none of whose characters means anything in a cookie. */
  private setCookie(response: object, value: string, maxAge: number | undefined): void {
    const { name } = this.settings.cookie;
    const lifetime = maxAge === undefined ? '' : `; Max-Age=${maxAge}`;
    const cookie = `${name}=${value}${lifetime}${this.attributes}`;
    this.host.httpAdapter.appendHeader(response, 'Set-Cookie', cookie);
  }
}
