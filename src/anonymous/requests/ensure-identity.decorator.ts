import { applyDecorators, UseInterceptors } from '@nestjs/common';
import { guarded, type IdentityOptions } from '../../auth/requests/access.decorators.js';
import { RetryAfterInterceptor } from '../../auth/responses/retry-after.interceptor.js';
import { EnsureIdentityInterceptor } from './ensure-identity.interceptor.js';

/**
 * A live identity for certain: an unsafe request without one gets a guest on the spot, and the handler runs as that
 * guest. If the handler fails, the guest and its cookie go again. Reading requests without an identity get 401.
 * An `Idempotency-Key` header makes parallel first requests share one guest. In a host with its own login
 * `@EnsureIdentity({ or: AuthGuard('jwt') })` takes the host's own users as they are and issues a guest for nobody else.
 */
export const EnsureIdentity = (options?: IdentityOptions): MethodDecorator & ClassDecorator =>
  applyDecorators(
    guarded('ensure', options),
    UseInterceptors(RetryAfterInterceptor, EnsureIdentityInterceptor),
  );
