import { Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { serialize, type SerializeOptions } from 'cookie';
import { Clock } from '../../common/clock.js';
import { AUTH_SETTINGS, type AuthSettings } from '../auth.settings.js';
import type { IssuedSession } from '../sessions/live-session.js';

/** Hands a credential to the client: the cookie for browsers, the header `set-auth-token` for everybody else. */
@Injectable()
export class CredentialWriter {
  constructor(
    @Inject(AUTH_SETTINGS) private readonly settings: AuthSettings,
    private readonly clock: Clock,
    private readonly host: HttpAdapterHost,
  ) {}

  write(response: object, session: IssuedSession): void {
    // A guest's cookie outlives its token: it can still be claimed.
    const { claimWithinMs } = this.settings;
    const lifeMs = session.expiresAt.getTime() - this.clock.now().getTime();
    const maxAge = Math.ceil((session.user.isAnonymous ? claimWithinMs : lifeMs) / 1000);
    this.setCookie(response, session.token, session.endsWithBrowser ? {} : { maxAge });
    this.host.httpAdapter.setHeader(response, 'set-auth-token', session.token);
  }

  clear(response: object): void {
    this.setCookie(response, '', { maxAge: 0 });
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

  private setCookie(response: object, value: string, lifetime: SerializeOptions): void {
    const { name, secure, sameSite } = this.settings.cookie;
    this.host.httpAdapter.appendHeader(
      response,
      'Set-Cookie',
      serialize(name, value, { httpOnly: true, secure, sameSite, path: '/', ...lifetime }),
    );
  }
}
