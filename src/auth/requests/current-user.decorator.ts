import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { requestOf } from './http-request.js';
import type { Principal } from './principal.js';

/**
 * The {@link Principal} of the request; `null` on a route with `@OptionalIdentity()` and nobody there. Where a guard of the
 * host is asked too, whatever that guard or the option `passport.user` has put on `request.user`.
 */
export const CurrentUser: () => ParameterDecorator = createParamDecorator(
  (_: unknown, context: ExecutionContext): Principal | null =>
    (requestOf(context).user as Principal | undefined) ?? null,
);
