import { AnonymousException } from '../../common/errors.js';
import type { AccessLevel } from './access-level.js';
import { type HttpRequest, isSafe } from './http-request.js';
import type { AuthenticatedRequest } from './request-authenticator.js';

/** @throws AnonymousException `UNAUTHORIZED`, `UPGRADE_REQUIRED`, `USER_IS_NOT_ANONYMOUS` */
export function permit(
  level: AccessLevel,
  request: HttpRequest,
  authenticated: AuthenticatedRequest | undefined,
): void {
  if (level === 'optional') return;
  if (!authenticated) {
    if (level === 'ensure' && !isSafe(request)) return;
    throw new AnonymousException('UNAUTHORIZED');
  }
  const { isAnonymous } = authenticated.session.user;
  if (level === 'account' && isAnonymous) throw new AnonymousException('UPGRADE_REQUIRED');
  if (level === 'guest' && !isAnonymous) throw new AnonymousException('USER_IS_NOT_ANONYMOUS');
}
