import { applyDecorators, UseGuards } from '@nestjs/common';
import { Access, type AccessLevel } from './access-level.js';
import { SessionGuard } from './session.guard.js';

export function guarded(level: AccessLevel): MethodDecorator & ClassDecorator {
  return applyDecorators(Access(level), UseGuards(SessionGuard));
}

/** Accounts only. Nobody gets 401 `UNAUTHORIZED`; a guest gets 403 `UPGRADE_REQUIRED`. */
export const AccountOnly = (): MethodDecorator & ClassDecorator => guarded('account');

/** Guests only. Nobody gets 401 `UNAUTHORIZED`; an account gets 403 `USER_IS_NOT_ANONYMOUS`. */
export const GuestOnly = (): MethodDecorator & ClassDecorator => guarded('guest');

/** Everybody. `@CurrentUser()` is `null` without a live session. */
export const OptionalIdentity = (): MethodDecorator & ClassDecorator => guarded('optional');

/** Everybody, and nobody is asked who they are: the request costs no statement. For apps that guard everything globally. */
export const Public = (): MethodDecorator & ClassDecorator => Access('public');
