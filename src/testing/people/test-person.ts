import type { INestApplicationContext } from '@nestjs/common';
import { AUTH_SETTINGS, type AuthSettings } from '../../auth/auth.settings.js';
import type { UserId } from '../../users/user.js';
import { providerOf } from '../provider-of.js';

/** Somebody with a live session, and what a request of theirs carries. */
export interface TestPerson {
  readonly userId: UserId;
  /** The credential itself. */
  readonly token: string;
  /** For `.set(person.headers)` of supertest, or `fetch(url, { headers: person.headers })`: a bearer token. */
  readonly headers: { readonly authorization: string };
  /**
   * `name=value` for the header `Cookie`, as a browser sends it. Writing requests with a cookie also need an `Origin` that the
   * app trusts; those with {@link headers} do not.
   */
  readonly cookie: string;
}

/** Where the sessions of the kit begin. */
export const CLIENT = { ipAddress: null, userAgent: 'nestjs-anonymous/testing' };

/** What a session that has begun gives a test. */
export function personOf(app: INestApplicationContext, userId: UserId, token: string): TestPerson {
  const { cookie } = providerOf<AuthSettings>(app, AUTH_SETTINGS);
  return {
    userId,
    token,
    headers: { authorization: `Bearer ${token}` },
    cookie: `${cookie.name}=${token}`,
  };
}
