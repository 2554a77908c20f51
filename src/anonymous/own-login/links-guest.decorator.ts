import { applyDecorators, UseInterceptors } from '@nestjs/common';
import { LinksGuestInterceptor } from './links-guest.interceptor.js';
import { LinksGuestMark } from './links-guest.mark.js';
import type { LinksGuestOptions } from './links-guest.options.js';

/**
 * For the host's own login route or OAuth callback: brings the guest along whose cookie or bearer token comes with the
 * request, as a sign-in of this library does. After the handler has succeeded the link is recorded durably, the merge
 * starts, and the answer waits for it within `linking.budget`. When the account takes the guest over, the guest's cookie is
 * cleared. A login never fails because linking did, except by the policy `refuse`: 409 `LINK_REFUSED`, before the handler
 * runs when a guard has named the user by then. Nothing is linked when the handler fails, or another site sent the request.
 */
export const LinksGuest = <Answer = unknown>(
  options: LinksGuestOptions<Answer> = {},
): MethodDecorator =>
  applyDecorators(
    LinksGuestMark(options as LinksGuestOptions),
    UseInterceptors(LinksGuestInterceptor),
  );
