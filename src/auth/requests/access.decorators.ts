import { applyDecorators, type CanActivate, type Type, UseGuards } from '@nestjs/common';
import { Access, type AccessLevel } from './access-level.js';
import { AsksHost } from './asks-host.js';
import { hostGuard } from './host-guard.js';
import { SessionGuard } from './session.guard.js';

/** Who else is somebody, beside the users with a session of this library. */
export interface IdentityOptions {
  /**
   * A guard of the host, asked first: `AuthGuard('jwt')`, or a class of yours that puts somebody on `request.user`. Whom it
   * lets in is the user of the request, whatever credential of ours comes along. Its 401 means nobody, unless the request
   * has a bearer token that is not ours: then the 401 is the answer, so that the client refreshes the token.
   * @default none: only sessions of this library count
   */
  readonly or?: Type<CanActivate>;
}

export function guarded(
  level: AccessLevel,
  { or }: IdentityOptions = {},
): MethodDecorator & ClassDecorator {
  if (!or) return applyDecorators(Access(level), UseGuards(SessionGuard));
  return applyDecorators(Access(level), AsksHost(true), UseGuards(hostGuard(or), SessionGuard));
}

/** Accounts only. Nobody gets 401 `UNAUTHORIZED`; a guest gets 403 `UPGRADE_REQUIRED`. */
export const AccountOnly = (): MethodDecorator & ClassDecorator => guarded('account');

/** Guests only. Nobody gets 401 `UNAUTHORIZED`; an account gets 403 `USER_IS_NOT_ANONYMOUS`. */
export const GuestOnly = (): MethodDecorator & ClassDecorator => guarded('guest');

/** Everybody. `@CurrentUser()` is `null` without a live session. */
export const OptionalIdentity = (options?: IdentityOptions): MethodDecorator & ClassDecorator =>
  guarded('optional', options);

/** Everybody, and nobody is asked who they are: the request costs no statement. For apps that guard everything globally. */
export const Public = (): MethodDecorator & ClassDecorator => Access('public');
