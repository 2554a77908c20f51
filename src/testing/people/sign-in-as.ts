import type { INestApplicationContext } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { LinkView } from '../../auth/account-linker.js';
import { AuthenticationService } from '../../auth/authentication.service.js';
import type { SessionClaims } from '../../auth/tokens/session-claims.js';
import { TokenService } from '../../auth/tokens/token.service.js';
import type { UserId } from '../../users/user.js';
import { UsersService } from '../../users/users.service.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { TestKitError } from '../kit-error.js';
import { providerOf } from '../provider-of.js';
import { CLIENT, personOf, type TestPerson } from './test-person.js';

/** An account that has just signed in. */
export interface TestSignIn extends TestPerson {
  /** What became of the guest that came along; `null` without one. `pending` when the merge has failed or was late. */
  readonly link: LinkView | null;
}

/** What {@link signInAs} needs to know. */
export interface TestSignInOptions {
  /** A guest that the sign-in brings along, or its token. Default: nobody. */
  readonly guest?: Pick<TestPerson, 'token'> | string;
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
