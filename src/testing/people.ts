import type { INestApplicationContext } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { GuestsService } from '../anonymous/guests/guests.service.js';
import type { LinkView } from '../auth/account-linker.js';
import { AUTH_SETTINGS, type AuthSettings } from '../auth/auth.settings.js';
import { AuthenticationService, type SignInContext } from '../auth/authentication.service.js';
import { PasswordService } from '../auth/password/password.service.js';
import type { SessionClaims } from '../auth/tokens/session-claims.js';
import { TokenService } from '../auth/tokens/token.service.js';
import { isEmailAddress } from '../users/email-address.js';
import type { UserId } from '../users/user.js';
import { UsersService } from '../users/users.service.js';
import { USERS_DATA_SOURCE } from '../users/users.tokens.js';
import { TestKitError } from './kit-error.js';
import { providerOf } from './provider-of.js';

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

/** An account that the kit has made. */
export interface TestAccount extends TestPerson {
  readonly email: string;
  readonly password: string;
}

/** An account that has just signed in. */
export interface TestSignIn extends TestPerson {
  /** What became of the guest that came along; `null` without one. `pending` when the merge has failed or was late. */
  readonly link: LinkView | null;
}

/** What {@link createGuest} needs to know. */
export interface TestGuestOptions {
  /** Headers of the request that asks for the guest, for a gate that looks at them. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What {@link createAccount} needs to know. */
export interface TestAccountOptions {
  /** Default: a new address of `example.com`. */
  readonly email?: string;
  /** Default: a new password that is long enough for the app. */
  readonly password?: string;
  readonly name?: string;
}

/** What {@link signInAs} needs to know. */
export interface TestSignInOptions {
  /** A guest that the sign-in brings along, or its token. Default: nobody. */
  readonly guest?: Pick<TestPerson, 'token'> | string;
}

const CLIENT = { ipAddress: null, userAgent: 'nestjs-anonymous/testing' };
const NOBODY: SignInContext = { caller: undefined, client: CLIENT };

/**
 * Issues a guest, as `POST /auth/anonymous` does: gate, name and events included.
 * @throws HttpException 403 from the app's own gate.
 */
export async function createGuest(
  app: INestApplicationContext,
  { headers = {} }: TestGuestOptions = {},
): Promise<TestPerson> {
  const guest = await providerOf(app, GuestsService).issue({ method: 'POST', headers });
  return personOf(app, guest.user.id, guest.token);
}

/**
 * Makes an account with an address and a password, as `POST /auth/sign-up/email` does, and signs it in.
 * @throws TestKitError for an address that is none; AnonymousException `EMAIL_TAKEN`, `VALIDATION_FAILED` for a password
 * that the app refuses.
 */
export async function createAccount(
  app: INestApplicationContext,
  { email = `${randomUUID()}@example.com`, password, name }: TestAccountOptions = {},
): Promise<TestAccount> {
  if (!isEmailAddress(email)) {
    throw new TestKitError(`createAccount: ${JSON.stringify(email)} is no e-mail address.`);
  }
  const { passwordMinLength } = providerOf<AuthSettings>(app, AUTH_SETTINGS);
  const chosen = password ?? randomUUID().repeat(Math.ceil(passwordMinLength / 36));
  const dto = { email, password: chosen, name };
  const { user, token } = await providerOf(app, PasswordService).signUp(dto, NOBODY);
  return { ...personOf(app, user.id, token), email, password: chosen };
}

/**
 * Signs an existing account in, where every sign-in of the app ends: a guest that comes along is linked by the app's own
 * policy and merged by its own handlers.
 * @param user the account, or its id.
 * @throws TestKitError when there is no such account, or the guest's token is not genuine.
 * @throws AnonymousException as a sign-in does, `LINK_REFUSED` for instance.
 */
export async function signInAs(
  app: INestApplicationContext,
  user: { readonly userId: UserId } | UserId,
  { guest }: TestSignInOptions = {},
): Promise<TestSignIn> {
  const userId = typeof user === 'string' ? user : user.userId;
  const dataSource = providerOf<DataSource>(app, USERS_DATA_SOURCE);
  const account = await providerOf(app, UsersService).findById(dataSource, userId);
  if (!account) throw new TestKitError(`signInAs: there is no user ${userId}.`);
  if (account.isAnonymous) {
    throw new TestKitError(
      `signInAs: user ${userId} is a guest, and guests do not sign in. Sign an account in, and give the guest along as \`{ guest }\`.`,
    );
  }
  const { epoch } = account;
  const caller = guest === undefined ? undefined : claimsOf(app, guest);
  const { token, link } = await providerOf(app, AuthenticationService).complete(
    { kind: 'account', userId: account.id, epoch, refusal: 'UNAUTHORIZED' },
    { caller, client: CLIENT },
  );
  return { ...personOf(app, account.id, token), link };
}

function claimsOf(
  app: INestApplicationContext,
  guest: Pick<TestPerson, 'token'> | string,
): SessionClaims {
  const token = typeof guest === 'string' ? guest : guest.token;
  const claims = providerOf(app, TokenService).verifyClaim(token);
  if (!claims) {
    throw new TestKitError(
      "signInAs: the guest's token is not one of this app, or is too old to be claimed. Take the one that createGuest(app) gives.",
    );
  }
  if (claims.isGuest) return claims;
  throw new TestKitError(
    `signInAs: the token is that of account ${claims.userId}. Only a guest is linked by a sign-in.`,
  );
}

function personOf(app: INestApplicationContext, userId: UserId, token: string): TestPerson {
  const { cookie } = providerOf<AuthSettings>(app, AUTH_SETTINGS);
  return {
    userId,
    token,
    headers: { authorization: `Bearer ${token}` },
    cookie: `${cookie.name}=${token}`,
  };
}
